//! What reaches a file, and what does not.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;

use super::*;

const ACCOUNT_ID: &str = "111122223333";
const CHILD: &str = "dxcon-ffabc123";
const NAME_OF_IT: &str = "Example Corp 42 (Frankfurt) is the customer";
const TOKEN: &str = "IQoJb3JpZ2luX2VjEXAMPLE//////////wEaCXVzLWVhc3QtMSJHMEUCIQDz+w==";
const ACCESS_KEY: &str = "AKIAIOSFODNN7EXAMPLE";

fn disguise() -> Disguise {
    Disguise::new().unwrap()
}

/// Somebody's value in all the ways in which it may stand somewhere.
fn forms(value: &str) -> Vec<String> {
    let all_encoded: String = value.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let in_front = |front: &str| STANDARD.encode(format!("{front}{value}"));
    vec![
        value.to_owned(),
        all_encoded,
        utf8_percent_encode(value, NON_ALPHANUMERIC).to_string(),
        in_front(""),
        in_front("x"),
        in_front("xy"),
        URL_SAFE_NO_PAD.encode(value),
    ]
}

#[test]
fn nothing_of_anybody_is_left_however_it_is_written() {
    let disguise = disguise();
    for value in [
        ACCOUNT_ID,
        CHILD,
        NAME_OF_IT,
        TOKEN,
        ACCESS_KEY,
        "1111-2222-3333",
    ] {
        for form in forms(value) {
            let document = json!({
                "message": format!("User: arn:aws:iam::{form}:user/{form} is not authorized on {form}"),
                "connectionName": form,
                "nextToken": form,
                "tags": [{"key": form, "value": form}],
                form.clone(): form,
                "Item": {"pk": {"S": format!("allocation#{form}")}, "request": {"S": json!({"connectionName": form}).to_string()}},
                "QueueUrl": format!("https://sqs.eu-central-1.amazonaws.com/{form}/orders?x={form}"),
            });
            let written = disguise.document(&document).to_string();
            assert!(!written.contains(&form), "{form} in {written}");
            assert!(!written.contains(value), "{value} in {written}");
            for part in [
                "1111",
                "Example",
                "Frankfurt",
                "ffabc",
                "EXAMPLE",
                "IOSFODNN",
            ] {
                let is_part =
                    value.contains(part) && part != "1111" || value == ACCOUNT_ID && part == "1111";
                assert!(!is_part || !written.contains(part), "{part} in {written}");
            }
        }
    }
}

#[test]
fn the_same_value_is_the_same_in_every_place_and_another_in_every_file() {
    let one = disguise();
    let document = one.document(&json!({
        "ownerAccount": ACCOUNT_ID,
        "connectionId": CHILD,
        "connectionName": NAME_OF_IT,
        "message": format!("{NAME_OF_IT}: {CHILD} of {ACCOUNT_ID}"),
        "Detail": json!({"connection": {"connectionId": CHILD, "connectionName": NAME_OF_IT}}).to_string(),
        "resources": [format!("arn:aws:directconnect:eu-central-1:{ACCOUNT_ID}:dxcon/{CHILD}")],
        "reason": "1111-2222-3333",
    }));
    let text = |name: &str| document[name].as_str().unwrap().to_owned();
    let (account, child, name) = (
        text("ownerAccount"),
        text("connectionId"),
        text("connectionName"),
    );
    assert_eq!(text("message"), format!("{name}: {child} of {account}"));
    let detail: Value = serde_json::from_str(&text("Detail")).unwrap();
    assert_eq!(
        detail,
        json!({"connection": {"connectionId": child, "connectionName": name}})
    );
    let arn = format!("arn:aws:directconnect:eu-central-1:{account}:dxcon/{child}");
    assert_eq!(document["resources"][0], arn);
    assert_eq!(text("reason").replace('-', ""), account);
    assert_ne!(disguise().text(CHILD), child);
}

#[test]
fn what_is_replaced_keeps_the_form_that_programs_go_by() {
    let disguise = disguise();
    let account = disguise.text(ACCOUNT_ID);
    assert!(account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit()));
    let child = disguise.text(CHILD);
    let id = child.strip_prefix("dxcon-").unwrap();
    assert!(
        id.len() == 8
            && id
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    );
    assert_eq!(
        disguise.document(&json!({"ownerAccount": 111_122_223_333_u64}))["ownerAccount"]
            .to_string(),
        account
    );
}

