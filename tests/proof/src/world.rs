//! A world to test in: the local cloud, a clock that only moves when nobody has anything to do, and function processes
//! that can be killed.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::time::{Duration, SystemTime};

use aws::config::Config;
use aws::{Clock, Meter};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use hosted_connection::{IdempotencyKey, ParentConnection};
use lambda_runtime::{Context, Diagnostic, LambdaEvent};
use ledger::{Services, Table};
use local_cloud::{Builder, Cloud};
use serde_json::Value;
use serde_json::value::to_raw_value;

use crate::orders;
use crate::sabotage::Sabotage;
use crate::wire::Wire;

/// 2026-01-02T03:04:05Z.
const START: Duration = Duration::from_secs(1_767_323_045);
/// The function's time-out in `template.yaml`.
pub const TIMEOUT: Duration = Duration::from_secs(30);
/// A queue's visibility time-out is longer; this is long enough for leases and settle times to be over.
const REDELIVERY: Duration = Duration::from_secs(60);

/// One account, one function, and its callers. Has to be made inside a tokio runtime whose clock is paused.
#[derive(Debug)]
pub struct World {
    /// What the function takes for AWS.
    pub cloud: Cloud,
    /// What lies between the two.
    pub(crate) wire: Wire,
    clock: Clock,
    config: Config,
    /// What the functions go by in place of the table of transitions that holds.
    table: Option<Table>,
    invocations: Cell<u32>,
    /// What the invocations so far wrote, if that is kept.
    metrics: Option<RefCell<Vec<Value>>>,
    /// Events that were held against the contract.
    checked: Cell<usize>,
    breaches: RefCell<Vec<String>>,
}

/// The functions there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Program {
    /// Orders.
    Allocate,
    /// Questions.
    Inspect,
    /// Releases.
    Release,
    /// The schedule.
    Track,
}

/// What came of an invocation.
#[derive(Debug, Clone, PartialEq)]
pub enum Invocation {
    /// The function's answer.
    Answered(Value),
    /// A failed invocation, as Lambda reports it.
    Failed {
        /// Lambda's `errorType`.
        error_type: String,
        /// Lambda's `errorMessage`.
        error_message: String,
    },
    /// The process was killed before it answered.
    Killed,
}

impl fmt::Display for Invocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answered(answer) => write!(f, "the answer {answer}"),
            Self::Failed {
                error_type,
                error_message,
            } => write!(f, "the failed invocation {error_type}: {error_message}"),
            Self::Killed => f.write_str("a killed process"),
        }
    }
}

impl Invocation {
    /// The answer.
    ///
    /// # Panics
    /// When there is none.
    #[expect(clippy::panic, reason = "for tests, where panicking is how they fail")]
    pub fn answer(self) -> Value {
        match self {
            Self::Answered(answer) => answer,
            other => panic!("no answer: {other:?}"),
        }
    }

    /// Whether nothing more would come of asking again.
    #[must_use]
    pub fn is_final(&self) -> bool {
        match self {
            Self::Answered(answer) => {
                match (answer.get("batchItemFailures"), answer.get("statusCode")) {
                    (Some(failures), _) => failures.as_array().is_some_and(Vec::is_empty),
                    (None, Some(status)) => {
                        ![409, 429, 500, 503].contains(&status.as_u64().unwrap_or_default())
                    }
                    (None, None) => true,
                }
            }
            Self::Failed { .. } | Self::Killed => false,
        }
    }
}

impl Default for World {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for World {
    /// A breach of the contract fails the test it happened in, whatever that test is about.
    fn drop(&mut self) {
        let breaches = self.breaches();
        assert!(
            breaches.is_empty() || std::thread::panicking(),
            "the contract is broken: {breaches:#?}"
        );
    }
}

impl World {
    /// The local cloud as it is by default.
    #[must_use]
    pub fn new() -> Self {
        Self::with(|builder| builder, &[])
    }

