//! How a new version takes over, and what brings the old one back.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{FUNCTIONS, function, properties, template, text_of_sub};

/// The parameters that `value` refers to.
fn parameters_in(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                match (name.as_str(), value) {
                    ("!Ref", Value::String(name)) => {
                        found.insert(name.clone());
                    }
                    ("!Sub", _) => panic!("{value}: what it names is not looked for"),
                    (_, value) => parameters_in(value, found),
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| parameters_in(value, found)),
        _ => {}
    }
}

#[test]
fn every_function_is_reached_by_its_alias_and_a_new_version_takes_over_step_by_step() {
    for name in FUNCTIONS {
        let function = function(name);
        assert_eq!(function["AutoPublishAlias"], "live", "{name}");
        assert_eq!(function["AutoPublishAliasAllProperties"], true, "{name}");
        let preference = &function["DeploymentPreference"];
        assert_eq!(preference["Role"], super::arn_of("DeploymentRole"));
        if name != "Track" {
            assert_eq!(preference["Type"], json!({"!Ref": "DeploymentType"}));
        }
        let alarm = format!("{name}ErrorsAlarm");
        assert_eq!(preference["Alarms"], json!([{"!Ref": alarm}]));
    }
    let default = template()["Parameters"]["DeploymentType"]["Default"].take();
    assert_eq!(default, "Canary10Percent5Minutes");
}

/// Every how many minutes the new version gets another tenth of the runs.
fn step_minutes(steps: &str) -> u64 {
    let minutes = steps.strip_prefix("Linear10PercentEvery").unwrap();
    let minutes = minutes.trim_end_matches("Minutes");
    minutes.trim_end_matches("Minute").parse().unwrap()
}

#[test]
fn a_new_version_of_track_has_all_but_certainly_run_before_it_takes_over() {
    let steps = function("Track")["DeploymentPreference"]["Type"].take();
    let [at_once, otherwise] = [&steps["!If"][1], &steps["!If"][2]["!If"]];
    assert_eq!(
        (&steps["!If"][0], at_once),
        (&json!("DeploysAtOnce"), &json!("AllAtOnce"))
    );
    assert_eq!(otherwise[0], "TracksEveryMinute");
    let schedules = template()["Parameters"]["TrackSchedule"]["AllowedValues"].take();
    for schedule in schedules.as_array().unwrap() {
        let schedule = schedule.as_str().unwrap();
        let digits = schedule.replace(|c: char| !c.is_ascii_digit(), "");
        let every: u64 = digits.parse().unwrap();
        let chosen = if every == 1 {
            &otherwise[1]
        } else {
            &otherwise[2]
        };
        let step = step_minutes(chosen.as_str().unwrap());
        // The first tenth at once, the last after nine steps; the schedule's first run as late as can be.
        let runs = (1..).map(|run| run * every);
        let missed: f64 = runs
            .take_while(|minute| *minute < 9 * step)
            .map(|minute| 1.0 - 0.1 * f64::from(u32::try_from(minute / step + 1).unwrap()))
            .product();
        assert!(missed < 0.02, "{schedule}: {missed}");
    }
}

#[test]
fn a_new_version_is_taken_back_for_its_own_errors_only() {
    for name in FUNCTIONS {
        let alarm = properties(&format!("{name}ErrorsAlarm"));
        assert_eq!(alarm["Namespace"], "AWS/Lambda");
        assert_eq!(alarm["MetricName"], "Errors");
        assert_eq!(
            alarm["Dimensions"],
            json!([
                {"Name": "FunctionName", "Value": {"!Ref": format!("{name}Function")}},
                {"Name": "Resource", "Value": {"!Sub": format!("${{{name}Function}}:live")}},
                {"Name": "ExecutedVersion", "Value": {"!GetAtt": format!("{name}Function.Version.Version")}},
            ])
        );
    }
}

#[test]
fn another_value_of_a_parameter_makes_another_version() {
    let parameters = template()["Parameters"].take();
    for name in FUNCTIONS {
        let mut function = function(name);
        let described = text_of_sub(&function["VersionDescription"]).to_owned();
        let members = function.as_object_mut().unwrap();
        // Where messages and requests come from, who is told, and what it is called: no part of a version.
        for outside in [
            "Events",
            "DeploymentPreference",
            "Tags",
            "VersionDescription",
        ] {
            members.remove(outside).unwrap();
        }
        let mut named = BTreeSet::new();
        parameters_in(&function, &mut named);
        // The bus has its name from a parameter.
        if named.contains("EventBus") {
            named.insert("EventBusName".to_owned());
        }
        named.retain(|name| parameters.get(name).is_some());
        for parameter in &named {
            let mention = format!("${{{parameter}}}");
            assert!(described.contains(&mention), "{name} lacks {parameter}");
        }
        // One that is no part of it would ask Lambda for a version that it has already, which fails.
        assert_eq!(described.matches("${").count(), named.len(), "{name}");
    }
}

/// The longest value that the parameter takes in a deployment.
fn longest(name: &str, parameter: &Value) -> usize {
    match name {
        // As its pattern says.
        "EventBusName" => 64,
        "VlanRange" => "1000-4094".len(),
        "KmsKeyArn" => {
            "arn:aws-us-gov:kms:us-gov-west-1:123456789012:key/mrk-0123456789abcdef0123456789abcdef"
                .len()
        }
        // Stays empty.
        "AwsEndpointUrl" => 0,
        _ => match &parameter["AllowedValues"] {
            Value::Array(values) => values.iter().map(|one| one.as_str().unwrap().len()).max(),
            _ => Some(parameter["MaxValue"].to_string().len()),
        }
        .unwrap(),
    }
}

#[test]
fn a_versions_description_has_room_for_every_value() {
    let parameters = template()["Parameters"].take();
    for name in FUNCTIONS {
        let function = function(name);
        // Lambda takes 256 characters.
        let mut parts = text_of_sub(&function["VersionDescription"]).split("${");
        let mut length = parts.next().unwrap().len();
        for part in parts {
            let (parameter, text) = part.split_once('}').unwrap();
            length += longest(parameter, &parameters[parameter]) + text.len();
        }
        assert!(length <= 256, "{name}: {length}");
    }
}

#[test]
fn callers_are_told_the_alias() {
    let outputs = template()["Outputs"].take();
    for (output, function) in [
        ("FunctionName", "AllocateFunction"),
        ("TrackFunctionName", "TrackFunction"),
    ] {
        assert_eq!(
            outputs[output]["Value"],
            json!({"!Sub": format!("${{{function}}}:live")})
        );
    }
}

#[test]
fn every_function_is_traced() {
    for name in FUNCTIONS {
        assert_eq!(function(name)["Tracing"], "Active", "{name}");
    }
}
