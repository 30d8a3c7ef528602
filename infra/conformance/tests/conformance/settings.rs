//! The local cloud with each of its switches: the run finds exactly that one.

use std::collections::BTreeSet;

use assumptions::Assumption::{self, *};
use assumptions::Verdict::{self, DoesNotHold, Holds, NotKnown};
use assumptions::{Report, Shown};
use conformance::Outcome;
use local_cloud::{Cloud, SWITCHES};

use crate::partner::{LAG, MEMBER, PARENT, Partner, usual, verdicts};

/// A switch, what it is set to, and which verdicts are then others than usual.
type Setting = (&'static str, &'static str, &'static [(Assumption, Verdict)]);

/// Whichever two of these are set, each shows, and nothing else.
const SETTINGS: &[Setting] = &[
    (
        "no-vlan-uniqueness",
        "on",
        &[(DuplicateVlanRefused, DoesNotHold), (RefusalCode, NotKnown)],
    ),
    (
        "duplicate-vlan-error",
        "409,ConflictException",
        &[(RefusalCode, DoesNotHold)],
    ),
    (
        "vlan-free-after-ms",
        "20000",
        &[(VlanFreeAfterDelete, DoesNotHold)],
    ),
    ("longest-name", "60", &[(NameLimits, DoesNotHold)]),
    ("name-refuses", "/", &[(NameLimits, DoesNotHold)]),
    ("bandwidths", "50Mbps", &[(Bandwidths, DoesNotHold)]),
    ("allocate-leaves-out", "vlan,ownerAccount", &[]),
    (
        "visible-after-ms",
        "8000",
        &[(AllocateVisible, DoesNotHold)],
    ),
    (
        "stale-ms",
        "40000",
        &[(AllocateVisible, DoesNotHold), (ListCurrent, DoesNotHold)],
    ),
    ("pages-by-position", "on", &[(PagesComplete, DoesNotHold)]),
    ("page-limit", "1", &[]),
    ("deleted-not-listed", "on", &[(DeletedListed, DoesNotHold)]),
    (
        "unknown-parent-error",
        "404,ResourceNotFoundException",
        &[(ParentById, DoesNotHold)],
    ),
    ("list-shows-tags", "on", &[(TagsHidden, DoesNotHold)]),
    ("list-leaves-out", "ownerAccount,bandwidth", &[]),
    ("pending-not-deletable", "on", &[]),
    ("second-delete-refused", "on", &[]),
    ("delete-ms", "20000", &[]),
    ("arn-account", "owner", &[]),
    (
        "refused-items-left-out",
        "on",
        &[(DynamodbAllOld, DoesNotHold)],
    ),
    // Refused, and nothing is changed: that is assumed too.
    ("associate-again-refused", "on", &[]),
    ("put-events-whole", "on", &[(PuteventsPartial, DoesNotHold)]),
    ("oversubscription", "2.5", &[]),
];

/// Settings that keep most else from being found out, or that take a LAG: each has a test of its own.
const ALONE: &[&str] = &[
    "lag-members-sell",
    "lag-members-show",
    "ordering-not-deletable",
    "deletes-allowed-for",
    "throttle-error",
    "requests-per-second",
];

/// What two settings hide of each other.
fn hidden(one: &str, other: &str, assumption: Assumption) -> Option<Verdict> {
    let both = |a, b| (one, other) == (a, b) || (one, other) == (b, a);
    match assumption {
        // What is not refused has no error, and is not refused later.
        RefusalCode if both("no-vlan-uniqueness", "duplicate-vlan-error") => Some(NotKnown),
        VlanFreeAfterDelete if both("no-vlan-uniqueness", "vlan-free-after-ms") => Some(Holds),
        // The deletion is seen with the list of 40 s ago, and by then the VLAN is free.
        VlanFreeAfterDelete if both("stale-ms", "vlan-free-after-ms") => Some(Holds),
        // By the time that a code on no list counts as a refusal, the VLAN is free.
        VlanFreeAfterDelete if both("duplicate-vlan-error", "vlan-free-after-ms") => Some(NotKnown),
        _ => None,
    }
}

async fn run_with(settings: &[(&str, &str)], file: &str) -> (Partner, Outcome) {
    let cloud = settings
        .iter()
        .fold(Cloud::builder(), |cloud, (switch, value)| {
            cloud.switch(switch, value).unwrap()
        });
    let partner = Partner::on(PARENT, cloud, file, Some("100Mbps")).await;
    let outcome = partner.run().await.unwrap();
    (partner, outcome)
}

fn assert_found(report: &Report, what: &str, expected: impl Fn(Assumption) -> Option<Verdict>) {
    for (assumption, verdict) in verdicts(report) {
        let expected = expected(assumption).unwrap_or(usual(assumption));
        assert_eq!(verdict, expected, "{what}: {:?}", report.probe(assumption));
    }
}

#[test]
fn every_switch_of_the_local_cloud_is_tried() {
    let known: BTreeSet<_> = SWITCHES.iter().map(|switch| switch.name).collect();
    let tried = SETTINGS.iter().map(|(switch, ..)| *switch);
    let tried: BTreeSet<_> = tried.chain(ALONE.iter().copied()).collect();
    assert_eq!(tried, known);
}

#[tokio::test(start_paused = true)]
async fn each_switch_shows_in_exactly_its_verdicts_alone_and_beside_any_other() {
    for (index, (switch, value, flipped)) in SETTINGS.iter().enumerate() {
        for (other, other_value, also) in &SETTINGS[..=index] {
            // What shows in nothing is tried alone.
            if switch != other && (flipped.is_empty() || also.is_empty()) {
                continue;
            }
            let what = format!("{switch} {value}, {other} {other_value}");
            let set = [(*switch, *value), (*other, *other_value)];
            let (partner, outcome) = run_with(&set, "pair").await;
            assert_found(&outcome.report, &what, |assumption| {
                let of = |flipped: &[(Assumption, Verdict)]| {
                    let mut all = flipped.iter();
                    all.find(|(one, _)| *one == assumption)
                        .map(|(_, verdict)| *verdict)
                };
                hidden(switch, other, assumption)
                    .or_else(|| of(flipped))
                    .or_else(|| of(also))
            });
            assert!(outcome.left.is_empty(), "{what}: {:?}", outcome.left);
            partner.assert_clean(&what);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn how_long_things_take_is_measured_and_the_settle_time_covers_it() {
    for (switch, value, settle) in [
        ("visible-after-ms", "0", Some(30)),
        ("visible-after-ms", "8000", Some(30)),
        ("visible-after-ms", "20000", Some(50)),
        ("stale-ms", "60000", Some(130)),
        ("visible-after-ms", "200000", None),
    ] {
        let (partner, outcome) = run_with(&[(switch, value)], "settle").await;
        let report = outcome.report;
        assert_eq!(
            report.recommended.settle_seconds, settle,
            "{switch} {value}"
        );
        partner.assert_clean("settle");
        let times = report.probe(AllocateVisible).unwrap().seen.times.unwrap();
        match settle {
            Some(_) => {
                let expected_ms: u64 = value.parse().unwrap();
                assert!(times.max_ms.abs_diff(expected_ms) <= 2_000, "{times:?}");
            }
            None => assert_eq!(times.longer_than_ms, Some(120_000), "{times:?}"),
        }
    }
    let (_, outcome) = run_with(&[("delete-ms", "20000")], "slow-deletion").await;
    let seen = &outcome.report.probe(OrderingDeletable).unwrap().seen;
    let times = seen.times.unwrap();
    assert!(times.max_ms.abs_diff(20_000) <= 2_000, "{times:?}");
    assert_eq!(seen.states, ["deleting", "deleted"]);
    let (_, outcome) = run_with(&[("vlan-free-after-ms", "20000")], "free").await;
    let seen = &outcome.report.probe(VlanFreeAfterDelete).unwrap().seen;
    let times = seen.times.unwrap();
    assert!(times.max_ms.abs_diff(20_000) <= 6_000, "{times:?}");
    let (_, outcome) = run_with(&[("vlan-free-after-ms", "never")], "never-free").await;
    let seen = &outcome.report.probe(VlanFreeAfterDelete).unwrap().seen;
    assert_eq!(seen.times.unwrap().longer_than_ms, Some(120_000));
}

#[tokio::test(start_paused = true)]
async fn what_refused_is_reported_by_code_and_without_whose_it_was() {
    let set = [
        ("duplicate-vlan-error", "409,ConflictException"),
        ("unknown-parent-error", "empty"),
    ];
    let (_, outcome) = run_with(&set, "codes").await;
    let seen = |assumption| &outcome.report.probe(assumption).unwrap().seen;
    let refusal = seen(RefusalCode);
    assert_eq!(refusal.code.as_deref(), Some("ConflictException"));
    assert_eq!(refusal.status, Some(409));
    assert_eq!(outcome.report.verdict(ParentById), DoesNotHold);
    assert_eq!(seen(ParentById).code, None);
    let members = seen(AllocateVisible).members.as_ref().unwrap();
    assert_eq!(members["ownerAccount"], "<account>");
    assert_eq!(members["connectionState"], "ordering");
    let text = serde_json::to_string(&outcome.report).unwrap();
    for private in [
        "111122223333",
        "123456789012",
        "conformance-",
        "Example Networks",
    ] {
        assert!(!text.contains(private), "{private} in {text}");
    }
    let again = Report::parse(&text).unwrap();
    assert_eq!(again, outcome.report);
}

#[tokio::test(start_paused = true)]
async fn where_nothing_unconfirmed_can_be_deleted_one_connection_is_made_and_told() {
    for (switch, expected, exit_is_one) in [
        (("ordering-not-deletable", "on"), DoesNotHold, true),
        (("deletes-allowed-for", "owner"), NotKnown, false),
    ] {
        let (partner, outcome) = run_with(&[switch], "undeletable").await;
        assert_eq!(outcome.report.verdict(OrderingDeletable), expected);
        assert_eq!(outcome.left.len(), 1, "{:?}", outcome.left);
        assert_eq!(outcome.verdict().is_ok(), exit_is_one, "{switch:?}");
        let living = partner.cloud.connections();
        let living: Vec<_> = living.iter().filter(|one| one.vlan == 4000).collect();
        assert_eq!(living.len(), 1, "{living:?}");
        // The customer declines it, and the rest is done by the file.
        partner.cloud.decline(&living[0].id).unwrap();
        assert!(partner.clean_up().await.unwrap().left.is_empty());
        assert!(!partner.setup.made.exists());
    }
}

#[tokio::test(start_paused = true)]
async fn the_members_of_a_lag_are_told_apart_in_every_way() {
    for (show, shown) in [
        ("nothing", Shown::Nothing),
        ("the-lags", Shown::Connections),
        ("refusal", Shown::Refused),
    ] {
        for sells in [false, true] {
            let cloud = Cloud::builder().switch("lag-members-show", show).unwrap();
            let cloud = cloud.lag_members_sell(sells);
            let partner = Partner::on(LAG, cloud, "lag", None).await;
            let outcome = partner.run().await.unwrap();
            let expected = |assumption| match assumption {
                LagMembers => Some(Holds),
                Bandwidths => Some(NotKnown),
                _ => None,
            };
            assert_found(&outcome.report, show, expected);
            let seen = &outcome.report.probe(LagMembers).unwrap().seen;
            assert_eq!(seen.shown_under_member, Some(shown));
            assert_eq!(seen.member_sells, Some(sells));
            partner.assert_clean(show);
        }
    }
    // A member itself is not asked about.
    let partner = Partner::on(LAG, Cloud::builder(), "member", None).await;
    let mut setup = partner.setup.clone();
    setup.parent = hosted_connection::ParentConnection::parse(MEMBER).unwrap();
    let refused = partner.check(&setup).await.unwrap_err().to_string();
    assert!(
        refused.contains("give --parent dxlag-ffabc789"),
        "{refused}"
    );
}

#[tokio::test(start_paused = true)]
async fn throttling_is_waited_for_and_told_when_it_was_seen() {
    let (partner, outcome) = run_with(&[("requests-per-second", "3")], "throttled").await;
    let right = |assumption, verdict| verdict == usual(assumption) || verdict == NotKnown;
    for (assumption, verdict) in verdicts(&outcome.report) {
        let is_right = match assumption {
            ThrottleCode => verdict != DoesNotHold,
            _ => right(assumption, verdict),
        };
        assert!(is_right, "{:?}", outcome.report.probe(assumption));
    }
    let seen = &outcome.report.probe(ThrottleCode).unwrap().seen;
    assert_eq!(seen.code.as_deref(), Some("ThrottlingException"));
    assert!(outcome.left.is_empty(), "{:?}", outcome.left);
    partner.assert_clean("throttled");
    // By a code that is on no list.
    let set = [
        ("requests-per-second", "3"),
        ("throttle-error", "400,FullMoon"),
    ];
    let cloud = set.iter().fold(Cloud::builder(), |cloud, (switch, value)| {
        cloud.switch(switch, value).unwrap()
    });
    let partner = Partner::on(PARENT, cloud, "moon", None).await;
    if let Ok(outcome) = partner.run().await {
        for (assumption, verdict) in verdicts(&outcome.report) {
            assert!(
                right(assumption, verdict),
                "{:?}",
                outcome.report.probe(assumption)
            );
        }
    }
    tokio::time::sleep(std::time::Duration::from_secs(60)).await;
    while partner.setup.made.exists() {
        partner.clean_up().await;
    }
    partner.assert_clean("moon");
}
