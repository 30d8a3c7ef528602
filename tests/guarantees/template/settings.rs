//! What functions are told from outside: variables and parameters.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::time::Duration;

use aws::config::Config;
use proof::World;
use serde_json::{Value, json};

use super::{FUNCTIONS, function, properties, template};

/// Variables that the contract lets a deployment set for every function; Lambda itself sets the others.
const SHARED: [&str; 8] = [
    "ALLOCATIONS_TABLE_NAME",
    "EVENT_BUS_NAME",
    "STACK_NAME",
    "SETTLE_SECONDS",
    "VLAN_RANGE",
    "VLAN_MEMORY_SECONDS",
    "PARENT_POLICIES",
    "AWS_ENDPOINT_URL",
];

/// For those that somebody calls.
const CALLED: [&str; 1] = ["CALLERS"];

/// Those that are for the track function alone.
const TRACKING: [&str; 2] = ["STUCK_AFTER_SECONDS", "ORDERING_REMINDER_SECONDS"];

#[test]
fn the_functions_environments_are_the_contracts() {
    for name in FUNCTIONS {
        let function = function(name);
        let variables = function["Environment"]["Variables"].as_object().unwrap();
        let names: BTreeSet<_> = variables.keys().map(String::as_str).collect();
        let mut expected = BTreeSet::from(SHARED);
        match name {
            "Track" => expected.extend(TRACKING),
            _ => expected.extend(CALLED),
        }
        assert_eq!(names, expected, "{name}");
        // The dimension that alarms and dashboard look for.
        assert_eq!(variables["STACK_NAME"], json!({"!Ref": "AWS::StackName"}));
    }
}

#[test]
fn every_variable_of_the_template_is_read_under_its_name() {
    let asked = RefCell::new(BTreeSet::new());
    let config = Config::from_lookup(|name| {
        asked.borrow_mut().insert(name.to_owned());
        match name {
            "SETTLE_SECONDS" => Some("7".into()),
            "VLAN_RANGE" => Some("5-6".into()),
            "VLAN_MEMORY_SECONDS" => Some("10".into()),
            "PARENT_POLICIES" | "CALLERS" => Some("enforced".into()),
            "STUCK_AFTER_SECONDS" => Some("8".into()),
            "ORDERING_REMINDER_SECONDS" => Some("9".into()),
            "AWS_ENDPOINT_URL" => Some("http://127.0.0.1:1".into()),
            name if name.starts_with("AWS_ENDPOINT_URL_") || name.starts_with("AWS_USE_") => None,
            name => Some(format!("value of {name}")),
        }
    })
    .unwrap();
    let asked = asked.into_inner();
    for name in SHARED.iter().chain(&CALLED).chain(&TRACKING) {
        assert!(asked.contains(*name), "{name} is never read");
    }
    assert_eq!(config.table_name, "value of ALLOCATIONS_TABLE_NAME");
    assert_eq!(config.bus_name, "value of EVENT_BUS_NAME");
    let stack = config.stack_name.as_deref();
    assert_eq!(stack, Some("value of STACK_NAME"));
    assert_eq!(config.rules.settle, Duration::from_secs(7));
    assert_eq!(config.rules.vlan_range.to_string(), "5-6");
    assert_eq!(config.rules.vlan_memory, Duration::from_secs(10));
    assert!(config.rules.parent_policies && config.rules.callers);
    assert_eq!(config.tracking.stuck_after, Duration::from_secs(8));
    assert_eq!(config.tracking.ordering_reminder, Duration::from_secs(9));
    let endpoint = Some("http://127.0.0.1:1".to_owned());
    let endpoints = config.endpoints;
    assert_eq!(
        [
            &endpoints.dynamodb,
            &endpoints.direct_connect,
            &endpoints.eventbridge
        ],
        [&endpoint; 3]
    );
}

