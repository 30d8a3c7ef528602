//! A request that AWS cannot read, or whose sender it does not accept, had no effect and is ours to mend.

use local_cloud::{Fault, FaultKind};
use proof::{World, record, request, returned, sqs, with_key};

use super::{ALLOCATE, living, web};
use crate::partner::{pass, run};

const CODES: [(u16, &str); 12] = [
    (400, "ValidationException"),
    (400, "ValidationError"),
    (400, "SerializationException"),
    (400, "UnknownOperationException"),
    (404, "UnknownOperationException"),
    (400, "InvalidParameterValue"),
    (400, "MissingParameter"),
    (403, "InvalidSignatureException"),
    (403, "SignatureDoesNotMatch"),
    (400, "RequestExpired"),
    (403, "ExpiredTokenException"),
    (403, "OptInRequired"),
];

#[tokio::test(start_paused = true)]
async fn such_a_request_is_our_defect_and_leaves_nothing_in_doubt() {
    for (status, code) in CODES {
        let world = World::new();
        let kind = FaultKind::Error {
            status,
            code: code.into(),
        };
        world.cloud.inject(Fault::on(kind, ALLOCATE).always());
        let answer = world.invoke(&web("k", Some(101))).await.answer();
        assert_eq!(answer["statusCode"], 500, "{code}: {answer}");
        let record = &world.items("allocation#")[0];
        assert_eq!(record["allocationState"]["S"], "waiting", "{code}");
        let why = record["waitsFor"]["S"].as_str().unwrap();
        assert!(why.starts_with(code), "{why}");
        assert!(world.details().is_empty(), "never told as a rejection");
        world.cloud.clear_faults();
        let answer = world.deliver_until_final(&web("k", Some(101))).await;
        assert_eq!(answer["statusCode"], 201, "{code}: {answer}");
        assert_eq!(living(&world.cloud).len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn such_a_request_is_not_sent_every_minute_for_ever() {
    let world = World::new();
    let kind = FaultKind::Error {
        status: 400,
        code: "ValidationException".into(),
    };
    world.cloud.inject(Fault::on(kind, ALLOCATE).always());
    let event = sqs([record(
        "m-1",
        &with_key("k", request(Some(101))).to_string(),
    )]);
    assert_eq!(returned(&world.invoke(&event).await.answer()), ["m-1"]);
    for _ in 0..24 * 60 {
        pass(60).await;
        run(&world).await;
    }
    let sent = world.cloud.count(ALLOCATE);
    assert!(sent <= 60, "{sent} times in a day");
    world.cloud.clear_faults();
    let answer = world.deliver_until_final(&event).await;
    assert!(returned(&answer).is_empty());
    assert_eq!(living(&world.cloud).len(), 1);
}
