//! A console on a local cloud, asked without a socket.

use std::sync::Arc;

use allocation::{Allocator, Deadline, Delivery};
use aws::{Clock, Config};
use axum::Router;
use axum::body::Body;
use bytes::Bytes;
use hosted_connection::{KeySource, Order, Origin};
use http::{Method, Request, Response};
use http_body_util::BodyExt;
use ledger::Services;
use local_cloud::{Cloud, QueueSettings};
use queues::Queues;
use serde_json::{Value, json};
use tower::ServiceExt;
use web_console::{Bench, Home, Hosts, QueueUrls};

pub(crate) const PARENT: &str = "dxcon-ffabc123";
pub(crate) const HOST: &str = "127.0.0.1:4599";

/// A console.
pub(crate) struct Site {
    pub(crate) cloud: Cloud,
    pub(crate) router: Router,
}

/// An answer.
pub(crate) struct Told {
    pub(crate) status: u16,
    pub(crate) head: http::HeaderMap,
    pub(crate) body: String,
}

impl Told {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.head
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// The token of the page's forms.
    pub(crate) fn token(&self) -> String {
        let (_, after) = self.body.split_once(r#"name="token" value=""#).unwrap();
        after.split('"').next().unwrap().to_owned()
    }
}

fn config(cloud: &Cloud) -> Config {
    let environment = cloud.environment();
    let lookup = |name: &str| {
        let found = environment.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| value.clone())
    };
    Config::from_lookup(lookup).unwrap()
}

impl Site {
    /// With everything that a console can do.
    pub(crate) fn local() -> Self {
        Self::new(true, true)
    }

    pub(crate) fn new(is_local: bool, actions: bool) -> Self {
        let cloud = Cloud::builder().build().unwrap();
        cloud
            .create_queue(QueueSettings::new("orders-dlq"))
            .unwrap();
        let settings = QueueSettings::new("orders").dead_letter("orders-dlq", 1);
        let orders = cloud.create_queue(settings).unwrap();
        let config = config(&cloud);
        let clock = Clock::system();
        let door = |request: Request<Bytes>| {
            let asked = json!({"detail": format!("{} {}", request.method(), request.uri())});
            let answer = Response::new(Bytes::from(asked.to_string()));
            Box::pin(async move { answer }) as std::pin::Pin<Box<dyn Future<Output = _> + Send>>
        };
        let home = Home {
            name: "a test".to_owned(),
            aws: Services::new(&config, cloud.http_client_aside(), clock.clone()),
            acting: Services::new(&config, cloud.http_client_as("console"), clock.clone()),
            queues: Queues::new(&config, cloud.http_client_aside(), clock),
            urls: QueueUrls {
                orders: Some(orders.url()),
                releases: None,
            },
            bench: is_local.then(|| Bench {
                cloud: cloud.clone(),
                orders,
                door: Arc::new(door),
            }),
            config,
            actions,
        };
        let address = HOST.parse().unwrap();
        let (console, keeper) = web_console::open(home, Hosts::of(address, &[]));
        tokio::spawn(keeper.run());
        Self {
            cloud,
            router: console.router(),
        }
    }

    /// Has the order done by the functions' own code.
    pub(crate) async fn place(&self, body: &Value) {
        let config = config(&self.cloud);
        let aws = Services::new(
            &config,
            self.cloud.http_client_as("allocate"),
            Clock::system(),
        );
        let deadline = Deadline::at_ms(aws.clock.now_ms() + 30_000);
        let delivery = Delivery {
            order: Order::parse(body.to_string().as_bytes(), KeySource::Body),
            origin: Origin::Direct {
                request_id: "<b>request</b>".into(),
                correlation_id: None,
            },
            group: None,
            trace: None,
            comes_again: false,
            held: None,
        };
        let allocator = Allocator::new(aws, config.rules);
        allocator.run(vec![delivery], deadline).await;
    }

    pub(crate) async fn ask(&self, request: Request<Body>) -> Told {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (head, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Told {
            status: head.status.as_u16(),
            head: head.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Told {
        self.ask(request(Method::GET, path, "")).await
    }

    /// Sends a form of the page.
    pub(crate) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Told {
        let token = self.get("/").await;
        let token = if token.body.contains(r#"name="token""#) {
            token.token()
        } else {
            self.get("/console/confirm?do=finish&parent=dxcon-ffabc123")
                .await
                .token()
        };
        let mut all = vec![("token", token.as_str())];
        all.extend(fields);
        self.ask(request(Method::POST, path, &form(&all))).await
    }

    /// The page, as soon as it says this.
    pub(crate) async fn until(&self, path: &str, text: &str) -> Told {
        for _ in 0..200 {
            let told = self.get(path).await;
            if told.body.contains(text) {
                return told;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("{path} never says {text}: {}", self.get(path).await.body);
    }
}

/// A request with the right host, and with a form if there is a body.
pub(crate) fn request(method: Method, path: &str, body: &str) -> Request<Body> {
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("host", HOST);
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    request.body(Body::from(body.to_owned())).unwrap()
}

pub(crate) fn form(fields: &[(&str, &str)]) -> String {
    let encoded = |text: &str| {
        percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
    };
    let fields = fields
        .iter()
        .map(|(name, value)| format!("{name}={}", encoded(value)));
    fields.collect::<Vec<_>>().join("&")
}

pub(crate) fn order(key: &str, vlan: u16, name: &str) -> Value {
    json!({
        "idempotencyKey": key, "connectionId": PARENT, "ownerAccount": "111122223333",
        "bandwidth": "100Mbps", "connectionName": name, "vlan": vlan,
        "tags": [{"key": "k\u{3000}\u{a0}", "value": "v"}],
    })
}
