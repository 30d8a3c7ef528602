//! Orders from a bus and from a topic: off by default, and nothing of ours comes back that way.

use hosted_connection::Event;
use proof::{World, record, request, sqs, with_key};
use serde_json::{Value, json};

use super::{arn_of, properties, template};

/// Whether an event has what the pattern asks for. Of the pattern language, it knows lists of texts and `exists: false`.
fn matches(pattern: &Value, event: &Value) -> bool {
    match pattern {
        Value::Object(members) => members.iter().all(|(name, of)| matches(of, &event[name])),
        Value::Array(choices) => choices.iter().any(|choice| match choice.get("exists") {
            // Of leaves only, as EventBridge has it.
            Some(exists) => *exists == json!(event.is_string()),
            None => choice == event,
        }),
        other => panic!("no pattern: {other}"),
    }
}

/// The rule's pattern for these sources and detail types.
fn pattern(sources: &Value, detail_types: Option<&Value>) -> Value {
    let mut pattern = properties("OrdersRule")["EventPattern"].take();
    assert_eq!(
        pattern["source"].take(),
        json!({"!Ref": "OrdersEventSources"})
    );
    assert_eq!(
        pattern["detail-type"].take(),
        json!({"!If": ["HasOrdersEventDetailTypes", {"!Ref": "OrdersEventDetailTypes"}, {"!Ref": "AWS::NoValue"}]})
    );
    pattern["source"] = sources.clone();
    match detail_types {
        Some(types) => pattern["detail-type"] = types.clone(),
        None => {
            pattern.as_object_mut().unwrap().remove("detail-type");
        }
    }
    pattern
}

/// An event as a rule sees it.
fn event(source: &str, detail_type: &str, detail: &Value) -> Value {
    json!({"source": source, "detail-type": detail_type, "detail": detail})
}

#[test]
fn buses_and_topics_feed_the_queue_only_where_they_are_named() {
    let parameters = template()["Parameters"].take();
    for name in [
        "OrdersEventBusName",
        "OrdersEventSources",
        "OrdersEventDetailTypes",
        "OrdersTopicArn",
    ] {
        assert_eq!(parameters[name]["Default"], "", "{name}");
    }
    let resources = template()["Resources"].take();
    assert_eq!(resources["OrdersRule"]["Condition"], "BusFeedsOrders");
    assert_eq!(
        resources["OrdersSubscription"]["Condition"],
        "TopicFeedsOrders"
    );
    for (policy, queue) in [
        ("QueuesPolicy", "OrdersQueue"),
        (
            "OrdersFeedDeadLetterQueuePolicy",
            "OrdersFeedDeadLetterQueue",
        ),
    ] {
        let policy = properties(policy);
        let statements = policy["PolicyDocument"]["Statement"].as_array().unwrap();
        let allowed: Vec<_> = statements
            .iter()
            .filter_map(|statement| statement.get("!If"))
            .map(|choice| {
                let allowed = &choice[1];
                assert_eq!(choice[2], json!({"!Ref": "AWS::NoValue"}));
                assert_eq!(
                    (&allowed["Effect"], &allowed["Action"]),
                    (&json!("Allow"), &json!("sqs:SendMessage"))
                );
                assert_eq!(allowed["Resource"], arn_of(queue));
                let source = &allowed["Condition"]["ArnEquals"]["aws:SourceArn"];
                (
                    choice[0].clone(),
                    allowed["Principal"]["Service"].clone(),
                    source.clone(),
                )
            })
            .collect();
        assert_eq!(
            allowed,
            [
                (
                    json!("BusFeedsOrders"),
                    json!("events.amazonaws.com"),
                    arn_of("OrdersRule")
                ),
                (
                    json!("TopicFeedsOrders"),
                    json!("sns.amazonaws.com"),
                    json!({"!Ref": "OrdersTopicArn"})
                ),
            ]
        );
    }
}

#[tokio::test(start_paused = true)]
async fn what_we_publish_matches_no_rule_that_feeds_the_queue_whatever_its_sources_are() {
    let world = World::new();
    world
        .invoke(&sqs([
            record("m-1", &with_key("k", request(Some(101))).to_string()),
            record("m-2", "nonsense"),
        ]))
        .await
        .answer();
    let careless = pattern(&json!([Event::SOURCE, "shop"]), None);
    for told in world.cloud.events() {
        let own = event(&told.source, &told.detail_type, &told.detail);
        assert!(!matches(&careless, &own), "{own}");
        let forwarded = event("shop", "Order Placed", &told.detail);
        assert!(!matches(&careless, &forwarded), "{forwarded}");
    }
    let order = with_key("k", request(Some(101)));
    assert!(matches(&careless, &event("shop", "Order Placed", &order)));
    assert!(!matches(&careless, &event("other", "Order Placed", &order)));
    let narrow = pattern(&json!(["shop"]), Some(&json!(["Order Placed"])));
    assert!(matches(&narrow, &event("shop", "Order Placed", &order)));
    assert!(!matches(&narrow, &event("shop", "Order Changed", &order)));
}

#[test]
fn what_cannot_work_is_refused_before_it_is_deployed() {
    let rules = template()["Rules"].take();
    let sources = json!({"!Ref": "OrdersEventSources"});
    let asserted = |rule: &str| {
        let assertions = rules[rule]["Assertions"].as_array().unwrap().clone();
        let assertions = assertions.into_iter();
        assertions
            .map(|mut one| one["Assert"].take())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        asserted("OrdersOfABusNeedSources"),
        ["", Event::SOURCE].map(|source| json!({"!Not": [{"!Contains": [sources, source]}]}))
    );
    assert_eq!(
        asserted("BusesAndTopicsNeedAStandardQueue"),
        ["OrdersEventBusName", "OrdersTopicArn"]
            .map(|parameter| json!({"!Equals": [{"!Ref": parameter}, ""]}))
    );
}

#[test]
fn what_cannot_be_delivered_or_was_given_up_ends_where_an_alarm_hears_of_it() {
    let queue = arn_of("OrdersFeedDeadLetterQueue");
    let target = properties("OrdersRule")["Targets"][0].take();
    assert_eq!(target["Arn"], arn_of("OrdersQueue"));
    assert_eq!(target["DeadLetterConfig"]["Arn"], queue);
    assert_eq!(
        target.get("InputPath"),
        None,
        "the function opens envelopes"
    );
    let subscription = properties("OrdersSubscription");
    assert_eq!(subscription["RedrivePolicy"]["deadLetterTargetArn"], queue);
    assert_eq!(subscription["RawMessageDelivery"], false);
    let invoked = properties("AllocateInvokeConfig");
    assert_eq!(
        invoked["DestinationConfig"]["OnFailure"]["Destination"],
        queue
    );
    assert_eq!(invoked["Qualifier"], "live");
    assert_eq!(
        invoked["MaximumRetryAttempts"],
        json!({"!Ref": "AsyncRetries"})
    );
    // What was given up before the settle time is over was never looked into.
    let parameters = template()["Parameters"].take();
    assert!(
        parameters["AsyncMaxAgeSeconds"]["MinValue"].as_u64()
            > parameters["SettleSeconds"]["MaxValue"].as_u64()
    );
}
