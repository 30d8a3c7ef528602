//! Which routes there are, to which function they lead, and who may take them.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{FUNCTIONS, function, properties, template};

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
        // HEAD, and 405 for all that no route takes.
        ("Inspect", "ANY", "/allocations"),
        ("Inspect", "ANY", "/allocations/{key+}"),
        ("Inspect", "ANY", "/parents/{connectionId}"),
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
fn the_routes_are_those_of_the_openapi_file() {
    let described = ::template::openapi();
    let mut routes = BTreeSet::new();
    for (path, item) in described["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            // OpenAPI has no word for a parameter that holds the rest of the path.
            routes.insert((method.to_uppercase(), path.replace("{key}", "{key+}")));
        }
    }
    let mut deployed = BTreeSet::new();
    for name in FUNCTIONS {
        let function = function(name);
        for event in function["Events"].as_object().unwrap().values() {
            if event["Type"] == "HttpApi" {
                let event = &event["Properties"];
                let text = |member: &str| event[member].as_str().unwrap().to_owned();
                deployed.insert((text("Method"), text("Path")));
            }
        }
    }
    // What the others do not take is no operation.
    let (others, deployed): (BTreeSet<_>, BTreeSet<_>) = deployed
        .into_iter()
        .partition(|(method, _)| method == "ANY");
    assert_eq!(routes, deployed);
    let paths = |routes: BTreeSet<(String, String)>| -> BTreeSet<_> {
        routes.into_iter().map(|(_, path)| path).collect()
    };
    assert_eq!(paths(others), paths(deployed));
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

#[test]
fn no_caller_can_use_up_the_account() {
    let api = properties("Api");
    assert_eq!(
        api["DefaultRouteSettings"],
        json!({
            "ThrottlingBurstLimit": {"!Ref": "ApiBurst"},
            "ThrottlingRateLimit": {"!Ref": "ApiRequestsPerSecond"},
        })
    );
    assert_eq!(api.get("RouteSettings"), None, "a way past the limit");
    // DefaultRouteSettings count each route by itself, and whoever sets them should know.
    let parameters = template()["Parameters"].take();
    for name in ["ApiRequestsPerSecond", "ApiBurst"] {
        let described = parameters[name]["Description"].as_str().unwrap();
        assert!(described.contains("to each route"), "{name}: {described}");
    }
}

#[test]
fn a_warning_about_what_the_translator_writes_fails_no_stack() {
    assert_eq!(properties("Api").get("FailOnWarnings"), None);
}

#[test]
fn the_access_log_says_who_asked_for_what_kind_of_thing_and_never_for_which() {
    let settings = properties("Api")["AccessLogSettings"].take();
    assert_eq!(settings["DestinationArn"], super::arn_of("ApiLogGroup"));
    let line: Value = serde_json::from_str(settings["Format"].as_str().unwrap()).unwrap();
    // Not `path`, whose end is an idempotency key. Nothing of what API Gateway offers holds a body or a header.
    let told: BTreeSet<_> = line
        .as_object()
        .unwrap()
        .values()
        .map(|variable| {
            variable
                .as_str()
                .unwrap()
                .strip_prefix("$context.")
                .unwrap()
        })
        .collect();
    assert_eq!(
        told,
        BTreeSet::from([
            "error.responseType",
            "identity.sourceIp",
            "identity.userArn",
            "integrationLatency",
            "integrationStatus",
            "requestId",
            "requestTime",
            "responseLatency",
            "responseLength",
            "routeKey",
            "status",
        ])
    );
}
