//! Plays the script: the queue, API Gateway and Lambda around the real functions, with nobody waiting for real time.

mod afternoon;
mod evening;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use http::{Method, Request};
use local_cloud::{Clock, Cloud, HostedConnection, Queue, QueueSettings};
use serde_json::{
    Value,
    value::{RawValue, to_raw_value},
};
use tokio::time::Instant;

use super::{
    decision::{self, Decision},
    script::{self, Act, Again, Expected, Order, Scene},
    stopwatch::Stopwatch,
};
use crate::command::{
    failure::Failure,
    functions::{LocalFunctions, Name, Settings},
    gateway,
    happened::{Happened, Moment},
    view,
};

/// The queue's visibility timeout, as in template.yaml.
const VISIBILITY: Duration = Duration::from_secs(180);

/// Everything that the day needs.
pub(super) struct Stage {
    cloud: Cloud,
    queue: Queue,
    functions: LocalFunctions,
    /// How far the cloud's clock is ahead, in seconds.
    ahead: Arc<AtomicU64>,
    stopwatch: Stopwatch,
    /// Time spent in invocations.
    invoked: Duration,
    deliveries: Vec<Delivery>,
    answers: Vec<(Value, Value)>,
}

/// What has been played.
pub(super) struct Played {
    pub(super) cloud: Cloud,
    pub(super) deliveries: Vec<Delivery>,
    /// Every event that a function was invoked with, and its answer.
    pub(super) answers: Vec<(Value, Value)>,
    /// Messages left in the queue.
    pub(super) left_in_queue: usize,
    /// Time the functions took, without the cloud's.
    pub(super) own_time: Duration,
}

/// One order, delivered once.
pub(super) struct Delivery {
    pub(super) caption: &'static str,
    pub(super) key: Option<String>,
    /// The order as it was sent.
    pub(super) body: String,
    pub(super) expected: Option<Expected>,
    pub(super) decision: Decision,
    /// What its invocation has done, for all deliveries of the batch together.
    pub(super) happened: Arc<Happened>,
}

impl Delivery {
    /// The placement of an order by place.
    pub(super) fn placement(&self) -> Option<Value> {
        let mut request: Value = serde_json::from_str(&self.body).ok()?;
        let placement = request.get_mut("placement")?;
        Some(placement.take())
    }
}

impl Stage {
    /// Sets up a cloud in memory with the functions on it.
    pub(super) fn set() -> Result<Self, Failure> {
        let ahead = Arc::new(AtomicU64::new(0));
        let (system, seconds) = (Clock::system(), ahead.clone());
        let clock =
            Clock::new(move || system.now() + Duration::from_secs(seconds.load(Ordering::Relaxed)));
        let cloud = Cloud::builder()
            .clock(clock)
            .parents(script::parents())
            .build()?;
        let stopwatch = Stopwatch::default();
        let http = stopwatch.on(cloud.http_client());
        let settings = Settings {
            // The minutes between the scenes pass on the cloud's clock, not on the functions'.
            settle_seconds: "0".to_owned(),
            ..Settings::default()
        };
        Ok(Self {
            queue: cloud
                .create_queue(QueueSettings::new("orders").visibility_timeout(VISIBILITY))?,
            functions: LocalFunctions::start_over(&cloud, &settings, |_| http.clone())?,
            cloud,
            ahead,
            stopwatch,
            invoked: Duration::ZERO,
            deliveries: Vec::new(),
            answers: Vec::new(),
        })
    }

    /// Plays one scene.
    pub(super) async fn play(&mut self, scene: Scene) -> Result<(), Failure> {
        if let Some(fault) = scene.fault {
            self.cloud.inject(fault);
        }
        match scene.act {
            Act::SetPolicy { parent, policy } => {
                self.set_policy(scene.caption, parent, &policy).await
            }
            Act::Forecast(order) => self.forecast(scene.caption, order).await,
            Act::Release(again) => self.release(scene.caption, again).await,
            Act::Adopt(connections) => self.adopt(scene.caption, connections).await,
            Act::Track { meanwhile, changes } => {
                self.track(scene.caption, meanwhile, changes).await
            }
            Act::Send {
                orders,
                deletion_lost,
            } => self.send(scene.caption, orders, deletion_lost).await,
            Act::ComeAgain(expected) => self.come_again(scene.caption, &expected).await,
            Act::Post(order) => self.post(scene.caption, order).await,
        }
    }

    /// Ends the day.
    pub(super) fn end(self) -> Played {
        Played {
            left_in_queue: self.queue.bodies().len(),
            own_time: self.invoked.saturating_sub(self.stopwatch.total()),
            cloud: self.cloud,
            deliveries: self.deliveries,
            answers: self.answers,
        }
    }

