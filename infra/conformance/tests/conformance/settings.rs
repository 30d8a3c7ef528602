//! The local cloud in each of its settings: the run finds exactly that one.

use std::time::Duration;

use assumptions::Assumption::{self, *};
use assumptions::Verdict::{self, DoesNotHold, Holds, NotKnown};
use local_cloud::{Builder, Cloud, Pages, Progress};

use crate::partner::{Partner, verdicts};

/// What is found on a cloud as it is.
fn usual(assumption: Assumption) -> Verdict {
    match assumption {
        AllocateVisible | DuplicateVlanRefused | RefusalCode | VlanFreeAfterDelete
        | OrderingDeletable | DeletedListed | PagesComplete | ListCurrent | ParentById
        | TagsHidden | NameLimits | DynamodbAllOld | PuteventsPartial => Holds,
        RefusalFinal | TransitionPasses | PendingDeletable | Bandwidths | LagMembers
        | ThrottleCode | ArnAccount | AssociateIdempotent => NotKnown,
    }
}

type Setting = (
    &'static str,
    fn(Builder) -> Builder,
    &'static [(Assumption, Verdict)],
);

const SETTINGS: &[Setting] = &[
    ("usual", |cloud| cloud, &[]),
    (
        "visible after 8 s",
        |cloud| cloud.visible_after(Duration::from_secs(8)),
        &[(AllocateVisible, DoesNotHold)],
    ),
    (
        "VLANs are shared",
        |cloud| cloud.vlan_uniqueness(false),
        &[(DuplicateVlanRefused, DoesNotHold), (RefusalCode, NotKnown)],
    ),
    (
        "deleted ones are not listed",
        |cloud| cloud.deleted_listed(false),
        &[(DeletedListed, DoesNotHold)],
    ),
    (
        "pages by position",
        |cloud| cloud.pages(Pages::ByPosition),
        &[(PagesComplete, DoesNotHold)],
    ),
    (
        "lists are 40 s old",
        |cloud| cloud.stale_for(Duration::from_secs(40)),
        &[(AllocateVisible, DoesNotHold), (ListCurrent, DoesNotHold)],
    ),
];

#[tokio::test(start_paused = true)]
async fn each_setting_of_the_cloud_is_found_and_nothing_is_left() {
    for (index, (what, set, flipped)) in SETTINGS.iter().enumerate() {
        let file = format!("setting-{index}");
        let partner = Partner::new(set(Cloud::builder()), &file).await;
        let outcome = partner.run().await.unwrap();
        for (assumption, verdict) in verdicts(&outcome.report) {
            let expected = flipped.iter().find(|(one, _)| *one == assumption);
            let expected = expected.map_or(usual(assumption), |(_, verdict)| *verdict);
            let probe = outcome.report.probe(assumption);
            assert_eq!(verdict, expected, "{what}: {probe:?} {:?}", outcome.halted);
        }
        assert!(outcome.left.is_empty(), "{what}: {:?}", outcome.left);
        partner.assert_clean(what);
        println!("{what}: {} requests", partner.cloud.requests().len());
    }
}

#[tokio::test(start_paused = true)]
async fn the_settle_time_that_is_recommended_covers_what_was_measured() {
    for (delay_s, expected) in [
        (0, Some(30)),
        (8, Some(30)),
        (20, Some(50)),
        (60, Some(130)),
        (200, None),
    ] {
        let delay = Duration::from_secs(delay_s);
        let cloud = Cloud::builder().visible_after(delay);
        let partner = Partner::new(cloud, &format!("settle-{delay_s}")).await;
        let report = partner.run().await.unwrap().report;
        assert_eq!(report.recommended.settle_seconds, expected, "{delay_s}");
        partner.assert_clean("settle");
        let times = report.probe(AllocateVisible).unwrap().seen.times.unwrap();
        match expected {
            Some(_) => assert!(times.max_ms.abs_diff(delay_s * 1000) <= 2_000, "{times:?}"),
            None => assert_eq!(times.longer_than_ms, Some(120_000), "{times:?}"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_deletion_is_measured() {
    let progress = Progress {
        deleted_after: Some(Duration::from_secs(20)),
        ..Progress::default()
    };
    let partner = Partner::new(Cloud::builder().progress(progress), "slow-deletion").await;
    let report = partner.run().await.unwrap().report;
    let seen = &report.probe(OrderingDeletable).unwrap().seen;
    let times = seen.times.unwrap();
    assert!(times.max_ms.abs_diff(20_000) <= 2_000, "{times:?}");
    assert_eq!(seen.states, ["deleting", "deleted"]);
    partner.assert_clean("slow deletion");
}
