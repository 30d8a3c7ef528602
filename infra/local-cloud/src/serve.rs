//! The way in over HTTP/1.1: all services on one address, for `sam local invoke`, the Lambda emulator, the AWS CLI and
//! any SDK. Faults are what a network would do: a reset connection, a body that ends early, silence.

use std::{
    convert::Infallible,
    future::{Future, poll_fn},
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use futures_util::stream::{self, StreamExt};
use http::{Request, Response, header::CONTENT_LENGTH};
use http_body_util::{BodyExt, Full, Limited, StreamBody, combinators::UnsyncBoxBody};
use hyper::{
    body::{Frame, Incoming},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
};

use crate::{Cloud, Reply};

/// Answers requests that are for none of the services, such as `POST /allocations`.
pub type Route = Arc<
    dyn Fn(Request<Bytes>) -> Pin<Box<dyn Future<Output = Response<Body>> + Send>> + Send + Sync,
>;

/// DynamoDB's limit, the largest of the services'.
const MOST_BYTES: usize = 16 * 1024 * 1024;

/// How long half an answer is given to leave before the connection breaks.
const CUT_PAUSE: Duration = Duration::from_millis(50);

/// A response's body, which may go on for as long as somebody reads it.
pub type Body = UnsyncBoxBody<Bytes, io::Error>;

impl Cloud {
    /// Serves on `listener` until the future is dropped, which also ends all connections. Requests without
    /// `X-Amz-Target` go to `other`.
    ///
    /// # Errors
    /// The listener fails.
    pub async fn serve(
        &self,
        listener: TcpListener,
        other: Option<Route>,
    ) -> io::Result<Infallible> {
        let mut connections = JoinSet::new();
        loop {
            let (stream, _) = listener.accept().await?;
            // What is streamed comes in small pieces: none waits for another to fill a packet.
            drop(stream.set_nodelay(true));
            connections.spawn(serve_connection(self.clone(), other.clone(), stream));
            while connections.try_join_next().is_some() {}
        }
    }

    async fn answer(
        &self,
        request: Request<Bytes>,
        other: Option<&Route>,
        reset: &AtomicBool,
    ) -> io::Result<Response<Body>> {
        match other {
            Some(route) if !request.headers().contains_key("x-amz-target") => {
                Ok(route(request).await)
            }
            Some(_) | None => sent(self.handle(request).await, reset).await,
        }
    }
}

async fn serve_connection(cloud: Cloud, other: Option<Route>, stream: TcpStream) {
    let reset = Arc::new(AtomicBool::new(false));
    let service = service_fn(|request: Request<Incoming>| {
        let (cloud, other, reset) = (cloud.clone(), other.clone(), reset.clone());
        Box::pin(async move {
            let (head, body) = request.into_parts();
            let body = Limited::new(body, MOST_BYTES).collect().await;
            let body = body.map_err(io::Error::other)?.to_bytes();
            cloud
                .answer(Request::from_parts(head, body), other.as_ref(), &reset)
                .await
        })
    });
    let mut connection = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    let result = poll_fn(|context| connection.poll_without_shutdown(context)).await;
    let stream = connection.into_parts().io.into_inner();
    if reset.load(Ordering::Relaxed) {
        // Without lingering, closing sends RST in place of FIN. If that cannot be had, FIN is nearly as rude.
        stream.set_zero_linger().ok();
    }
    // Whatever ended the connection, client or fault, there is nobody left to tell.
    drop((result, stream));
}

async fn sent(reply: Reply, reset: &AtomicBool) -> io::Result<Response<Body>> {
    match reply {
        Reply::Answer(response) => {
            Ok(response.map(|body| Full::new(body).map_err(never).boxed_unsync()))
        }
        Reply::Cut(response) => Ok(cut(response)),
        // The connection has been made, so refusing it is no longer possible; a reset comes closest.
        Reply::Refused | Reply::Reset => {
            reset.store(true, Ordering::Relaxed);
            Err(io::Error::from(io::ErrorKind::ConnectionReset))
        }
        // Somebody else's process cannot be killed from here. It gets no answer, and can be killed while it waits.
        Reply::Hang | Reply::Killed => std::future::pending().await,
    }
}

/// The head promises the whole body, half of it comes, then the connection ends.
fn cut(response: Response<Bytes>) -> Response<Body> {
    let (mut head, whole) = response.into_parts();
    head.headers.insert(CONTENT_LENGTH, whole.len().into());
    let half = whole.slice(..whole.len() / 2);
    let end = async {
        tokio::time::sleep(CUT_PAUSE).await;
        Err(io::Error::from(io::ErrorKind::UnexpectedEof))
    };
    let frames = stream::iter([Ok(Frame::data(half))]).chain(stream::once(end));
    Response::from_parts(head, StreamBody::new(frames).boxed_unsync())
}

fn never(never: Infallible) -> io::Error {
    match never {}
}
