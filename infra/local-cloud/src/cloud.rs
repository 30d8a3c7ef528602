//! The cloud itself: what it is made of, its switches and what can be read from it.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use dynoxide::Database;
use serde_json::Value;

use crate::{
    BusEvent, Clock, CloudError, Fault, Gate, RequestRecord, Script, Units, Witness,
    control::{Control, Kills},
    direct_connect::Rules,
    dynamodb,
    random::Random,
    reply::{self, Answer, ApiError},
    request::{Call, Service},
    site::{Context, Site},
    state::{DataDir, State},
};

/// One fake AWS account in one region. Clones are the same cloud.
#[derive(Clone)]
pub struct Cloud(Arc<Parts>);

/// What a cloud is made of.
pub(crate) struct Parts {
    pub(crate) table_name: String,
    pub(crate) bus_name: String,
    pub(crate) site: Site,
    pub(crate) rules: Rules,
    pub(crate) clock: Clock,
    pub(crate) database: Database,
    /// Where the state is kept, if anywhere.
    pub(crate) data_dir: Option<DataDir>,
    pub(crate) state: Mutex<State>,
    pub(crate) control: Mutex<Control>,
    pub(crate) kills: Kills,
}

impl Cloud {
    /// A cloud that is made of these.
    pub(crate) fn of(parts: Parts) -> Self {
        Self(Arc::new(parts))
    }

    /// Name of the table, for `ALLOCATIONS_TABLE_NAME`.
    pub fn table_name(&self) -> &str {
        &self.0.table_name
    }

    /// Name of the event bus, for `EVENT_BUS_NAME`.
    pub fn bus_name(&self) -> &str {
        &self.0.bus_name
    }

    /// The region that everything is in.
    pub fn region(&self) -> &str {
        &self.0.site.region
    }

