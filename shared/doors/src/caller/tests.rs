use hosted_connection::{Caller, Callers};
use serde_json::{Value, json};

use super::*;
use crate::http;
use crate::sqs::Message;

/// The sender of a whole event of a gateway.
fn sender(event: &Value) -> Option<Identity> {
    let json = event.to_string();
    let event = serde_json::from_str(&json).unwrap();
    let members = Members::of(event).unwrap();
    http::read(event, &members).unwrap().sender()
}

fn file(json: &str) -> Value {
    serde_json::from_str(json).unwrap()
}

/// Whether somebody who is registered with this principal is who has sent it.
fn is(identity: Option<&Identity>, principal: &str) -> bool {
    let caller = json!({"principals": [principal], "keyPrefix": "a-", "ownerAccounts": "any", "parents": "any",
        "bandwidths": "any", "readsAndReleases": "own"});
    let caller = Caller::parse(caller.to_string().as_bytes()).unwrap();
    let callers = Callers::of([("a".to_owned(), Ok(caller))]);
    identity.is_some_and(|identity| callers.find(identity).unwrap().is_some())
}

fn v2_event(authorizer: &Value) -> Value {
    let mut event = file(include_str!("../../../../tests/events/http-v2-order.json"));
    event["requestContext"]["authorizer"] = authorizer.clone();
    event
}

fn v1_event(authorizer: &Value) -> Value {
    let mut event = file(include_str!("../../../../tests/events/http-v1-order.json"));
    for member in ["caller", "userArn", "user", "accessKey"] {
        event["requestContext"]["identity"][member] = Value::Null;
    }
    event["requestContext"]["authorizer"] = authorizer.clone();
    event
}

#[test]
fn a_user_of_iam_is_known_by_its_id_and_by_its_arn_at_every_gateway() {
    for event in [
        include_str!("../../../../tests/events/http-v2-order.json"),
        include_str!("../../../../tests/events/http-v1-order.json"),
        include_str!("../../../../tests/events/function-url-order.json"),
    ] {
        let sender = sender(&file(event));
        assert!(is(sender.as_ref(), "AIDACKCEVSQ6C2EXAMPLE"));
        assert!(is(
            sender.as_ref(),
            "arn:aws:iam::123456789012:user/order-desk"
        ));
        assert!(!is(sender.as_ref(), "arn:aws:iam::123456789012:user/other"));
        assert!(!is(sender.as_ref(), "123456789012"), "not its account");
    }
}

#[test]
fn a_session_is_its_role_whatever_it_calls_itself() {
    let iam = json!({"iam": {"accountId": "123456789012", "callerId": "AROACKCEVSQ6C2EXAMPLE:AIDACKCEVSQ6C2EXAMPLE",
        "userArn": "arn:aws:sts::123456789012:assumed-role/acme/AIDACKCEVSQ6C2EXAMPLE",
        "userId": "AROACKCEVSQ6C2EXAMPLE:AIDACKCEVSQ6C2EXAMPLE"}});
    let sender = sender(&v2_event(&iam));
    assert!(is(sender.as_ref(), "AROACKCEVSQ6C2EXAMPLE"));
    assert!(is(sender.as_ref(), "arn:aws:iam::123456789012:role/acme"));
    assert!(
        !is(sender.as_ref(), "AIDACKCEVSQ6C2EXAMPLE"),
        "the session's name"
    );
}

#[test]
fn a_federated_user_is_not_the_root_user_of_its_account() {
    let iam = json!({"iam": {"callerId": "123456789012:bob", "userArn": "arn:aws:sts::123456789012:federated-user/bob"}});
    let sender = sender(&v2_event(&iam));
    assert!(is(sender.as_ref(), "123456789012:bob") && !is(sender.as_ref(), "123456789012"));
}

#[test]
fn a_token_is_known_by_its_subject_and_cannot_name_itself_an_iam_user() {
    let claims = json!({"iss": "https://example", "sub": "AIDACKCEVSQ6C2EXAMPLE"});
    for event in [
        v2_event(&json!({"jwt": {"claims": claims, "scopes": null}})),
        v1_event(&json!({"claims": claims})),
    ] {
        let sender = sender(&event);
        assert!(is(sender.as_ref(), "jwt:AIDACKCEVSQ6C2EXAMPLE"), "{event}");
        assert!(!is(sender.as_ref(), "AIDACKCEVSQ6C2EXAMPLE"));
    }
}

#[test]
fn an_authorizer_functions_principal_is_in_a_name_space_of_its_own() {
    let named = json!({"principalId": "direct", "integrationLatency": 12});
    for event in [v2_event(&json!({ "lambda": named })), v1_event(&named)] {
        let sender = sender(&event);
        assert!(is(sender.as_ref(), "authorizer:direct"), "{event}");
        assert!(!is(sender.as_ref(), "direct"));
    }
    let nameless = v2_event(&json!({"lambda": {"tenant": "acme"}}));
    assert_eq!(sender(&nameless), None);
}

#[test]
fn nobody_is_known_where_no_gateway_has_asked() {
    let mut alb = file(include_str!("../../../../tests/events/alb-order.json"));
    assert_eq!(sender(&alb), None);
    // A header is the caller's own word.
    alb["headers"]["x-amzn-oidc-identity"] = "AIDACKCEVSQ6C2EXAMPLE".into();
    assert_eq!(sender(&alb), None);
    for nothing in [
        json!(null),
        json!({}),
        json!({"iam": null}),
        json!({"iam": {"callerId": "", "userArn": ""}}),
        json!({"iam": {"callerId": 7, "userArn": ["arn:aws:iam::123456789012:user/a"]}}),
        json!({"jwt": {"claims": {"sub": ""}}}),
        json!({"iam": {"callerId": "direct", "userArn": "sns"}}),
    ] {
        assert_eq!(sender(&v2_event(&nothing)), None, "{nothing}");
    }
    assert_eq!(sender(&v1_event(&json!(null))), None);
}

#[test]
fn a_queue_names_the_sender_of_a_message_without_its_session() {
    let message = |attributes: Value| {
        let record =
            json!({"eventSource": "aws:sqs", "messageId": "m-1", "attributes": attributes})
                .to_string();
        Message::of(serde_json::from_str(&record).unwrap())
            .unwrap()
            .sender()
    };
    let file = file(include_str!("../../../../tests/events/sqs-one-order.json"));
    let user = message(file["Records"][0]["attributes"].clone());
    assert!(is(user.as_ref(), "AIDAIENQZJOLO23YVJ4VO"));
    let role = message(json!({"SenderId": "AROACKCEVSQ6C2EXAMPLE:i-a123b456"}));
    assert!(is(role.as_ref(), "AROACKCEVSQ6C2EXAMPLE"));
    for nobody in [
        json!({}),
        json!({"SenderId": ""}),
        json!({"SenderId": "anonymous"}),
        json!("x"),
    ] {
        assert_eq!(message(nobody), None);
    }
}