    /// A local cloud as `configure` makes it, and a function with more environment variables.
    ///
    /// # Panics
    /// When the local cloud cannot start or the variables are no configuration.
    #[must_use]
    #[expect(
        clippy::expect_used,
        reason = "a world that cannot be made is a broken test"
    )]
    pub fn with(configure: impl FnOnce(Builder) -> Builder, env: &[(&str, &str)]) -> Self {
        let start = SystemTime::UNIX_EPOCH + START;
        let builder = Cloud::builder().clock(local_cloud::Clock::following_tokio(start));
        let cloud = configure(builder).build().expect("the local cloud starts");
        let own = [
            ("ALLOCATIONS_TABLE_NAME", cloud.table_name()),
            ("EVENT_BUS_NAME", cloud.bus_name()),
            ("AWS_REGION", cloud.region()),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
        ];
        let lookup = |name: &str| {
            let mut all = env.iter().chain(&own);
            all.find(|(known, _)| *known == name)
                .map(|(_, value)| (*value).to_owned())
        };
        let config = Config::from_lookup(lookup).expect("the environment is complete");
        Self {
            wire: Wire::new(cloud.clone()),
            cloud,
            clock: Clock::virtual_from(start),
            config,
            table: None,
            invocations: Cell::new(0),
            metrics: None,
            checked: Cell::new(0),
            breaches: RefCell::default(),
        }
    }

    /// The same world, in which metrics are kept.
    #[must_use]
    pub fn measured(mut self) -> Self {
        self.metrics = Some(RefCell::default());
        self
    }

    /// The metrics that were written since this was last asked, one document per invocation that wrote one.
    #[must_use]
    pub fn take_metrics(&self) -> Vec<Value> {
        self.metrics.as_ref().map(RefCell::take).unwrap_or_default()
    }

    /// X-Ray's header for the invocation of the process of that name.
    #[must_use]
    pub fn trace_of(worker: &str) -> String {
        format!("Root=1-69573d25-{worker};Parent=53995c3f42cd8ad8;Sampled=1")
    }

    /// The same world with a function that lacks one safeguard.
    #[must_use]
    pub fn without(mut self, sabotage: Option<Sabotage>) -> Self {
        if sabotage == Some(Sabotage::SettleTime) {
            self.config.rules.settle = Duration::ZERO;
        }
        self.wire = self.wire.clone().sabotaged(sabotage);
        self.table = sabotage.and_then(Sabotage::table);
        self
    }

    /// The same world with a function that goes by another table of transitions.
    #[must_use]
    pub fn going_by(mut self, table: Table) -> Self {
        self.table = Some(table);
        self
    }

    /// The time that all functions here go by, in milliseconds since the Unix epoch.
    pub(crate) fn now_ms(&self) -> u64 {
        self.clock.now_ms()
    }

    /// What every function here is configured with.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The clients as the function builds them. `worker` is how the cloud's faults and request records know them.
    #[must_use]
    pub fn aws(&self, worker: &str) -> Services {
        self.services(self.cloud.http_client_as(worker), Meter::default())
    }

    pub(crate) fn services(&self, http: SharedHttpClient, meter: Meter) -> Services {
        let mut aws = Services::metered(&self.config, http, self.clock.clone(), meter);
        if let Some(table) = &self.table {
            aws.ledger = aws.ledger.going_by(table.clone());
        }
        aws
    }

    /// A fresh process of the function, for tests that invoke it in a way of their own.
    pub fn function(&self, worker: &str) -> allocate::Function {
        allocate::Function::new(self.aws(worker), &self.config)
    }

    /// One run of the schedule, in a fresh process.
    pub async fn track(&self) -> Invocation {
        self.invoke_program(Program::Track, &orders::schedule())
            .await
    }

    /// One request to release the connection of `key`, in a fresh process.
    pub async fn release(&self, key: &str) -> Invocation {
        self.invoke_program(Program::Release, &orders::delete(key))
            .await
    }

    /// One run of `operator adopt` in a process of that name. Whether all that was wanted is adopted or refused.
    pub async fn adopt(&self, worker: &str, wanted: adoption::Wanted) -> bool {
        self.adopt_on(worker, orders::PARENT, wanted).await
    }

    /// The same on another parent.
    pub async fn adopt_on(&self, worker: &str, parent: &str, wanted: adoption::Wanted) -> bool {
        let aws = self.services(self.wire.client(worker), Meter::default());
        let work = async {
            let parent = ParentConnection::parse(parent).ok()?;
            let mut plan = adoption::Plan::of(&aws, &parent, &wanted).await.ok()?;
            let name = format!("request-of-{worker}");
            let adopter = adoption::Adopter::new(aws.clone(), self.config.rules.clone(), name);
            let report = adopter.carry_out(&mut plan, &|_| {}).await;
            report.failed.is_none().then_some(())
        };
        matches!(
            self.cloud.run_until_killed(worker, work).await,
            Some(Some(()))
        )
    }

    /// One run of `operator forget` in a process of that name. Whether the record is gone, or is to stay.
    pub async fn forget(&self, worker: &str, key: &str) -> bool {
        let aws = self.services(self.wire.client(worker), Meter::default());
        let work = async {
            let key = IdempotencyKey::from_stored(key);
            let Some(record) = aws.ledger.record(&key).await.ok()? else {
                return Some(());
            };
            adoption::forget(&aws, &record).await.ok().map(|_| ())
        };
        matches!(
            self.cloud.run_until_killed(worker, work).await,
            Some(Some(()))
        )
    }

    /// One invocation of any function, in a fresh process.
    pub async fn invoke_program(&self, program: Program, event: &Value) -> Invocation {
        let worker = self.next_worker();
        self.invoke_program_as(&worker, program, event).await
    }

    /// One invocation of any function, in a fresh process of that name.
    pub async fn invoke_program_as(
        &self,
        worker: &str,
        program: Program,
        event: &Value,
    ) -> Invocation {
        let http = self.wire.client(worker);
        self.run(worker, program, http, event, TIMEOUT).await
    }

    pub(crate) fn next_worker(&self) -> String {
        let number = self.invocations.replace(self.invocations.get() + 1);
        format!("worker-{number}")
    }

    /// One invocation in a fresh process.
    pub async fn invoke(&self, event: &Value) -> Invocation {
        self.invoke_as(&self.next_worker(), event, TIMEOUT).await
    }

    /// One invocation in a fresh process of that name, which ends after `timeout` whatever it does.
    pub async fn invoke_as(&self, worker: &str, event: &Value, timeout: Duration) -> Invocation {
        let http = self.wire.client(worker);
        self.run(worker, Program::Allocate, http, event, timeout)
            .await
    }

    /// One invocation in a fresh process that reaches AWS through `http`.
    pub async fn invoke_through(&self, http: SharedHttpClient, event: &Value) -> Invocation {
        self.invoke_program_through(http, Program::Allocate, event)
            .await
    }

    /// One invocation of any function, in a fresh process that reaches AWS through `http`.
    pub async fn invoke_program_through(
        &self,
        http: SharedHttpClient,
        program: Program,
        event: &Value,
    ) -> Invocation {
        self.run("through", program, http, event, TIMEOUT).await
    }

    async fn run(
        &self,
        worker: &str,
        program: Program,
        http: SharedHttpClient,
        event: &Value,
        timeout: Duration,
    ) -> Invocation {
        let meter = match self.metrics {
            Some(_) => Meter::keeping(),
            None => Meter::default(),
        };
        let aws = self.services(http, meter.clone());
        let Ok(payload) = to_raw_value(event) else {
            return Invocation::Killed;
        };
        let mut context = Context::default();
        context.request_id = format!("request-of-{worker}");
        context.xray_trace_id = Some(Self::trace_of(worker));
        context.deadline =
            self.clock.now_ms() + u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX);
        let asked = event;
        let event = LambdaEvent::new(payload, context);
        let config = &self.config;
        let work = async {
            match program {
                Program::Allocate => allocate::Function::new(aws, config).handle(event).await,
                Program::Inspect => inspect::Function::new(aws, config).handle(event).await,
                Program::Release => release::Function::new(aws, config).handle(event).await,
                Program::Track => track::Function::new(aws, config).handle(event).await,
            }
        };
        // Lambda kills what is still running at the deadline.
        let ended = tokio::time::timeout(timeout, self.cloud.run_until_killed(worker, work)).await;
        if let Some(metrics) = &self.metrics {
            let lines = meter.kept().into_iter();
            let documents = lines.map(|line| serde_json::from_str(&line).unwrap_or_default());
            metrics.borrow_mut().extend(documents);
        }
        let invocation = match ended {
            Ok(Some(Ok(answer))) => {
                Invocation::Answered(serde_json::from_str(answer.get()).unwrap_or_default())
            }
            Ok(Some(Err(Diagnostic {
                error_type,
                error_message,
            }))) => Invocation::Failed {
                error_type,
                error_message,
            },
            Ok(None) | Err(_) => Invocation::Killed,
        };
        self.hold_against_the_contract(asked, &invocation);
        invocation
    }

    /// Whatever any test has a function answer has to be as the contract's files say; so has all that is published.
    pub fn hold_against_the_contract(&self, asked: &Value, invocation: &Invocation) {
        let answered = match invocation {
            Invocation::Answered(answer) => contracts::check::answer(asked, answer),
            Invocation::Failed {
                error_type,
                error_message,
            } => contracts::check::failure(error_type, error_message),
            Invocation::Killed => Ok(()),
        };
        self.breaches.borrow_mut().extend(answered.err());
    }

    /// What was answered or published and is not as the contract says, since this was last asked. Who asks has to make
    /// something of it.
    #[must_use]
    pub fn breaches(&self) -> Vec<String> {
        let events = self.cloud.events_after(self.checked.get());
        self.checked.set(self.checked.get() + events.len());
        let published = events.iter().map(|event| {
            contracts::check::published(
                &event.source,
                &event.detail_type,
                &event.resources,
                &event.detail,
            )
        });
        let mut breaches = self.breaches.take();
        breaches.extend(published.filter_map(Result::err));
        breaches
    }

    /// Delivers `event` again and again, as a queue would, until the answer is final.
    ///
    /// # Panics
    /// When it never is.
    #[expect(clippy::panic, reason = "for tests, where panicking is how they fail")]
    pub async fn deliver_until_final(&self, event: &Value) -> Value {
        match self.deliver(event, REDELIVERY, 12).await {
            Some((Invocation::Answered(answer), _)) => answer,
            _ => panic!("never final; requests: {:#?}", self.cloud.requests()),
        }
    }

    /// Delivers `event` up to `most` times, `pause` apart: the final invocation and how many it took.
    pub async fn deliver(
        &self,
        event: &Value,
        pause: Duration,
        most: u32,
    ) -> Option<(Invocation, u32)> {
        for delivery in 1..=most {
            let invocation = self.invoke(&orders::delivered(event, delivery)).await;
            if invocation.is_final() {
                return Some((invocation, delivery));
            }
            tokio::time::sleep(pause).await;
        }
        None
    }

    /// The `detail` of each event on the bus, in order.
    #[must_use]
    pub fn details(&self) -> Vec<Value> {
        self.cloud
            .events()
            .into_iter()
            .map(|event| event.detail)
            .collect()
    }

    /// The table's items whose partition key begins with `prefix`, as DynamoDB JSON.
    #[must_use]
    pub fn items(&self, prefix: &str) -> Vec<Value> {
        let items = self.cloud.table_items().unwrap_or_default();
        let of_prefix = |item: &Value| {
            item["pk"]["S"]
                .as_str()
                .is_some_and(|pk| pk.starts_with(prefix))
        };
        items.into_iter().filter(of_prefix).collect()
    }
}
