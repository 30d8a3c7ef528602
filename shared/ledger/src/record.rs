//! An allocation record as it stands in the table.

use aws_sdk_dynamodb::types::AttributeValue;
use hosted_connection::{
    AllocationRequest, Bandwidth, ClaimToken, Connection, Fingerprint, IdempotencyKey, Known,
    Order, Origin, Outcome, ParentConnection, Timestamp, Vlan,
};
use transitions::{Attribute, State};

use crate::history::{self, HistoryEntry};
use crate::item::{self, Item, corrupt, n};
use crate::keys;
use crate::lifecycle::{self, ConnectionNote, Lifecycle};
use aws::failure::CallError;

const FINGERPRINT: &str = Attribute::Fingerprint.name();
const REQUEST: &str = Attribute::Request.name();
const ORIGIN: &str = Attribute::Origin.name();
const STATE: &str = Attribute::State.name();
pub(crate) const VLAN: &str = Attribute::Vlan.name();
const TOKEN: &str = Attribute::Token.name();
const LEASE_EXPIRES_AT: &str = Attribute::ClaimedUntil.name();
const CALL_STARTED_AT: &str = Attribute::CallStartedAt.name();
const ATTEMPTS: &str = Attribute::Attempts.name();
const UNANSWERED: &str = Attribute::Unanswered.name();
const OUTCOME: &str = Attribute::Outcome.name();
const OCCURRED_AT: &str = Attribute::OccurredAt.name();
const PUBLISHED: &str = Attribute::Published.name();
pub(crate) const EXPIRES_AT: &str = Attribute::ExpiresAt.name();
pub(crate) const UNFINISHED_SHARD: &str = Attribute::UnfinishedShard.name();
pub(crate) const UNFINISHED_AT: &str = Attribute::UnfinishedAt.name();
pub(crate) const PARENT_ID: &str = Attribute::ParentId.name();
pub(crate) const CLAIMED_AT: &str = Attribute::ClaimedAt.name();
const LEASE_PARENT_ID: &str = Attribute::LeaseParentId.name();
const WAITS_FOR: &str = Attribute::WaitsFor.name();
const COUNTED: &str = Attribute::Counted.name();

/// What the table knows about one idempotency key.
#[derive(Debug, Clone)]
pub struct Record {
    /// The caller's key.
    pub key: IdempotencyKey,
    /// Fingerprint of the request that came with the key first.
    pub fingerprint: Fingerprint,
    /// That request.
    pub request: AllocationRequest,
    /// Where it came from first.
    pub origin: Origin,
    /// Where it stands.
    pub state: State,
    /// The VLAN that is leased to it; none when it was rejected, or set aside, before one was.
    pub vlan: Option<Vlan>,
    /// The interconnect or LAG whose VLAN that is: the one asked for, the LAG that it is a member of, or wherever the
    /// connection has been moved to. None of an order by place that has no parent yet, or never got one.
    pub lease_parent: Option<ParentConnection>,
    /// The parent that it is listed under, which the world was told: the one asked for, the one chosen, or wherever the
    /// connection has been moved to. None of an order by place that has no parent yet, or never got one.
    pub parent: Option<ParentConnection>,
    /// Why the latest call had no effect: an error code of the service, or a few words. For people.
    pub waits_for: Option<String>,
    /// Who owns it: fresh per attempt.
    pub token: ClaimToken,
    /// Until when nobody else may take over; in the past once an attempt has given it back.
    pub lease_expires_at_ms: u64,
    /// When the latest call was about to be sent.
    pub call_started_at_ms: u64,
    /// Attempts made, this one included.
    pub attempts: u32,
    /// Whether some earlier call of this key ended without an answer.
    pub unanswered: bool,
    /// What came of it: set exactly in the states `allocated` and `rejected`.
    pub outcome: Option<Outcome>,
    /// What Direct Connect answered with in place of what was asked for: set exactly in the state `quarantined`.
    pub instead: Option<Connection>,
    /// When that was.
    pub occurred_at: Timestamp,
    /// Whether the outcome's event is out.
    pub published: bool,
    /// When the key was first claimed.
    pub claimed_at_ms: u64,
    /// What the flow made of it and when, oldest first; the middle is left out when there is too much.
    pub history: Vec<HistoryEntry>,
    /// What became of the connection since. As new as the day it was allocated for every other record.
    pub lifecycle: Lifecycle,
    /// Counts the writes on `lifecycle`, each of which is conditional on it.
    pub(crate) revision: u64,
    pub(crate) counted: bool,
    expires_at_s: Option<u64>,
}

