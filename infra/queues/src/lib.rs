//! SQS as operators need it: what is in a dead-letter queue, and moving it back to where it came from.
//!
//! The functions get their messages from Lambda and never ask SQS for anything, so its SDK is here and not in `aws`,
//! which they all carry (ADR 19). It knows messages, and nothing of the orders in them.

mod letters;
mod moves;

use std::time::Duration;

use aws::failure::{CallError, Cause};
use aws::{Clock, Config, Patience, client_config};
use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::QueueAttributeName;
use aws_smithy_runtime_api::client::http::SharedHttpClient;

pub use letters::{Letter, Letters};
pub use moves::{Move, MoveStatus};

/// The account's queues.
#[derive(Debug, Clone)]
pub struct Queues {
    client: Client,
}

/// A queue, as it says itself. Its counts are approximate, as SQS's are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueFacts {
    /// Its ARN.
    pub arn: String,
    /// Messages in it, those that somebody is at or that are not due yet left out.
    pub messages: u64,
    /// Messages that somebody is at.
    pub in_flight: u64,
    /// How long a message that was received stays hidden, in seconds.
    pub visibility_timeout_s: u64,
    /// Where messages go that come back too often.
    pub dead_letter: Option<DeadLetter>,
}

/// Where messages go that come back too often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// ARN of the queue they go to.
    pub arn: String,
    /// How often a message may be received before.
    pub max_receive_count: u64,
}

impl Queues {
    /// Builds the client; nothing is sent until the first call.
    #[must_use]
    pub fn new(config: &Config, http: SharedHttpClient, clock: Clock) -> Self {
        let endpoint = config.endpoints.sqs.clone();
        let patience = Patience {
            attempts: 3,
            attempt: Duration::from_secs(5),
        };
        let client = Client::from_conf(
            client_config!(aws_sdk_sqs, config, endpoint, http, clock, &patience).build(),
        );
        Self { client }
    }

    /// The queue at `url`.
    ///
    /// # Errors
    /// There is none, or SQS does not say.
    pub async fn queue(&self, url: &str) -> Result<QueueFacts, CallError> {
        let asked = [
            QueueAttributeName::QueueArn,
            QueueAttributeName::ApproximateNumberOfMessages,
            QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
            QueueAttributeName::VisibilityTimeout,
            QueueAttributeName::RedrivePolicy,
        ];
        let output = self
            .client
            .get_queue_attributes()
            .queue_url(url)
            .set_attribute_names(Some(asked.to_vec()))
            .send()
            .await
            .map_err(|error| CallError::new("GetQueueAttributes", &error))?;
        let attributes = output.attributes.unwrap_or_default();
        let text = |name: QueueAttributeName| attributes.get(&name).map(String::as_str);
        let number = |name| text(name).and_then(|digits| digits.parse().ok());
        let arn = text(QueueAttributeName::QueueArn).ok_or_else(|| unsaid("QueueArn"))?;
        Ok(QueueFacts {
            arn: arn.to_owned(),
            messages: number(QueueAttributeName::ApproximateNumberOfMessages).unwrap_or_default(),
            in_flight: number(QueueAttributeName::ApproximateNumberOfMessagesNotVisible)
                .unwrap_or_default(),
            visibility_timeout_s: number(QueueAttributeName::VisibilityTimeout).unwrap_or_default(),
            dead_letter: text(QueueAttributeName::RedrivePolicy)
                .map(|policy| DeadLetter::read(policy).ok_or_else(|| unsaid("RedrivePolicy")))
                .transpose()?,
        })
    }

    /// The URL of the queue with this ARN.
    ///
    /// # Errors
    /// There is none, or SQS does not say.
    pub async fn url(&self, arn: &str) -> Result<String, CallError> {
        // arn:aws:sqs:REGION:ACCOUNT:NAME
        let mut parts = arn.rsplit(':');
        let (name, account) = (parts.next(), parts.next());
        let output = self
            .client
            .get_queue_url()
            .set_queue_name(name.map(str::to_owned))
            .set_queue_owner_aws_account_id(account.map(str::to_owned))
            .send()
            .await
            .map_err(|error| CallError::new("GetQueueUrl", &error))?;
        output.queue_url.ok_or_else(|| unsaid("QueueUrl"))
    }
}

impl DeadLetter {
    /// Reads a RedrivePolicy, in which the count may be a string.
    fn read(policy: &str) -> Option<Self> {
        let policy: serde_json::Value = serde_json::from_str(policy).ok()?;
        let count = &policy["maxReceiveCount"];
        Some(Self {
            arn: policy["deadLetterTargetArn"].as_str()?.to_owned(),
            max_receive_count: count.as_u64().or_else(|| count.as_str()?.parse().ok())?,
        })
    }
}

fn unsaid(what: &str) -> CallError {
    CallError {
        operation: "GetQueueAttributes",
        cause: Cause::Misconfigured,
        message: format!("the answer holds no usable {what}"),
    }
}
