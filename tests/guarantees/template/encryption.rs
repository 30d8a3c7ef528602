//! One key of one's own reaches everything that keeps data, and without one AWS's keys do.

use serde_json::{Value, json};

use super::{FUNCTIONS, all, function, properties};

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
