//! A world to test in: the local cloud, a clock that only moves when nobody has anything to do, and function processes
//! that can be killed.

use std::cell::Cell;
use std::time::{Duration, SystemTime};

use allocate::Function;
use aws::config::Config;
use aws::{Aws, Clock};
use lambda_runtime::{Context, Diagnostic, LambdaEvent};
use local_cloud::{Builder, Cloud};
use serde_json::Value;
use serde_json::value::to_raw_value;

use crate::meddler::Meddler;

/// 2026-01-02T03:04:05Z.
const START: Duration = Duration::from_secs(1_767_323_045);
/// The function's time-out in `template.yaml`.
pub(crate) const TIMEOUT: Duration = Duration::from_secs(30);
/// What a queue's visibility time-out, or an HTTP caller's patience, waits before it asks again.
const REDELIVERY: Duration = Duration::from_secs(60);

pub(crate) struct World {
    pub(crate) cloud: Cloud,
    clock: Clock,
    env: Vec<(String, String)>,
    invocations: Cell<u32>,
}

/// What came of an invocation.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Invocation {
    Answered(Value),
    Failed {
        error_type: String,
        error_message: String,
    },
    /// The process was killed before it answered.
    Killed,
}

impl Invocation {
    pub(crate) fn answer(self) -> Value {
        match self {
            Self::Answered(answer) => answer,
            other => panic!("no answer: {other:?}"),
        }
    }

    /// Whether nothing more would come of asking again.
    pub(crate) fn is_final(&self) -> bool {
        match self {
            Self::Answered(answer) => {
                match (answer.get("batchItemFailures"), answer.get("statusCode")) {
                    (Some(failures), _) => failures.as_array().is_some_and(Vec::is_empty),
                    (None, Some(status)) => {
                        ![409, 429, 500, 503].contains(&status.as_u64().unwrap())
                    }
                    (None, None) => true,
                }
            }
            Self::Failed { .. } | Self::Killed => false,
        }
    }
}

impl World {
    /// The local cloud as it is by default.
    pub(crate) fn new() -> Self {
        Self::with(|builder| builder, &[])
    }

    /// A local cloud as `configure` makes it, and a function with more environment variables.
    pub(crate) fn with(configure: impl FnOnce(Builder) -> Builder, env: &[(&str, &str)]) -> Self {
        let start = SystemTime::UNIX_EPOCH + START;
        let builder = Cloud::builder().clock(local_cloud::Clock::following_tokio(start));
        let cloud = configure(builder).build().expect("the local cloud starts");
        let mut all: Vec<(String, String)> = env
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).into()))
            .collect();
        all.extend([
            ("ALLOCATIONS_TABLE_NAME".into(), cloud.table_name().into()),
            ("EVENT_BUS_NAME".into(), cloud.bus_name().into()),
            ("AWS_REGION".into(), cloud.region().into()),
            ("AWS_ACCESS_KEY_ID".into(), "test".into()),
            ("AWS_SECRET_ACCESS_KEY".into(), "test".into()),
        ]);
        Self {
            cloud,
            clock: Clock::virtual_from(start),
            env: all,
            invocations: Cell::new(0),
        }
    }

    /// The clients as the function builds them.
    pub(crate) fn aws(&self, worker: &str) -> Aws {
        Aws::new(
            &self.config(),
            self.cloud.http_client_as(worker),
            self.clock.clone(),
        )
    }

    fn config(&self) -> Config {
        let lookup = |name: &str| {
            self.env
                .iter()
                .find(|(known, _)| known == name)
                .map(|(_, value)| value.clone())
        };
        Config::from_lookup(lookup).expect("the test's environment is complete")
    }

    /// A fresh process of the function. `worker` is how the cloud's faults and request records know it.
    pub(crate) fn function(&self, worker: &str) -> Function {
        Function::new(self.aws(worker), &self.config())
    }

    /// One invocation in a fresh process with a meddler on its wire.
    pub(crate) async fn invoke_with(&self, meddler: Meddler, event: &Value) -> Invocation {
        let http = meddler.between(self.cloud.http_client_as("meddled"));
        let config = self.config();
        let function = Function::new(Aws::new(&config, http, self.clock.clone()), &config);
        self.run("meddled", function, event, TIMEOUT).await
    }

    /// One invocation in a fresh process.
    pub(crate) async fn invoke(&self, event: &Value) -> Invocation {
        let worker = format!(
            "worker-{}",
            self.invocations.replace(self.invocations.get() + 1)
        );
        self.invoke_as(&worker, event, TIMEOUT).await
    }

    /// One invocation in a fresh process of that name, which ends after `timeout` whatever it does.
    pub(crate) async fn invoke_as(
        &self,
        worker: &str,
        event: &Value,
        timeout: Duration,
    ) -> Invocation {
        self.run(worker, self.function(worker), event, timeout)
            .await
    }

    async fn run(
        &self,
        worker: &str,
        function: Function,
        event: &Value,
        timeout: Duration,
    ) -> Invocation {
        let payload = to_raw_value(event).unwrap();
        let mut context = Context::default();
        context.request_id = format!("request-of-{worker}");
        context.deadline = self.clock.now_ms() + u64::try_from(timeout.as_millis()).unwrap();
        let work = function.handle(LambdaEvent::new(payload, context));
        // Lambda kills what is still running at the deadline.
        let process = tokio::time::timeout(timeout, self.cloud.run_until_killed(worker, work));
        match process.await {
            Ok(Some(Ok(answer))) => {
                Invocation::Answered(serde_json::from_str(answer.get()).unwrap())
            }
            Ok(Some(Err(Diagnostic {
                error_type,
                error_message,
            }))) => Invocation::Failed {
                error_type,
                error_message,
            },
            Ok(None) | Err(_) => Invocation::Killed,
        }
    }

    /// Delivers `event` again and again, as a queue or a patient caller would, until the answer is final.
    pub(crate) async fn deliver_until_final(&self, event: &Value) -> Value {
        for _ in 0..12 {
            let invocation = self.invoke(event).await;
            if invocation.is_final() {
                return invocation.answer();
            }
            tokio::time::sleep(REDELIVERY).await;
        }
        panic!(
            "not final after twelve deliveries; requests: {:#?}",
            self.cloud.requests()
        );
    }

    /// The `detail` of each event on the bus, in order.
    pub(crate) fn details(&self) -> Vec<Value> {
        self.cloud
            .events()
            .into_iter()
            .map(|event| event.detail)
            .collect()
    }

    /// The table's items whose partition key begins with `prefix`, as DynamoDB JSON.
    pub(crate) fn items(&self, prefix: &str) -> Vec<Value> {
        let items = self.cloud.table_items().unwrap();
        items
            .into_iter()
            .filter(|item| item["pk"]["S"].as_str().unwrap().starts_with(prefix))
            .collect()
    }
}