impl Record {
    pub(crate) fn from_item(item: &Item) -> Result<Self, CallError> {
        let state_name = item::text(item, STATE)?;
        let state = State::ALL
            .into_iter()
            .find(|state| state.as_str() == state_name)
            .ok_or_else(|| corrupt(STATE))?;
        let request = AllocationRequest::from_kept(item::text(item, REQUEST)?)
            .map_err(|_| corrupt(REQUEST))?;
        let request = match request.placement() {
            None => request,
            Some(_) => request.with_chosen(parent_of(item, PARENT_ID)?, None),
        };
        let mut record = Self {
            key: keys::key_of(item)?,
            fingerprint: item::text(item, FINGERPRINT)?
                .parse()
                .map_err(|_| corrupt(FINGERPRINT))?,
            lease_parent: parent_of(item, LEASE_PARENT_ID)?.or_else(|| request.parent().cloned()),
            parent: parent_of(item, PARENT_ID)?.or_else(|| request.parent().cloned()),
            waits_for: item
                .get(WAITS_FOR)
                .and_then(|text| text.as_s().ok().cloned()),
            request,
            origin: Origin::from_kept(item::text(item, ORIGIN)?).map_err(|_| corrupt(ORIGIN))?,
            state,
            vlan: vlan(item)?,
            token: ClaimToken::from(item::text(item, TOKEN)?.to_owned()),
            lease_expires_at_ms: item::number(item, LEASE_EXPIRES_AT)?,
            call_started_at_ms: item::number(item, CALL_STARTED_AT)?,
            attempts: item::number(item, ATTEMPTS)?,
            unanswered: item::flag(item, UNANSWERED),
            outcome: None,
            instead: instead(state, item)?,
            occurred_at: Timestamp::from_ms(
                item::optional_number(item, OCCURRED_AT)?.unwrap_or_default(),
            ),
            published: item::flag(item, PUBLISHED),
            claimed_at_ms: item::number(item, CLAIMED_AT)?,
            history: history::read(item),
            lifecycle: Lifecycle::default(),
            revision: item::optional_number(item, lifecycle::REVISION)?.unwrap_or_default(),
            counted: item::flag(item, COUNTED),
            expires_at_s: item::optional_number(item, EXPIRES_AT)?,
        };
        record.outcome = outcome(state, item, &record.request)?;
        record.lifecycle = lifecycle::read(item, record.known())?;
        Ok(record)
    }

    /// An attribute as it stands in the table, of those by which a writer judges whether to try.
    pub(crate) fn attribute(&self, attribute: Attribute) -> Option<AttributeValue> {
        if attribute == Attribute::ClaimedUntil {
            Some(n(self.lease_expires_at_ms))
        } else if attribute == Attribute::Vlan {
            self.vlan.map(|vlan| n(vlan.get()))
        } else {
            None
        }
    }

    /// The order that the record is of.
    #[must_use]
    pub fn order(&self) -> Order {
        Order {
            key: self.key.clone(),
            request: self.request.clone(),
        }
    }

    /// Whether it stands for `request`, whose fingerprint is given: only when that is another one is anything compared.
    #[must_use]
    pub fn is_of(&self, request: &AllocationRequest, fingerprint: Fingerprint) -> bool {
        self.fingerprint == fingerprint
            || self.origin.is_adoption() && request.is_as_adopted(&self.fingerprint)
    }

    /// Counts the writes on its lifecycle: what was read at one revision is older than whatever is seen afterwards.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// The connection as Direct Connect first answered; none unless allocated.
    #[must_use]
    pub fn connection(&self) -> Option<&Connection> {
        match &self.outcome {
            Some(Outcome::Allocated(connection)) => Some(connection),
            Some(Outcome::Rejected(_)) | None => None,
        }
    }

