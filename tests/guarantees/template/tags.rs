//! Everything says whose it is, to those who read the bill.

use serde_json::json;

use super::{function, template};

/// What CloudFormation can give no tags.
const WITHOUT: [&str; 6] = [
    "AWS::Events::Archive",
    "AWS::Logs::ResourcePolicy",
    "AWS::SQS::QueuePolicy",
    "AWS::SNS::Subscription",
    "AWS::Lambda::EventInvokeConfig",
    // By the globals, and SAM hands them on to what it makes.
    "AWS::Serverless::Function",
];

#[test]
fn everything_that_can_have_tags_has_them() {
    let listed = json!([
        {"Key": "Service", "Value": {"!Ref": "Service"}},
        {"Key": "Environment", "Value": {"!Ref": "Environment"}},
    ]);
    let named = json!({"Service": {"!Ref": "Service"}, "Environment": {"!Ref": "Environment"}});
    let template = template();
    for (name, resource) in template["Resources"].as_object().unwrap() {
        let (kind, tags) = (
            resource["Type"].as_str().unwrap(),
            &resource["Properties"]["Tags"],
        );
        if !WITHOUT.contains(&kind) {
            assert!(*tags == listed || *tags == named, "{name}: {tags}");
        }
    }
    let any = function("Allocate");
    assert_eq!(any["Tags"], named);
    assert_eq!(any["PropagateTags"], true);
}
