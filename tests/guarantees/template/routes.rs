//! Which routes there are, to which function they lead, and who may take them.

use std::collections::BTreeSet;

use super::{FUNCTIONS, function, properties};

#[test]
fn the_routes_are_the_contracts() {
    let mut routes = BTreeSet::new();
    for name in FUNCTIONS {
        let function = function(name);
        for event in function["Events"].as_object().unwrap().values() {
            if event["Type"] == "HttpApi" {
                let event = &event["Properties"];
                let text = |member: &str| event[member].as_str().unwrap().to_owned();
                assert_eq!(event["PayloadFormatVersion"], "2.0");
                assert_eq!(event["ApiId"]["!Ref"], "Api");
                routes.insert((name, text("Method"), text("Path")));
            }
        }
    }
    // A key may hold a slash, so everything that follows is the key.
    let contract = [
        ("Allocate", "POST", "/allocations"),
        ("Inspect", "GET", "/allocations"),
        ("Inspect", "GET", "/allocations/{key+}"),
        ("Inspect", "GET", "/parents/{connectionId}"),
        ("Release", "DELETE", "/allocations/{key+}"),
    ];
    assert_eq!(
        routes,
        BTreeSet::from(
            contract.map(|(name, method, path)| { (name, method.to_owned(), path.to_owned()) })
        )
    );
}

#[test]
fn only_callers_with_an_iam_identity_reach_a_route() {
    let auth = properties("Api")["Auth"].take();
    assert_eq!(auth["EnableIamAuthorizer"], true);
    assert_eq!(auth["DefaultAuthorizer"], "AWS_IAM");
    for name in FUNCTIONS {
        let function = function(name);
        assert_eq!(
            function.get("FunctionUrlConfig"),
            None,
            "a way past the API"
        );
        for event in function["Events"].as_object().unwrap().values() {
            assert_eq!(event["Properties"].get("Auth"), None, "{event}");
        }
    }
}