    /// What its lifecycle need not say again; none unless allocated.
    fn known(&self) -> Option<Known<'_>> {
        Some(Known {
            key: &self.key,
            request: &self.request,
            origin: &self.origin,
            release_origin: None,
            connection: self.connection()?,
        })
    }

    /// Its lifecycle as it is stored.
    pub(crate) fn stored_lifecycle(&self) -> String {
        lifecycle::stored(self.lifecycle.clone(), self.known())
    }

    /// Its connection as it is stored.
    pub(crate) fn stored_outcome(&self) -> String {
        let connection = self.connection();
        connection.map_or_else(String::new, |connection| connection.kept(&self.request))
    }

    /// The bandwidth that it takes of the parent: its connection's, which a person may have taken although it is not what was
    /// asked for.
    #[must_use]
    pub fn bandwidth(&self) -> Bandwidth {
        let connection = self.connection();
        let own = connection.and_then(|connection| connection.bandwidth.as_deref());
        own.and_then(|own| Bandwidth::parse(own).ok())
            .unwrap_or(self.request.bandwidth)
    }

    /// What its VLAN lease is to carry of its connection.
    pub(crate) fn note(&self) -> ConnectionNote {
        let shown = self.lifecycle.connection.as_ref().or(self.connection());
        ConnectionNote::of(shown, self.lifecycle.reminded)
    }

    /// From when on it counts as absent; none while it is kept.
    #[must_use]
    pub fn expires_at(&self) -> Option<Timestamp> {
        self.expires_at_s
            .map(|seconds| Timestamp::from_ms(seconds.saturating_mul(1000)))
    }

    /// Whether anything is left to do for it, by a function or by a person.
    #[must_use]
    pub fn is_unfinished(&self) -> bool {
        match self.state {
            State::Calling | State::Unresolved | State::Waiting | State::Quarantined => true,
            State::Allocated | State::Rejected => !self.published || self.lifecycle.is_unfinished(),
        }
    }

    /// Whether it is to be tried, and has no VLAN yet: what was to be looked at before one could be chosen could not be.
    #[must_use]
    pub fn is_parked(&self) -> bool {
        self.state == State::Waiting && self.vlan.is_none()
    }

    /// Whether its retention is over at `now_ms`, so that it counts as absent.
    #[must_use]
    pub fn is_expired(&self, now_ms: u64) -> bool {
        self.expires_at_s
            .is_some_and(|expires_at| expires_at <= now_ms / 1000)
    }
}

fn vlan(item: &Item) -> Result<Option<Vlan>, CallError> {
    let number = item::optional_number(item, VLAN)?;
    Ok(number.map(Vlan::from_stored))
}

fn parent_of(item: &Item, attribute: &str) -> Result<Option<ParentConnection>, CallError> {
    if !item.contains_key(attribute) {
        return Ok(None);
    }
    let id = item::text(item, attribute)?.to_owned();
    Ok(Some(ParentConnection::from_stored(id)))
}

fn outcome(
    state: State,
    item: &Item,
    request: &AllocationRequest,
) -> Result<Option<Outcome>, CallError> {
    let json = || item::text(item, OUTCOME);
    match state {
        State::Allocated => Connection::from_kept(json()?, request)
            .map(|connection| Some(Outcome::Allocated(connection))),
        State::Rejected => {
            serde_json::from_str(json()?).map(|rejection| Some(Outcome::Rejected(rejection)))
        }
        State::Calling | State::Unresolved | State::Waiting | State::Quarantined => Ok(None),
    }
    .map_err(|_| corrupt(OUTCOME))
}

fn instead(state: State, item: &Item) -> Result<Option<Connection>, CallError> {
    match state {
        State::Quarantined => serde_json::from_str(item::text(item, OUTCOME)?)
            .map(Some)
            .map_err(|_| corrupt(OUTCOME)),
        State::Calling
        | State::Unresolved
        | State::Waiting
        | State::Allocated
        | State::Rejected => Ok(None),
    }
}
