//! The schemas that consumers find in the registry, held against events that were really published.

use std::collections::BTreeMap;

use hosted_connection::{
    Connection, DetailType, Event, KeySource, Order, Origin, ParentConnection, Vlan,
};
use ledger::{Adopted, Adoption};
use proof::{OWNER, PARENT, Program, World, delete, http, request, schedule};
use serde_json::{Map, Value, json};

use super::{all, properties, template, text_of_sub};

/// Each schema of the registry, by the detail type that it says it is for.
fn schemas() -> BTreeMap<String, Value> {
    let parts = template()["Mappings"]["EventSchemas"]["Parts"].take();
    let mut schemas = BTreeMap::new();
    for (name, schema) in all("AWS::EventSchemas::Schema") {
        assert_eq!(schema["Type"], "OpenApi3");
        let mut text = text_of_sub(&schema["Content"]).to_owned();
        for (variable, part) in schema["Content"]["!Sub"][1].as_object().unwrap() {
            assert_eq!(
                part["!FindInMap"],
                json!(["EventSchemas", "Parts", variable])
            );
            let written = format!("${{{variable}}}");
            assert!(text.contains(&written), "{name} has no use for {variable}");
            text = text.replace(&written, parts[variable].as_str().unwrap());
        }
        let content: Value =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(content["openapi"], "3.0.0");
        let event = &content["components"]["schemas"]["AWSEvent"];
        assert_eq!(event["x-amazon-events-source"], Event::SOURCE);
        let detail_type = event["x-amazon-events-detail-type"].as_str().unwrap();
        let title = detail_type.replace(' ', "");
        assert_eq!(content["info"]["title"], title);
        assert_eq!(schema["SchemaName"], format!("{}@{title}", Event::SOURCE));
        schemas.insert(detail_type.to_owned(), content);
    }
    schemas
}

#[test]
fn a_region_without_registries_can_do_without() {
    let template = template();
    for (name, resource) in template["Resources"].as_object().unwrap() {
        let kind = resource["Type"].as_str().unwrap();
        if kind.starts_with("AWS::EventSchemas::") {
            assert_eq!(resource["Condition"], "HasEventSchemas", "{name}");
        }
    }
    let output = &template["Outputs"]["EventRegistryName"];
    assert_eq!(output["Condition"], "HasEventSchemas");
    assert_eq!(
        template["Conditions"]["HasEventSchemas"],
        json!({"!Equals": [{"!Ref": "EventSchemas"}, "registered"]})
    );
}

/// Whether `value` is what `schema` says, and has no member that it does not speak of.
fn check(root: &Value, schema: &Value, value: &Value, at: &str) {
    if let Some(name) = schema["$ref"].as_str() {
        let path = name.strip_prefix('#').unwrap();
        let target = root.pointer(path);
        return check(
            root,
            target.unwrap_or_else(|| panic!("no {name}")),
            value,
            at,
        );
    }
    if value.is_null() {
        assert_eq!(schema["nullable"], true, "{at} is null");
        return;
    }
    if let Some(values) = schema["enum"].as_array() {
        assert!(values.contains(value), "{at}: {value}");
    }
    match schema["type"].as_str().unwrap() {
        "object" => {
            let members = value.as_object().unwrap_or_else(|| panic!("{at}: {value}"));
            for required in schema["required"].as_array().into_iter().flatten() {
                let required = required.as_str().unwrap();
                assert!(members.contains_key(required), "{at} has no {required}");
            }
            for (name, member) in members {
                let at = format!("{at}/{name}");
                let of = schema["properties"].get(name);
                check(
                    root,
                    of.unwrap_or_else(|| panic!("{at} is not in the schema")),
                    member,
                    &at,
                );
            }
        }
        "array" => {
            for item in value.as_array().unwrap_or_else(|| panic!("{at}: {value}")) {
                check(root, &schema["items"], item, at);
            }
        }
        "string" => assert!(value.is_string(), "{at}: {value}"),
        "integer" => assert!(value.is_i64() || value.is_u64(), "{at}: {value}"),
        "boolean" => assert!(value.is_boolean(), "{at}: {value}"),
        other => panic!("{at}: no idea what a {other} is"),
    }
}

/// Some value that is what `schema` says.
fn example(root: &Value, schema: &Value) -> Value {
    if let Some(name) = schema["$ref"].as_str() {
        return example(root, root.pointer(name.strip_prefix('#').unwrap()).unwrap());
    }
    match schema["type"].as_str().unwrap() {
        "object" => schema["properties"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, schema)| (name.clone(), example(root, schema)))
            .collect::<Map<_, _>>()
            .into(),
        "array" => json!([example(root, &schema["items"])]),
        "string" => json!("text"),
        "integer" => json!(1),
        "boolean" => json!(true),
        other => panic!("no idea what a {other} is"),
    }
}