    async fn send(
        &mut self,
        caption: &'static str,
        orders: Vec<Order>,
        deletion_lost: bool,
    ) -> Result<(), Failure> {
        for order in &orders {
            let attributes: Vec<_> = order
                .key
                .iter()
                .map(|key| ("Idempotency-Key", *key))
                .collect();
            self.queue.send(&order.body, &attributes, None)?;
        }
        let expected: Vec<_> = orders.iter().map(|order| order.expected).collect();
        // A queue delivers in no particular order, but this one does.
        self.deliver(caption, deletion_lost, |index, _| {
            expected.get(index).copied()
        })
        .await
    }

    async fn come_again(&mut self, caption: &'static str, orders: &[Again]) -> Result<(), Failure> {
        self.ahead
            .fetch_add(VISIBILITY.as_secs(), Ordering::Relaxed);
        let expected = |_, key: Option<&str>| {
            orders
                .iter()
                .find(|order| Some(order.key) == key)
                .map(|order| order.expected)
        };
        self.deliver(caption, false, expected).await
    }

    /// Does Lambda's work for one batch.
    async fn deliver(
        &mut self,
        caption: &'static str,
        deletion_lost: bool,
        expected: impl Fn(usize, Option<&str>) -> Option<Expected>,
    ) -> Result<(), Failure> {
        let Some(batch) = self.queue.next_batch(10)? else {
            return Ok(());
        };
        let (answer, happened) = self.invoke(&batch).await?;
        if !deletion_lost {
            self.queue.settle(&batch, answer.as_ref().ok())?;
        }
        let records = batch["Records"].as_array().map_or(&[][..], Vec::as_slice);
        for (index, record) in records.iter().enumerate() {
            let key = record["messageAttributes"]["Idempotency-Key"]["stringValue"].as_str();
            let decision = decision::of_message(record, &answer, &happened, self.first_answer(key));
            self.deliveries.push(Delivery {
                caption,
                key: key.map(str::to_owned),
                body: record["body"].as_str().unwrap_or_default().to_owned(),
                expected: expected(index, key),
                decision,
                happened: happened.clone(),
            });
        }
        Ok(())
    }

    async fn post(&mut self, caption: &'static str, order: Order) -> Result<(), Failure> {
        let decided = decision::of_response;
        self.posted(caption, "/allocations", order, decided).await
    }

    /// Posts the order to `uri`, and notes what that was `decided` to come to.
    async fn posted(
        &mut self,
        caption: &'static str,
        uri: &str,
        order: Order,
        decided: impl FnOnce(&Result<Value, String>, &Happened) -> Decision,
    ) -> Result<(), Failure> {
        let asked = self.http(Method::POST, uri, order.key, &order.body);
        let (answer, happened) = asked.await?;
        self.deliveries.push(Delivery {
            caption,
            key: order.key.map(str::to_owned),
            body: order.body,
            expected: Some(order.expected),
            decision: decided(&answer, &happened),
            happened,
        });
        Ok(())
    }

    /// Sends a request through API Gateway.
    async fn http(
        &mut self,
        method: Method,
        uri: &str,
        key: Option<&'static str>,
        body: &str,
    ) -> Result<(Result<Value, String>, Arc<Happened>), Failure> {
        let mut request = Request::new(Bytes::copy_from_slice(body.as_bytes()));
        *request.method_mut() = method;
        *request.uri_mut() = uri.parse().map_err(std::io::Error::other)?;
        if let Some(key) = key {
            request
                .headers_mut()
                .insert("idempotency-key", http::HeaderValue::from_static(key));
        }
        let event = gateway::event(&request, gateway::SENDER).map_err(std::io::Error::from)?;
        Ok(self.invoke_raw(event).await)
    }

    async fn invoke(
        &mut self,
        event: &Value,
    ) -> Result<(Result<Value, String>, Arc<Happened>), Failure> {
        let event = to_raw_value(event).map_err(std::io::Error::from)?;
        Ok(self.invoke_raw(event).await)
    }

    async fn invoke_raw(&mut self, event: Box<RawValue>) -> (Result<Value, String>, Arc<Happened>) {
        let before = Moment::now(&self.cloud);
        let started = Instant::now();
        let name = Name::for_event(&event);
        let asked = view::document(&event);
        let answer = self.functions.invoke(name, event).await;
        self.invoked += started.elapsed();
        if let Ok(answer) = &answer {
            self.answers.push((asked, view::document(answer)));
        }
        let answer = answer
            .map(|answer| view::document(&answer))
            .map_err(|failure| failure.error_message);
        (answer, Arc::new(before.since(&self.cloud)))
    }

    /// The connection that an earlier delivery of the key has led to.
    fn first_answer(&self, key: Option<&str>) -> Option<HostedConnection> {
        let earlier = self.cloud.events();
        let of_key = earlier.iter().find(|event| {
            event.detail["idempotencyKey"].as_str() == key && event.detail["connection"].is_object()
        })?;
        let id = of_key.detail["connection"]["connectionId"].as_str()?;
        self.cloud
            .connections()
            .into_iter()
            .find(|connection| connection.id == id)
    }
}
