//! The queues of orders and releases, and their dead-letter queues.

use aws::config;
use queues::QueueFacts;

use super::checkup::Checkup;
use crate::command::place::Services;
use crate::command::redrive::Which;
use crate::command::words::duration;

/// One queue and its dead-letter queue.
pub(super) async fn queue(checkup: &mut Checkup, services: &Services, which: Which) {
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

/// A message has to be retried for longer than the settle time, or it is dead-lettered before its call may be made again.
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
            format!("{name} has no dead-letter queue: a message that fails is retried until it expires, and nobody notices"),
            "deploy template.yaml, which gives it one",
        );
    };
    let returns = dead_letter.max_receive_count.saturating_sub(1);
    let tried_for_s = queue.visibility_timeout_s.saturating_mul(returns);
    let settle_s = services.config.rules.settle.as_secs();
    if tried_for_s <= settle_s {
        return checkup.wrong(
            what,
            format!("{name} dead-letters a message after {tried_for_s} s; the settle time of an unanswered call is {settle_s} s"),
            "raise its VisibilityTimeout or maxReceiveCount, or lower SETTLE_SECONDS",
        );
    }
    let tried_for = duration(tried_for_s.saturating_mul(1000));
    checkup.well(
        what,
        format!(
            "{name}: {} waiting; each is retried for {tried_for}",
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
