//! The Lambda function that answers questions: what became of an order, which orders there are, what is on a parent.
//!
//! It only reads. Orders are shown as their callers may see them: nothing of claims, leases and tokens. What is on a
//! parent is what Direct Connect and the ledger say at this moment, and where the two disagree.

mod route;

mod list;
mod one;
mod parent;

mod allocation;
mod cursor;
mod status;

mod answer;
mod refusal;

use std::time::Duration;

use ::allocation::{Admission, Deadline, Looks};
use aws::config::Config;
use aws::metrics::Metric;
use doors::Refusal;
use doors::event::{self, Event};
use doors::failed::unless_json;
use doors::http::{Request, Response};
use hosted_connection::{Code, ParentConnection};
use lambda_runtime::Context;
use ledger::Services;
use serde_json::value::RawValue;

use crate::answer::Body;
use crate::route::Route;

pub use crate::allocation::Allocation;
pub use crate::parent::Unshown;
pub use crate::status::of as status;

/// What every refusal of an event tells its sender.
const EXPECTED: &str = "expected an API Gateway REST request (`httpMethod` and `requestContext`), or an API Gateway HTTP \
    or function URL request (`version` \"2.0\" and `requestContext.http`)";

/// The whole function; one per execution environment.
pub type Function = lambda::Function<Questions>;

/// Answers questions over HTTP; any other event fails the invocation with error type `UnknownEvent`.
pub struct Questions {
    aws: Services,
    admission: Admission,
}

impl lambda::Handler for Questions {
    /// Of the rules it goes by one only: whether callers are kept apart.
    fn new(aws: Services, config: &Config) -> Self {
        Self {
            admission: Admission::new(&aws, &config.rules),
            aws,
        }
    }

    async fn answer(&self, payload: &RawValue, context: &Context) -> lambda::Answer {
        match event::recognise(payload, EXPECTED)? {
            Event::Http(request) => {
                let request_id = request.id_or(&context.request_id);
                let answer = self.read(&request, context.deadline).await;
                if answer.as_ref().is_err_and(is_our_fault) {
                    self.aws.meter.count(Metric::Defects);
                }
                unless_json(&respond(answer, &request, request_id))
            }
            other @ (Event::Sqs(_) | Event::Bus(_) | Event::Sns(_) | Event::Other(_)) => {
                Err(other.not_taken(EXPECTED))
            }
        }
    }
}

impl Questions {
    async fn read(&self, request: &Request<'_>, deadline_ms: u64) -> Result<Body, Refusal> {
        let route = Route::of(request)?;
        let deadline = Deadline::at_ms(deadline_ms);
        let reading = async {
            let permit = self.admission.permit(|| request.sender(), deadline).await;
            let permit = permit.map_err(refusal::not_now)?;
            match route {
                Route::Allocation(key) => {
                    let visible = permit.visible(&key).map_err(refusal::of_nobody)?;
                    one::read(&self.aws, &visible).await
                }
                Route::Allocations(question) => {
                    let own = permit.only_own().map_err(refusal::of_nobody)?;
                    let until_ms = deadline_ms.saturating_sub(deadline.left_ms(self.now_ms()) / 2);
                    list::read(&self.aws, question, own, until_ms).await
                }
                Route::Parent(parent) => {
                    let own = permit.only_own().map_err(refusal::of_nobody)?;
                    let read = parent::read(&self.aws, &parent, own, &Looks::shared()).await;
                    Ok(read?)
                }
            }
        };
        // The future of a parent's two services side by side is large.
        let reading = Box::pin(reading);
        tokio::time::timeout(self.patience(deadline_ms), reading)
            .await
            .unwrap_or_else(|_| Err(too_slow()))
    }

    fn now_ms(&self) -> u64 {
        self.aws.clock.now_ms()
    }

    /// A tenth of the time is kept back, so that the answer gets out.
    fn patience(&self, deadline_ms: u64) -> Duration {
        let left = deadline_ms.saturating_sub(self.now_ms());
        Duration::from_millis(left / 10 * 9)
    }
}

fn is_our_fault(refusal: &Refusal) -> bool {
    refusal.code() == Code::Internal
}

/// What `GET /parents/{connectionId}` shows, for those who ask without the function. Whoever asks about several parents shares
/// the `looks` that tell what was moved between them.
///
/// # Errors
/// Direct Connect does not show the parent to us, or one of the services does not answer.
pub async fn parent_as_json(
    aws: &Services,
    parent: &ParentConnection,
    looks: &Looks,
) -> Result<String, Unshown> {
    let read = parent::read(aws, parent, None, looks);
    read.await.map(Body::into_json)
}

fn too_slow() -> Refusal {
    let detail = "The services that this one depends on took too long.";
    Refusal::for_now(Code::Unavailable, detail, 1)
}

/// One line in the log for each question; its path may hold a customer's words and is left out.
fn respond(answer: Result<Body, Refusal>, request: &Request<'_>, request_id: &str) -> Response {
    let response = match answer {
        Ok(body) => {
            tracing::info!(request.id = request_id, "the question is answered");
            answer::shown(body, &request.headers("if-none-match"))
        }
        Err(refusal) => {
            let code = refusal.code().as_str();
            tracing::info!(
                request.id = request_id,
                inspection.decision = code,
                "the question is not answered"
            );
            Response::refused(refusal, request_id)
        }
    };
    let response = response.not_to_be_stored();
    match request.method.as_str() {
        "HEAD" => response.without_body(),
        _ => response,
    }
}