#[test]
fn every_kind_of_event_has_a_schema_in_the_registry() {
    let kinds = DetailType::ALL.map(|kind| kind.as_str().to_owned());
    let schemas: Vec<_> = schemas().into_keys().collect();
    assert_eq!(schemas.len(), kinds.len());
    assert!(
        kinds.iter().all(|kind| schemas.contains(kind)),
        "{schemas:?}"
    );
    for (name, schema) in all("AWS::EventSchemas::Schema") {
        let registry = json!({"!GetAtt": "EventRegistry.RegistryName"});
        assert_eq!(schema["RegistryName"], registry, "{name}");
    }
    properties("EventRegistry");
}

#[test]
fn the_schemas_connection_has_the_members_of_the_api_s() {
    for (kind, schema) in schemas() {
        let Some(connection) = schema["components"]["schemas"].get("Connection") else {
            assert_eq!(kind, DetailType::Rejected.as_str());
            continue;
        };
        // What has another name in the schema does not survive being read.
        let full = example(&schema, connection);
        let read: Connection = serde_json::from_value(full.clone()).unwrap();
        assert_eq!(serde_json::to_value(&read).unwrap(), full);
        let written = format!("{read:?}");
        assert!(!written.contains("None"), "not in the schema: {written}");
    }
}

/// A connection that was there before gets a record, and tracking publishes what is owed for it.
async fn adopt(world: &World) {
    let made = world
        .cloud
        .insert_connection(PARENT, 300, OWNER, "50Mbps", "from before")
        .unwrap();
    let aws = world.aws("operator");
    let parent = ParentConnection::parse(PARENT).unwrap();
    let shown = aws.direct_connect.connections(&parent).await.unwrap();
    let connection = shown.connections.into_iter();
    let mut connection = connection.filter(|one| one.connection_id.as_deref() == Some(&made.id));
    let mut body = request(Some(300));
    body["bandwidth"] = "50Mbps".into();
    let body = proof::with_key("five", body).to_string();
    let adoption = Adoption {
        order: Order::parse(body.as_bytes(), KeySource::Body).unwrap(),
        connection: connection.next().unwrap(),
        vlan: Vlan::new(300).unwrap(),
        lease_parent: parent,
        has_policy: false,
        origin: Origin::Adoption {
            request_id: "operator-1".into(),
        },
    };
    let adopted = aws.ledger.adopt(&adoption, None, 0).await.unwrap();
    assert!(matches!(adopted, Adopted::Done(_)));
}

/// An order becomes a connection that is confirmed and released; another is refused, a third is nonsense, a fourth waits until
/// its owner is reminded, and a connection that was there before is adopted.
#[tokio::test(start_paused = true)]
async fn every_event_that_is_published_is_as_its_schema_says() {
    let world = World::with(|cloud| cloud, &[("ORDERING_REMINDER_SECONDS", "60")]);
    let mut tagged = request(Some(101));
    tagged["tags"] = json!([{"key": "order", "value": "1"}, {"key": "bare"}]);
    for (key, body) in [
        ("one", tagged.to_string()),
        ("two", request(Some(101)).to_string()),
        ("three", request(Some(102)).to_string()),
    ] {
        world.invoke(&http(key, &body)).await;
    }
    for (id, body) in [
        ("m-1", "nonsense".to_owned()),
        ("m-2", proof::with_key("four", json!({})).to_string()),
    ] {
        world.invoke(&proof::sqs([proof::record(id, &body)])).await;
    }
    let connections = world.cloud.connections();
    let first = connections.iter().find(|one| one.vlan == 101).unwrap();
    world.cloud.confirm(&first.id).unwrap();
    let third = connections.iter().find(|one| one.vlan == 102).unwrap();
    world
        .cloud
        .move_connection(&third.id, "dxlag-ffabc789")
        .unwrap();
    adopt(&world).await;
    for _ in 0..3 {
        tokio::time::sleep(std::time::Duration::from_secs(60)).await;
        world
            .invoke_program(Program::Track, &schedule())
            .await
            .answer();
    }
    world
        .invoke_program(Program::Release, &delete("one"))
        .await
        .answer();
    let unheard_of = json!({"action": "release", "idempotencyKey": "unheard-of"}).to_string();
    let message = proof::sqs([proof::record("m-3", &unheard_of)]);
    world
        .invoke_program(Program::Release, &message)
        .await
        .answer();
    for _ in 0..3 {
        tokio::time::sleep(std::time::Duration::from_secs(60)).await;
        world
            .invoke_program(Program::Track, &schedule())
            .await
            .answer();
    }

    let schemas = schemas();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for event in world.cloud.events() {
        let schema = &schemas[&event.detail_type];
        let detail = &schema["components"]["schemas"]["Detail"];
        check(schema, detail, &event.detail, &event.detail_type);
        *seen.entry(event.detail_type.clone()).or_default() += 1;
    }
    assert_eq!(seen.len(), DetailType::ALL.len(), "{seen:?}");
    let details = world.details();
    let has = |member: &str| details.iter().any(|detail| detail.get(member).is_some());
    assert!(has("ageSeconds"), "no reminder");
    assert!(
        details
            .iter()
            .any(|detail| detail["idempotencyKey"].is_null())
    );
}
