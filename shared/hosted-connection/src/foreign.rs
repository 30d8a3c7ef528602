//! Recognises a body that is an envelope or an event of an AWS service in place of a request, so that its sender is told
//! that, and not each of its members.
//!
//! It opens none: which envelopes may hold a request is the doors' business.

use crate::json::{Json, Object};
use crate::{Violation, ViolationCode};

/// What `body` is in place of `wanted`; `None` when it is nothing known, or has one of a request's members, `names`.
pub(crate) fn recognised(body: &Object, names: &[&str], wanted: &str) -> Option<Violation> {
    if names.iter().any(|name| body.first(name).is_some()) {
        return None;
    }
    let message = if has_wrong_detail(body) {
        "detail must be an object".to_owned()
    } else {
        format!("the body is {}, not {wanted}", what(body)?)
    };
    Some(Violation::new("", ViolationCode::WrongType, message))
}

fn what(body: &Object) -> Option<&'static str> {
    if is_event(body) {
        return Some("an EventBridge event");
    }
    if text(body, "Event") == Some("s3:TestEvent") {
        return Some("an S3 event");
    }
    if text(body, "TopicArn").is_some() {
        return match text(body, "Type")? {
            "Notification" => Some("an SNS notification"),
            "SubscriptionConfirmation" => Some("a subscription confirmation of SNS"),
            "UnsubscribeConfirmation" => Some("an unsubscribe confirmation of SNS"),
            _ => None,
        };
    }
    match source_of_records(body)? {
        "aws:s3" => Some("an S3 event"),
        "aws:sqs" => Some("an SQS event"),
        "aws:sns" => Some("an SNS event"),
        _ => None,
    }
}

/// `{"detail-type": "…", "source": "…", "detail": …}`
fn is_event(body: &Object) -> bool {
    let has_text = |name| text(body, name).is_some();
    has_text("detail-type") && has_text("source") && body.first("detail").is_some()
}

fn has_wrong_detail(body: &Object) -> bool {
    let detail = body.first("detail");
    is_event(body) && detail.is_some_and(|detail| detail.as_object().is_none())
}

/// SNS writes the name with a capital E.
fn source_of_records(body: &Object) -> Option<&str> {
    let Json::List(records) = body.first("Records")? else {
        return None;
    };
    let record = records.first()?.as_object()?;
    text(record, "eventSource").or_else(|| text(record, "EventSource"))
}

fn text<'o>(object: &'o Object, name: &str) -> Option<&'o str> {
    object.first(name)?.as_text("").ok()
}

#[cfg(test)]
mod tests {
    use crate::{Code, KeySource, Order, ReleaseRequest, ViolationCode};

    const SNS: &str = r#""TopicArn": "arn:aws:sns:us-east-1:123456789012:orders", "Message": "{}""#;

    #[test]
    fn a_body_of_another_kind_is_told_as_one_violation_that_names_it() {
        let sns = |kind: &str| format!(r#"{{"Type": "{kind}", {SNS}}}"#);
        let records = |record: &str| format!(r#"{{"Records": [{record}]}}"#);
        let event = |detail: &str| {
            format!(r#"{{"detail-type": "Order", "source": "shop", "detail": {detail}}}"#)
        };
        let body = |what: &str| format!("the body is {what}, not an order");
        let mut cases = vec![
            (sns("Notification"), body("an SNS notification")),
            (
                sns("SubscriptionConfirmation"),
                body("a subscription confirmation of SNS"),
            ),
            (
                sns("UnsubscribeConfirmation"),
                body("an unsubscribe confirmation of SNS"),
            ),
            (
                records(r#"{"eventSource": "aws:s3", "s3": {}}"#),
                body("an S3 event"),
            ),
            (
                r#"{"Service": "Amazon S3", "Event": "s3:TestEvent"}"#.into(),
                body("an S3 event"),
            ),
            (
                records(r#"{"eventSource": "aws:sqs", "body": "{}"}"#),
                body("an SQS event"),
            ),
            (
                records(r#"{"EventSource": "aws:sns"}"#),
                body("an SNS event"),
            ),
            (event("{}"), body("an EventBridge event")),
        ];
        for detail in [r#""{}""#, "null", "[]"] {
            cases.push((event(detail), "detail must be an object".into()));
        }
        for (sent, message) in cases {
            let invalid =
                Order::parse(sent.as_bytes(), KeySource::AttributeOrBody(&[])).unwrap_err();
            let [violation] = &invalid.violations[..] else {
                panic!("{sent}: {:?}", invalid.violations);
            };
            assert_eq!(
                (violation.field.as_str(), &violation.message),
                ("", &message)
            );
            assert_eq!(violation.code, ViolationCode::WrongType);
            assert_eq!(invalid.code, Code::InvalidRequest);
        }
        let sent = sns("Notification");
        let release = ReleaseRequest::parse(sent.as_bytes(), KeySource::Body).unwrap_err();
        let message = "the body is an SNS notification, not a release";
        assert_eq!(release.rejection().message, message);
    }

    #[test]
    fn a_request_with_members_of_an_envelope_is_told_each_of_them() {
        let sent = format!(r#"{{"vlan": 1, "Type": "Notification", {SNS}}}"#);
        let invalid = Order::parse(sent.as_bytes(), KeySource::Body).unwrap_err();
        let fields: Vec<_> = invalid.violations.iter().map(|one| &*one.field).collect();
        assert!(fields.contains(&"/TopicArn") && fields.contains(&"/connectionId"));
        let unknown = r#"{"Records": [{"eventSource": "aws:dynamodb"}], "Type": "Notification"}"#;
        let invalid = Order::parse(unknown.as_bytes(), KeySource::Body).unwrap_err();
        assert!(invalid.violations.len() > 2);
    }
}
