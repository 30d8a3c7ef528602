//! A record that `SqsMessage` refuses: a member of another type than SQS writes, a lone surrogate, an attribute that
//! nobody reads and that is odd. Whatever can be read of it is, above all its id.

use aws_lambda_events::sqs::SqsMessage;
use serde_json::value::RawValue;

use super::body::Body;
use crate::attribute::{Attributes, Spelling};
use crate::envelope::{Members, text};

/// Reads a record, its body and its attributes for themselves; `None` when it is not an object.
pub(super) fn read(record: &RawValue) -> Option<(SqsMessage, Body<'_>, Attributes)> {
    let members = Members::of(record)?;
    let mut sent = SqsMessage::default();
    sent.message_id = members.text("messageId");
    sent.event_source = members.text("eventSource");
    sent.event_source_arn = members.text("eventSourceARN");
    let attributes = members.object("attributes").unwrap_or_default();
    let texts = attributes
        .iter()
        .filter_map(|(name, value)| Some((name.into_owned(), text(value)?)));
    sent.attributes = texts.collect();
    let attributes = members.object("messageAttributes");
    let attributes = Attributes::leniently(attributes.as_ref(), Spelling::Sqs);
    Some((sent, body(&members), attributes))
}

fn body<'a>(members: &Members<'a>) -> Body<'a> {
    let body = members.get("body").filter(|body| body.get() != "null");
    match (body, members.bytes("body")) {
        (None, _) => Body::Text(Vec::new()),
        (Some(_), Some(bytes)) => Body::Text(bytes.into_owned()),
        (Some(other), None) => Body::NoText(other),
    }
}
