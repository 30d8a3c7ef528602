//! The checks, each by a call that changes nothing.

use aws::config::{self, ConfigError};
use aws::direct_connect::ReadError;
use hosted_connection::IdempotencyKey;
use queues::QueueFacts;

use super::checkup::Checkup;
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

/// What is wrong with each variable.
pub(super) fn environment(checkup: &mut Checkup, wrong: &[ConfigError]) {
    if wrong.is_empty() {
        checkup.well("environment", "all variables hold what they should");
    }
    for error in wrong {
        let fix = match error.name() {
            "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => {
                "eval \"$(aws configure export-credentials --profile NAME --format env)\""
                    .to_owned()
            }
            "ALLOCATIONS_TABLE_NAME" => "export it: the stack's output TableName".to_owned(),
            "EVENT_BUS_NAME" => "export it: the stack's output EventBusName".to_owned(),
            "AWS_REGION" => "export it: the region of the stack".to_owned(),
            name => format!("mend {name}, or unset it"),
        };
        checkup.wrong(error.name(), error.to_string(), fix);
    }
}

/// Everything that takes a call.
pub(super) async fn of(checkup: &mut Checkup, services: &Services) {
    table(checkup, services).await;
    direct_connect(checkup, services).await;
    event_bus(checkup, services).await;
    settle_time(checkup, services);
    for which in Which::ALL {
        queue(checkup, services, which).await;
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
            format!("{} with keys and indexes", ledger.table_name()),
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
            "records are kept for ever",
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
    match crate::command::list::unfinished_keys(services).await {
        Ok(keys) if keys.is_empty() => checkup.well("unfinished orders", "none that nobody is at"),
        Ok(keys) => checkup.well(
            "unfinished orders",
            format!(
                "{}: `operator list --unfinished`",
                count(keys.len(), "order")
            ),
        ),
        Err(error) => checkup.failed(
            "unfinished orders",
            &error,
            "dynamodb:Query",
            &format!("{resource}/index/unfinished"),
        ),
    }
}

fn clock(checkup: &mut Checkup, asked_at_ms: u64, answered_at_ms: u64, service_ms: Option<u64>) {
    let Some(service_ms) = service_ms else {
        return checkup.skip("clock", "no answer came that says what time it is");
    };
    // It was told somewhere in between.
    let skew_ms = if service_ms > answered_at_ms {
        service_ms - answered_at_ms
    } else {
        asked_at_ms.saturating_sub(service_ms)
    };
    let found = format!("{} off the service's", duration(skew_ms));
    let fix = "set this machine's clock (NTP)";
    match skew_ms {
        0..TOLERATED_SKEW_MS => checkup.well("clock", "as the service's"),
        TOLERATED_SKEW_MS..REFUSED_SKEW_MS => checkup.wrong("clock", found, fix),
        REFUSED_SKEW_MS.. => {
            checkup.wrong("clock", format!("{found}: AWS refuses what it signs"), fix)
        }
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
            "it shows no interconnect and no LAG",
            "is it the partner's account, and the region that they are in?",
        );
    };
    match direct_connect.connections(first).await {
        Ok(listed) => checkup.well(
            what,
            format!(
                "{}; {} on {first}",
                count(parents.ids().count(), "parent"),
                count(listed.connections.len(), "connection")
            ),
        ),
        Err(ReadError::Refused(message)) => checkup.wrong(
            what,
            format!("it does not show what is on {first}: {message}"),
            "is this account a Direct Connect Partner's?",
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

async fn queue(checkup: &mut Checkup, services: &Services, which: Which) {
    let what = format!("queue of {}", which.as_str());
    let url = config::variable(which.variable()).filter(|url| !url.trim().is_empty());
    let Some(url) = url else {
        let (variable, output) = (which.variable(), which.output());
        return checkup.skip(
            &what,
            format!("{variable} is not set (the stack's output {output})"),
        );
    };
    let name = url.rsplit('/').next().unwrap_or(&url).to_owned();
    match services.queues.queue(&url).await {
        Ok(queue) => {
            redeliveries(checkup, services, &what, &name, &queue);
            dead_letters(checkup, services, which, &queue).await;
        }
        Err(error) => checkup.failed(&what, &error, "sqs:GetQueueAttributes", &name),
    }
}

/// A message has to come back for longer than an unanswered call takes to settle, or it is given up before it may be
/// called again.
fn redeliveries(
    checkup: &mut Checkup,
    services: &Services,
    what: &str,
    name: &str,
    queue: &QueueFacts,
) {
    let Some(dead_letter) = &queue.dead_letter else {
        return checkup.wrong(
            what,
            format!("{name} has no dead-letter queue: a message that cannot be done comes back until it expires, unseen"),
            "deploy template.yaml, which gives it one",
        );
    };
    let returns = dead_letter.max_receive_count.saturating_sub(1);
    let tried_for_s = queue.visibility_timeout_s.saturating_mul(returns);
    let settle_s = services.config.rules.settle.as_secs();
    if tried_for_s <= settle_s {
        return checkup.wrong(
            what,
            format!("{name} gives a message up after {tried_for_s} s; an unanswered call settles after {settle_s} s"),
            "raise its VisibilityTimeout or maxReceiveCount, or lower SETTLE_SECONDS",
        );
    }
    let tried_for = duration(tried_for_s.saturating_mul(1000));
    checkup.well(
        what,
        format!(
            "{name}: {} waiting, each tried for {tried_for}",
            queue.messages
        ),
    );
}

async fn dead_letters(
    checkup: &mut Checkup,
    services: &Services,
    which: Which,
    queue: &QueueFacts,
) {
    let Some(dead_letter) = &queue.dead_letter else {
        return;
    };
    let what = format!("dead letters of {}", which.as_str());
    let name = dead_letter
        .arn
        .rsplit(':')
        .next()
        .unwrap_or(&dead_letter.arn);
    let dead = match services.queues.url(&dead_letter.arn).await {
        Ok(url) => services.queues.queue(&url).await,
        Err(error) => return checkup.failed(&what, &error, "sqs:GetQueueUrl", name),
    };
    match dead {
        Ok(dead) if dead.messages + dead.in_flight == 0 => checkup.well(&what, "none"),
        Ok(dead) => checkup.wrong(
            &what,
            format!("{} in {name}", dead.messages + dead.in_flight),
            format!("operator redrive --queue {} --dry-run", which.as_str()),
        ),
        Err(error) => checkup.failed(&what, &error, "sqs:GetQueueAttributes", name),
    }
}
