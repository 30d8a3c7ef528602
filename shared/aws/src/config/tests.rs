//! What each variable may hold, and what is said of one that is wrong.

use super::*;

fn config(overrides: &[(&str, &str)]) -> Result<Config, ConfigError> {
    Config::of_complete(overrides)
}

#[test]
fn defaults_are_those_of_the_contract() {
    let config = config(&[]).unwrap();
    assert_eq!(config.rules.settle, Duration::from_secs(30));
    assert_eq!(config.rules.vlan_range.to_string(), "1-4094");
    assert_eq!(config.rules.vlan_memory, Duration::ZERO);
    assert_eq!(config.endpoints.dynamodb, None);
    assert!(!config.rules.parent_policies && !config.rules.callers);
    assert_eq!(config.tracking.stuck_after, Duration::from_secs(900));
    assert_eq!(
        config.tracking.ordering_reminder,
        Duration::from_secs(172_800)
    );
}

#[test]
fn a_missing_or_bad_variable_is_named_with_what_it_should_hold() {
    for (name, value) in [
        ("ALLOCATIONS_TABLE_NAME", ""),
        ("EVENT_BUS_NAME", " "),
        ("AWS_REGION", ""),
        ("AWS_ACCESS_KEY_ID", ""),
        ("AWS_SECRET_ACCESS_KEY", ""),
        ("SETTLE_SECONDS", "soon"),
        ("SETTLE_SECONDS", "-1"),
        ("SETTLE_SECONDS", "3601"),
        ("VLAN_MEMORY_SECONDS", "1m"),
        ("VLAN_MEMORY_SECONDS", "-1"),
        ("VLAN_MEMORY_SECONDS", "86401"),
        ("VLAN_RANGE", "0-10"),
        ("VLAN_RANGE", "200-100"),
        ("AWS_ENDPOINT_URL", "localhost:8000"),
        ("AWS_ENDPOINT_URL_DYNAMODB", "ftp://x"),
        ("AWS_USE_FIPS_ENDPOINT", "yes"),
        ("PARENT_POLICIES", "on"),
        ("CALLERS", "off"),
        ("CALLERS", "Enforced"),
        ("STUCK_AFTER_SECONDS", "0"),
        ("ORDERING_REMINDER_SECONDS", "7776001"),
    ] {
        let message = config(&[(name, value)]).unwrap_err().to_string();
        assert!(
            message.starts_with(&format!("{name} must be ")),
            "{message}"
        );
    }
}

#[test]
fn an_endpoint_of_one_service_wins_over_that_of_all() {
    let endpoints = config(&[
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:1"),
        ("AWS_ENDPOINT_URL_DIRECT_CONNECT", "http://127.0.0.1:2"),
    ])
    .unwrap()
    .endpoints;
    assert_eq!(endpoints.dynamodb.as_deref(), Some("http://127.0.0.1:1"));
    assert_eq!(
        endpoints.direct_connect.as_deref(),
        Some("http://127.0.0.1:2")
    );
}
