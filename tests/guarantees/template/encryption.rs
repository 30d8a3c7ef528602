//! One key of one's own reaches everything that keeps data, and without one AWS's keys do.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::rights::TABLES_KEY;
use super::{FUNCTIONS, all, function, properties, texts};

/// `!If [HasKmsKey, !Ref KmsKeyArn, !Ref AWS::NoValue]`.
fn the_key_if_any() -> Value {
    json!({"!If": ["HasKmsKey", {"!Ref": "KmsKeyArn"}, {"!Ref": "AWS::NoValue"}]})
}

#[test]
fn whatever_keeps_data_takes_the_key() {
    let mut keepers = 0;
    for (kind, member) in [
        ("AWS::SQS::Queue", "KmsMasterKeyId"),
        ("AWS::Logs::LogGroup", "KmsKeyId"),
        ("AWS::Events::EventBus", "KmsKeyIdentifier"),
        ("AWS::Events::Archive", "KmsKeyIdentifier"),
    ] {
        for (name, properties) in all(kind) {
            assert_eq!(properties[member], the_key_if_any(), "{name}");
            keepers += 1;
        }
    }
    assert_eq!(keepers, 6 + 6 + 1 + 1);
    let table = properties("AllocationsTable")["SSESpecification"].take();
    assert_eq!(table["KMSMasterKeyId"], the_key_if_any());
    assert_eq!(table["SSEType"], "KMS");
    for name in FUNCTIONS {
        assert_eq!(function(name)["KmsKeyArn"], the_key_if_any(), "{name}");
    }
}

/// The statements of infra/key-policy.json, by their names.
fn sample() -> BTreeMap<String, Value> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../infra/key-policy.json");
    let policy: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let statements = policy["Statement"].as_array().unwrap().iter();
    statements
        .map(|one| (one["Sid"].as_str().unwrap().to_owned(), one.clone()))
        .collect()
}

#[test]
fn the_sample_key_policy_lets_every_service_that_keeps_data_use_the_key() {
    let sample = sample();
    let may = |who: &str| {
        let one = sample.get(who).unwrap_or_else(|| panic!("no {who}"));
        assert_eq!(one["Effect"], "Allow");
        texts(&one["Action"])
    };
    let has = |who: &str, actions: &[&str]| {
        let may = may(who);
        for action in actions {
            assert!(may.contains(&format!("kms:{action}")), "{who}: {action}");
        }
    };
    // Source: each service's guide, on keys of one's own.
    has(
        "EventBridge",
        &["DescribeKey", "GenerateDataKey", "Decrypt", "ReEncrypt*"],
    );
    has(
        "CloudWatchLogs",
        &[
            "Encrypt",
            "Decrypt",
            "ReEncrypt*",
            "GenerateDataKey*",
            "DescribeKey",
        ],
    );
    has(
        "DynamoDBForThoseWhoMayUseTheTable",
        &TABLES_KEY.map(|action| &action[4..]),
    );
    has("Senders", &["Decrypt", "GenerateDataKey"]);
    has(
        "Deployer",
        &[
            "CreateGrant",
            "Decrypt",
            "DescribeKey",
            "Encrypt",
            "GenerateDataKey",
        ],
    );
    has("Administration", &["*"]);
    // Nobody outside of the account, whoever the principal is.
    for (name, one) in &sample {
        let written = one.to_string();
        assert!(written.contains("ACCOUNT"), "{name} is for any account");
    }
}

#[test]
fn a_queue_without_the_key_is_encrypted_all_the_same() {
    for (name, queue) in all("AWS::SQS::Queue") {
        // SQS takes one or the other, never both.
        assert_eq!(
            queue["SqsManagedSseEnabled"],
            json!({"!If": ["HasKmsKey", {"!Ref": "AWS::NoValue"}, true]}),
            "{name}"
        );
    }
}
