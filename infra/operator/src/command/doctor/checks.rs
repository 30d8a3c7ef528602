//! The checks, each by a call that changes nothing.

use aws::config::ConfigError;
use aws::direct_connect::ReadError;
use hosted_connection::IdempotencyKey;

use super::checkup::Checkup;
use super::{callers, orders, orphans, queues};
use crate::command::environment;
use crate::command::place::Services;
use crate::command::redrive::Which;
use crate::command::words::{count, duration};

/// AWS refuses a request whose time is off by five minutes.
const REFUSED_SKEW_MS: u64 = 300_000;
/// What is off by more than this throws settle times and leases off, too. The `Date` header has whole seconds, and was
/// under way.
const TOLERATED_SKEW_MS: u64 = 5_000;
/// A settle time below this trusts that nothing that was sent lands late.
const LEAST_SETTLE_MS: u64 = 5_000;
/// Tracking runs every minute at most, and renews what it noted when that is half as old as it may become.
const LEAST_MEMORY_S: u64 = 120;

/// What is wrong with each variable.
pub(super) fn environment(checkup: &mut Checkup, wrong: &[ConfigError]) {
    if wrong.is_empty() {
        checkup.well("environment", "all variables are valid");
    }
    for error in wrong {
        checkup.wrong(error.name(), error.to_string(), environment::fix(error));
    }
}

/// Everything that takes a call.
pub(super) async fn of(checkup: &mut Checkup, services: &Services) {
    table(checkup, services).await;
    callers::registered(checkup, services).await;
    orders::unfinished(checkup, services).await;
    direct_connect(checkup, services).await;
    event_bus(checkup, services).await;
    settle_time(checkup, services);
    vlan_memory(checkup, services);
    for which in Which::ALL {
        queues::queue(checkup, services, which).await;
    }
}

async fn table(checkup: &mut Checkup, services: &Services) {
    let ledger = &services.aws.ledger;
    let resource = format!("table/{}", ledger.table_name());
    let asked_at_ms = services.aws.clock.now_ms();
    let check = ledger.check_table().await;
    clock(
        checkup,
        asked_at_ms,
        services.aws.clock.now_ms(),
        check.service_time_ms,
    );
    match check.faults {
        Ok(faults) if faults.is_empty() => checkup.well(
            "table",
            format!("{}: keys and indexes are right", ledger.table_name()),
        ),
        Ok(faults) => checkup.wrong(
            "table",
            faults.join("; "),
            "deploy template.yaml, which declares it",
        ),
        Err(error) => checkup.failed("table", &error, "dynamodb:DescribeTable", &resource),
    }
    match ledger.expires().await {
        Ok(true) => checkup.well("table's expiry", "expiresAt"),
        Ok(false) => checkup.wrong(
            "table's expiry",
            "DynamoDB never removes expired records",
            "deploy template.yaml, which has DynamoDB expire them by expiresAt",
        ),
        Err(error) => checkup.failed(
            "table's expiry",
            &error,
            "dynamodb:DescribeTimeToLive",
            &resource,
        ),
    }
    // A key like any other; whether it has a record does not matter.
    if let Ok(key) = IdempotencyKey::parse("operator-doctor") {
        match ledger.record(&key).await {
            Ok(_) => checkup.well("reading orders", "GetItem"),
            Err(error) => checkup.failed("reading orders", &error, "dynamodb:GetItem", &resource),
        }
    }
}

fn clock(checkup: &mut Checkup, asked_at_ms: u64, answered_at_ms: u64, service_ms: Option<u64>) {
    let Some(service_ms) = service_ms else {
        return checkup.skip("clock", "no answer had the time in it");
    };
    // It was told somewhere in between.
    let skew_ms = if service_ms > answered_at_ms {
        service_ms - answered_at_ms
    } else {
        asked_at_ms.saturating_sub(service_ms)
    };
    let found = format!("{} off AWS's clock", duration(skew_ms));
    let fix = "set this machine's clock (NTP)";
    match skew_ms {
        0..TOLERATED_SKEW_MS => checkup.well("clock", "same as AWS's"),
        TOLERATED_SKEW_MS..REFUSED_SKEW_MS => checkup.wrong("clock", found, fix),
        REFUSED_SKEW_MS.. => checkup.wrong(
            "clock",
            format!("{found}: AWS refuses signed requests"),
            fix,
        ),
    }
}

async fn direct_connect(checkup: &mut Checkup, services: &Services) {
    let direct_connect = &services.aws.direct_connect;
    let what = "Direct Connect";
    let parents = match direct_connect.parents().await {
        Ok(parents) => parents,
        Err(error) => {
            let action = format!("directconnect:{}", error.operation);
            return checkup.failed(what, &error, &action, "*");
        }
    };
    let Some(first) = parents.ids().next() else {
        return checkup.wrong(
            what,
            "no interconnect and no LAG is shown",
            "check that this is the partner's account, and the region of its interconnects",
        );
    };
    match direct_connect.connections(first).await {
        Ok(listed) => {
            checkup.well(
                what,
                format!(
                    "{}; {} on {first}",
                    count(parents.ids().count(), "parent"),
                    count(listed.connections.len(), "connection")
                ),
            );
            orphans::counted(checkup, services, &parents).await;
        }
        Err(ReadError::Refused(message)) => checkup.wrong(
            what,
            format!("the connections of {first} are not shown: {message}"),
            "check that this account is a Direct Connect Partner's",
        ),
        Err(ReadError::Failed(error)) => {
            let resource = format!("dxcon/{first}");
            checkup.failed(
                what,
                &error,
                "directconnect:DescribeHostedConnections",
                &resource,
            );
        }
    }
}

async fn event_bus(checkup: &mut Checkup, services: &Services) {
    let bus = &services.aws.event_bus;
    match bus.exists().await {
        Ok(()) => checkup.well("event bus", bus.name()),
        Err(error) => {
            let resource = format!("event-bus/{}", bus.name());
            checkup.failed("event bus", &error, "events:DescribeEventBus", &resource);
        }
    }
}

fn settle_time(checkup: &mut Checkup, services: &Services) {
    let settle_ms = u64::try_from(services.config.rules.settle.as_millis()).unwrap_or(u64::MAX);
    let found = format!("SETTLE_SECONDS is {}", settle_ms / 1000);
    if settle_ms < LEAST_SETTLE_MS {
        return checkup.wrong(
            "settle time",
            found,
            "raise it to 30: a call that lands later than this may be made twice",
        );
    }
    checkup.well("settle time", found);
}

fn vlan_memory(checkup: &mut Checkup, services: &Services) {
    let what = "automatic VLANs";
    let memory_s = services.config.rules.vlan_memory.as_secs();
    let found = format!("VLAN_MEMORY_SECONDS is {memory_s}");
    match memory_s {
        0 => checkup.well(what, format!("{found}: orders look at the parent")),
        1..LEAST_MEMORY_S => checkup.wrong(
            what,
            format!("{found}: shorter than tracking needs to renew what it noted"),
            "raise it to 120 or more, and to more than twice the time between two runs of tracking; or set it to 0",
        ),
        LEAST_MEMORY_S.. => checkup.warn(
            what,
            format!("{found}: orders go by what tracking noted up to {} ago", duration(memory_s * 1000)),
            "set it to 0, unless Direct Connect refuses a second use of a VLAN on one parent (assumption duplicate-vlan-refused \
             in docs/assumptions.md): otherwise an order can get a VLAN that somebody used by hand since",
        ),
    }
}