    /// What a function, or anything else that uses an SDK, finds in its environment, beside the cloud's address.
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        vec![
            ("AWS_REGION", self.region().to_owned()),
            // Signatures are not verified, but an SDK does not send a request without one.
            ("AWS_ACCESS_KEY_ID", "local".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "local".to_owned()),
            ("ALLOCATIONS_TABLE_NAME", self.table_name().to_owned()),
            ("EVENT_BUS_NAME", self.bus_name().to_owned()),
        ]
    }

    /// The partner's account.
    pub fn account(&self) -> &str {
        &self.0.site.account
    }

    /// Where timestamps come from.
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// Every item of the table, in DynamoDB's JSON, in an order that depends on nothing but the items.
    ///
    /// # Errors
    /// The engine cannot read its file.
    pub fn table_items(&self) -> Result<Vec<Value>, CloudError> {
        dynamodb::items(&self.0.database, &self.0.table_name)
    }

    /// Puts items into the table, in DynamoDB's JSON, past every request and check: a table of a million, quickly.
    ///
    /// # Errors
    /// One of them is no item of the table; then none is put.
    pub fn import_items(&self, items: Vec<Value>) -> Result<(), CloudError> {
        dynamodb::import(&self.0.database, &self.0.table_name, items)
    }

    /// Everything published so far, oldest first, on any bus that exists.
    pub fn events(&self) -> Vec<BusEvent> {
        self.state().event_bridge.events().to_vec()
    }

    /// What was published after the first `seen` events, oldest first.
    pub fn events_after(&self, seen: usize) -> Vec<BusEvent> {
        let state = self.state();
        let events = state.event_bridge.events();
        events.get(seen..).unwrap_or_default().to_vec()
    }

    /// Everything asked so far, in order of arrival, as far as it is [remembered](crate::Builder::remember_requests).
    pub fn requests(&self) -> Vec<RequestRecord> {
        self.control().requests.iter().cloned().collect()
    }

    /// How many requests of this operation have arrived.
    pub fn count(&self, operation: &str) -> usize {
        self.control().count(operation)
    }

    /// Drops the records and counts of all requests so far; sequence numbers go on.
    pub fn forget_requests(&self) {
        self.control().forget();
    }

    /// Has something go wrong. Faults are asked in the order of injection and one request gets one fault: a fault for
    /// the k-th request that finds it taken by an earlier fault never strikes.
    pub fn inject(&self, fault: Fault) {
        self.control().armed.push(crate::faults::Armed::new(fault));
    }

    /// Lets all injected faults count from here. Those that have fired stay spent.
    pub fn reset_counters(&self) {
        self.control()
            .armed
            .iter_mut()
            .for_each(crate::faults::Armed::reset);
    }

    /// The injected faults that can still strike, in the order of injection.
    pub fn pending_faults(&self) -> Vec<Fault> {
        let control = self.control();
        let pending = control.armed.iter().filter(|armed| armed.is_pending());
        pending.map(|armed| armed.fault.clone()).collect()
    }

    /// Takes back all faults, those already on their way excepted.
    pub fn clear_faults(&self) {
        self.control().armed.clear();
    }

    /// Changes how long each request is under way before it is applied.
    pub fn set_latency(&self, latency: Duration) {
        self.control().latency = latency;
    }

    /// Changes how long requests of one operation are under way.
    pub fn set_latency_of(&self, operation: &str, latency: Duration) {
        self.control()
            .latency_of
            .insert(operation.to_owned(), latency);
    }

    /// Puts a gate before everything that is applied from now on, or takes it away.
    pub fn set_gate(&self, gate: Option<Arc<dyn Gate>>) {
        self.control().gate = gate;
    }

    /// Has somebody look on from now on, or nobody.
    pub fn set_witness(&self, witness: Option<Arc<dyn Witness>>) {
        self.control().witness = witness;
    }

    /// Has somebody else answer for Direct Connect from now on, or nobody. Faults strike as before.
    pub fn set_script(&self, script: Option<Arc<dyn Script>>) {
        self.control().script = script;
    }

    /// Has DynamoDB do what the call says, and tells what it bills for that.
    pub(crate) fn ask_database(&self, call: &Call) -> (Answer, Units) {
        let (answer, units) = dynamodb::dispatch(&self.0.database, call);
        let answer = answer.map_err(|no| match self.rules().refused_items_left_out {
            true => no.without_items(),
            false => no,
        });
        (answer, units)
    }

    /// Has another service do what the call says.
    pub(crate) fn dispatch(&self, call: &Call, failing_entries: &[usize]) -> Answer {
        let script = self.control().script.clone();
        if call.service == Service::DirectConnect
            && let Some(script) = script
        {
            return reply::scripted(script.answer(&call.operation, &call.body));
        }
        let answer = self.change(|state| match call.service {
            Service::DirectConnect => {
                let context = self.context(&mut state.random);
                state.direct_connect.dispatch(call, context)
            }
            Service::EventBridge => {
                let buses = [self.bus_name(), "default"];
                let context = self.context(&mut state.random);
                state
                    .event_bridge
                    .dispatch(call, &buses, failing_entries, context)
            }
            Service::Sqs => {
                let context = self.context(&mut state.random);
                state.sqs.dispatch(call, context)
            }
            // Asked by itself: the engine answers.
            Service::DynamoDb => Err(ApiError::unknown_operation(&call.operation)),
        });
        answer.unwrap_or_else(|_| Err(ApiError::internal(call.service)))
    }

    /// Changes the services' state and keeps it, if it is to be kept.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> Result<T, CloudError> {
        let mut state = self.state();
        let result = change(&mut state);
        if let Some(dir) = &self.0.data_dir {
            dir.save(&state)?;
        }
        Ok(result)
    }

    /// What a service may know and use beside its own state.
    pub(crate) fn context<'a>(&'a self, random: &'a mut Random) -> Context<'a> {
        Context {
            site: &self.0.site,
            rules: &self.0.rules,
            random,
            now: self.0.clock.now(),
        }
    }

    pub(crate) fn site(&self) -> &Site {
        &self.0.site
    }

    pub(crate) fn rules(&self) -> &Rules {
        &self.0.rules
    }

    pub(crate) fn control(&self) -> MutexGuard<'_, Control> {
        self.0
            .control
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn kills(&self) -> &Kills {
        &self.0.kills
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Cloud {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cloud")
            .field("region", &self.region())
            .finish_non_exhaustive()
    }
}