#[test]
fn what_aws_means_is_kept() {
    let connection = json!({
        "connectionState": "ordering", "bandwidth": "50Mbps", "vlan": 101, "region": "eu-central-1", "location": "EqFA5",
        "loaIssueTime": 1_767_323_045.5, "jumboFrameCapable": true, "awsDeviceV2": null, "billingMode": "PayAsYouGo",
        "portEncryptionStatus": "Encryption Down",
    });
    let error =
        json!({"__type": "DirectConnectClientException", "message": "VLAN 101 is already in use"});
    let item =
        json!({"time": {"N": "1767323045678"}, "created": {"S": "2026-01-02T03:04:05.678Z"}});
    let other = json!({"__type": "com.amazonaws.directconnect#TooManyWidgetsException", "code": "SlowDownError", "ErrorCode": "MalformedDetail"});
    let disguise = disguise();
    for document in [connection, error, other, item] {
        assert_eq!(disguise.document(&document), document);
    }
}

#[test]
fn a_name_of_words_that_are_known_is_replaced_where_it_was_seen_as_one() {
    let disguise = disguise();
    let name = disguise.document(&json!({"connectionName": "the customer port 7"}));
    let name = name["connectionName"].as_str().unwrap().to_owned();
    for word in name.split(' ') {
        assert!(!["the", "customer", "port", "7"].contains(&word), "{name}");
    }
    assert_eq!(
        disguise.text("the customer port 7 is not the customer port 7 of the customer"),
        format!("{name} is not {name} of the {}", disguise.text("customer"))
    );
}

#[test]
fn an_address_becomes_another_one_wherever_it_stands() {
    let disguise = disguise();
    let document = json!({
        "message": "not authorized from 192.0.2.7, or from 2001:1234::7 (00:00:53:00:53:07)",
        "reason": "192.0.2.7",
    });
    let written = disguise.document(&document);
    let address = written["reason"].as_str().unwrap();
    assert!(address.parse::<std::net::Ipv4Addr>().is_ok(), "{address}");
    let message = written["message"].as_str().unwrap();
    let begin = format!("not authorized from {address}, or from ");
    assert!(message.starts_with(&begin), "{message}");
    for part in ["192.0", "1234::", "00:00:53"] {
        assert!(!message.contains(part), "{message}");
    }
}

#[test]
fn an_orders_key_is_replaced_to_the_last_word_wherever_it_stands() {
    let disguise = disguise();
    let key = "customer-4711-port";
    let document = json!({
        "Item": {"pk": {"S": format!("allocation#{key}")}, "holder": {"S": key}},
        "ExpressionAttributeValues": {":key": {"S": key}},
        "Detail": json!({"idempotencyKey": key}).to_string(),
        "MessageAttributes": {"Idempotency-Key": {"DataType": "String", "StringValue": key}},
        "message": format!("the order {key} is in use"),
    });
    let written = disguise.document(&document);
    let key = &written["ExpressionAttributeValues"][":key"]["S"];
    let key = key.as_str().unwrap();
    let item = written["Item"].to_string();
    for value in [json!(key), json!(format!("allocation#{key}"))] {
        assert!(item.contains(&value.to_string()), "{value} in {item}");
    }
    assert_eq!(written["message"], format!("the order {key} is in use"));
    let text = written.to_string();
    for word in ["customer", "4711", "port"] {
        assert!(!text.contains(word), "{word} in {text}");
    }
}

#[test]
fn of_a_document_in_its_small_form_no_word_is_kept() {
    let small = "\u{1}{\u{4}\"Central\",\u{5}\"customer 4711\",\t471}";
    let written = disguise().text(small);
    for word in ["Central", "customer", "471"] {
        assert!(!written.contains(word), "{written}");
    }
    assert!(written.starts_with("\u{1}{\u{4}\""), "{written}");
}

#[test]
fn odd_texts_are_replaced_and_no_text_is_too_odd() {
    let disguise = disguise();
    for text in [
        "ümläut 中文",
        "\u{1f600}\u{200d}",
        "１１１１２２２２３３３３",
        "٣٣٣٣٢٢٢٢١١١١",
        "a\u{0}b",
        "{not json",
        "[",
        "%",
        "１",
    ] {
        let written = disguise.text(text);
        for c in text.chars().filter(|c| !c.is_ascii()) {
            assert!(!written.contains(c), "{text}: {written}");
        }
    }
    let long = "x".repeat(100_000);
    assert_eq!(disguise.text(&long).len(), long.len());
    assert!(
        disguise
            .document(&json!({"connectionName": "a b"}))
            .is_object()
    );
    assert!(!disguise.text(&"a b ".repeat(10_000)).contains("a b"));
    let mut deep = json!("secret");
    for _ in 0..100 {
        deep = json!([deep]);
    }
    assert!(!disguise.document(&deep).to_string().contains("secret"));
}