#[test]
fn the_parameters_defaults_are_the_contracts_and_the_codes() {
    let parameters = template()["Parameters"].take();
    assert_eq!(parameters["SettleSeconds"]["Default"], 30);
    // At 0 a call would be repeated while the first one is still under way.
    assert_eq!(parameters["SettleSeconds"]["MinValue"], 10);
    assert_eq!(parameters["VlanRange"]["Default"], "1-4094");
    assert_eq!(parameters["VlanMemorySeconds"]["Default"], 0);
    assert_eq!(parameters["StuckAfterSeconds"]["Default"], 900);
    assert_eq!(parameters["OrderingReminderSeconds"]["Default"], 172_800);
    // The one that differs: code without a word from the deployment asks for no policies.
    assert_eq!(parameters["ParentPolicies"]["Default"], "enforced");
    assert_eq!(parameters["Callers"]["Default"], "ignored");
    let config = Config::from_lookup(|name| match name {
        "ALLOCATIONS_TABLE_NAME"
        | "EVENT_BUS_NAME"
        | "AWS_REGION"
        | "AWS_ACCESS_KEY_ID"
        | "AWS_SECRET_ACCESS_KEY" => Some("x".into()),
        // Left empty in a deployment.
        "AWS_ENDPOINT_URL" => Some(String::new()),
        _ => None,
    })
    .unwrap();
    assert_eq!(config.rules.settle, Duration::from_secs(30));
    assert_eq!(config.rules.vlan_range.to_string(), "1-4094");
    assert_eq!(config.rules.vlan_memory, Duration::ZERO);
    assert_eq!(config.tracking.stuck_after, Duration::from_secs(900));
    let reminder = config.tracking.ordering_reminder;
    assert_eq!(reminder, Duration::from_secs(172_800));
}

#[test]
fn the_code_takes_every_value_that_the_template_takes() {
    let parameters = template()["Parameters"].take();
    for (parameter, variable) in [
        ("SettleSeconds", "SETTLE_SECONDS"),
        ("VlanMemorySeconds", "VLAN_MEMORY_SECONDS"),
        ("StuckAfterSeconds", "STUCK_AFTER_SECONDS"),
        ("OrderingReminderSeconds", "ORDERING_REMINDER_SECONDS"),
    ] {
        for limit in ["MinValue", "MaxValue"] {
            let _world = World::with(
                |cloud| cloud,
                &[(variable, &parameters[parameter][limit].to_string())],
            );
        }
    }
    for (parameter, variable) in [
        ("ParentPolicies", "PARENT_POLICIES"),
        ("Callers", "CALLERS"),
    ] {
        let values = parameters[parameter]["AllowedValues"].as_array();
        for value in values.unwrap().iter().filter_map(Value::as_str) {
            let _world = World::with(|cloud| cloud, &[(variable, value)]);
        }
    }
}

#[test]
fn each_function_is_its_own_package_with_its_own_role_and_logs() {
    for name in FUNCTIONS {
        let resource = format!("{name}Function");
        let template = template();
        let package = name.to_lowercase();
        let metadata = &template["Resources"][&resource]["Metadata"];
        assert_eq!(metadata["BuildProperties"]["Binary"], package);
        let function = function(name);
        assert_eq!(function["CodeUri"], format!("functions/{package}"));
        assert_eq!(function["Role"], super::arn_of(&format!("{name}Role")));
        assert_eq!(
            function["LoggingConfig"]["LogGroup"],
            json!({"!Ref": format!("{name}LogGroup")})
        );
        assert_eq!(function["LoggingConfig"]["LogFormat"], "JSON");
        assert_eq!(
            function["LoggingConfig"]["ApplicationLogLevel"],
            json!({"!Ref": "LogLevel"})
        );
        properties(&format!("{name}LogGroup"));
    }
}

#[test]
fn no_log_level_silences_the_metrics() {
    // They are lines of the log without a level, and Lambda takes such lines for INFO.
    let level = template()["Parameters"]["LogLevel"].take();
    assert_eq!(level["AllowedValues"], json!(["TRACE", "DEBUG", "INFO"]));
    assert_eq!(level["Default"], "INFO");
}

#[test]
fn a_run_of_track_ends_before_the_next_and_is_never_repeated() {
    let track = function("Track");
    let event = &track["Events"]["EveryMinute"];
    assert_eq!(event["Type"], "Schedule");
    assert_eq!(
        event["Properties"]["Schedule"],
        json!({"!Ref": "TrackSchedule"})
    );
    let schedule = &template()["Parameters"]["TrackSchedule"].take();
    assert_eq!(schedule["Default"], "rate(1 minute)");
    assert_eq!(schedule["AllowedValues"][0], schedule["Default"]);
    assert!(track["Timeout"].as_u64().unwrap() < 60);
    for retries in [
        &track["EventInvokeConfig"],
        &event["Properties"]["RetryPolicy"],
    ] {
        assert_eq!(retries["MaximumRetryAttempts"], 0);
        assert_eq!(retries["MaximumEventAgeInSeconds"], 60);
    }
}
