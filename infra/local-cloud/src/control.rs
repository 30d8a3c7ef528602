//! The switchboard: what has been asked of the cloud, what is to go wrong, and how long things take.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};

use tokio::sync::watch;

use crate::{
    Fault, Gate, RequestRecord, Script, Units, Witness, faults::Armed, random::Random,
    request::Call,
};

/// How often each worker has been killed.
pub(crate) type Kills = watch::Sender<BTreeMap<String, u64>>;

/// Everything about requests that is not the services' own state.
pub(crate) struct Control {
    pub(crate) requests: VecDeque<RequestRecord>,
    /// A process that serves for weeks keeps no more than this.
    pub(crate) most_requests: Option<usize>,
    pub(crate) armed: Vec<Armed>,
    pub(crate) gate: Option<Arc<dyn Gate>>,
    pub(crate) witness: Option<Arc<dyn Witness>>,
    pub(crate) script: Option<Arc<dyn Script>>,
    /// See [`Cloud::stirs`](crate::Cloud::stirs).
    pub(crate) stirs: AtomicU64,
    pub(crate) latency: Duration,
    pub(crate) latency_of: BTreeMap<String, Duration>,
    /// Sequence of the first record still kept.
    first_sequence: u64,
    /// By operation, those no longer kept included.
    arrived: BTreeMap<String, usize>,
    /// Apart from the services' generator, so that a read-only request does not change the ids given out next.
    request_ids: Random,
}

impl Control {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            requests: VecDeque::new(),
            most_requests: None,
            armed: Vec::new(),
            gate: None,
            witness: None,
            script: None,
            stirs: AtomicU64::new(0),
            latency: Duration::ZERO,
            latency_of: BTreeMap::new(),
            first_sequence: 1,
            arrived: BTreeMap::new(),
            request_ids: Random::seeded(seed ^ 0x7265_7175_6573_7473),
        }
    }

    /// Remembers a request that has just arrived, and decides what goes wrong with it.
    pub(crate) fn arrive(
        &mut self,
        worker: &str,
        call: &Call,
        time: std::time::SystemTime,
    ) -> RequestRecord {
        let record = RequestRecord {
            sequence: self.first_sequence + self.requests.len() as u64,
            worker: worker.to_owned(),
            service: call.service,
            operation: call.operation.clone(),
            time,
            fault: self.fault_for(worker, call),
            applied: false,
            status: None,
            body: call.body.clone(),
            units: Units::default(),
        };
        *self.arrived.entry(call.operation.clone()).or_default() += 1;
        self.requests.push_back(record.clone());
        if self
            .most_requests
            .is_some_and(|most| self.requests.len() > most)
        {
            self.requests.pop_front();
            self.first_sequence += 1;
        }
        record
    }

    /// How many requests of this operation have arrived.
    pub(crate) fn count(&self, operation: &str) -> usize {
        self.arrived.get(operation).copied().unwrap_or(0)
    }

    /// The first injected fault that is due. All of them count the request, whether or not they are the one.
    fn fault_for(&mut self, worker: &str, call: &Call) -> Option<Fault> {
        let mut due = None;
        for armed in &mut self.armed {
            if armed.counts(worker, call) && due.is_none() {
                due = Some(armed.fire());
            }
        }
        due
    }

    /// The record of a request, unless it has been forgotten meanwhile.
    pub(crate) fn record(&mut self, sequence: u64) -> Option<&mut RequestRecord> {
        let index = sequence.checked_sub(self.first_sequence)?;
        self.requests.get_mut(usize::try_from(index).ok()?)
    }

    /// Drops the records and counts; sequence numbers go on.
    pub(crate) fn forget(&mut self) {
        self.first_sequence += self.requests.len() as u64;
        self.requests.clear();
        self.arrived.clear();
    }

    /// How long a request of this operation is under way.
    pub(crate) fn latency(&self, operation: &str) -> Duration {
        self.latency_of
            .get(operation)
            .copied()
            .unwrap_or(self.latency)
    }

    pub(crate) fn request_id(&mut self) -> String {
        self.request_ids.uuid()
    }
}
