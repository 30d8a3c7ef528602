//! What a report sets, and what it does not.

use serde_json::json;

use super::*;

fn profile(probes: Value) -> Profile {
    let report = json!({
        "schemaVersion": "1", "parent": "dxcon-ffabc123", "startedAt": "2026-01-02T03:04:05Z", "probes": probes,
    });
    let report = Report::parse(&report.to_string()).unwrap();
    let lines = report.probes.iter().map(|probe| Line {
        id: probe.id.clone(),
        verdict: probe.verdict,
        what: what(probe, &report.parent),
    });
    Profile {
        path: "report.json".into(),
        lines: lines.collect(),
        report,
    }
}

fn options(probes: Value) -> Vec<String> {
    let settings = profile(probes).settings(&[]);
    settings.iter().map(Setting::option).collect()
}

#[test]
fn what_was_measured_becomes_the_option_that_shows_it() {
    let longer = json!({"count": 0, "minMs": 0, "medianMs": 0, "maxMs": 0, "longerThanMs": 90000});
    for (id, verdict, seen, expected) in [
        (
            "allocate-visible",
            "does not hold",
            json!({"times": {"count": 2, "minMs": 5, "medianMs": 7, "maxMs": 9000}}),
            "--visible-after-ms 9000",
        ),
        (
            "allocate-visible",
            "does not hold",
            json!({"times": longer}),
            "--visible-after-ms 90000",
        ),
        (
            "duplicate-vlan-refused",
            "does not hold",
            json!({}),
            "--no-vlan-uniqueness",
        ),
        (
            "duplicate-vlan-refused",
            "holds",
            json!({}),
            "--no-vlan-uniqueness=off",
        ),
        (
            "refusal-code",
            "does not hold",
            json!({"status": 409, "code": "ConflictException"}),
            "--duplicate-vlan-error 409,ConflictException",
        ),
        (
            "vlan-free-after-delete",
            "does not hold",
            json!({"times": longer}),
            "--vlan-free-after-ms never",
        ),
        (
            "vlan-free-after-delete",
            "holds",
            json!({"times": {"count": 1, "minMs": 3, "medianMs": 3, "maxMs": 3}}),
            "--vlan-free-after-ms 3",
        ),
        (
            "deleted-listed",
            "does not hold",
            json!({"listed": false}),
            "--deleted-not-listed",
        ),
        (
            "pages-complete",
            "does not hold",
            json!({}),
            "--pages-by-position",
        ),
        (
            "list-current",
            "does not hold",
            json!({"times": {"count": 1, "minMs": 3, "medianMs": 3, "maxMs": 31000}}),
            "--stale-ms 31000",
        ),
        (
            "parent-by-id",
            "does not hold",
            json!({"status": 400, "code": "ResourceNotFoundException"}),
            "--unknown-parent-error 400,ResourceNotFoundException",
        ),
        (
            "parent-by-id",
            "does not hold",
            json!({}),
            "--unknown-parent-error empty",
        ),
        (
            "tags-hidden",
            "does not hold",
            json!({}),
            "--list-shows-tags",
        ),
        (
            "throttle-code",
            "does not hold",
            json!({"status": 503, "code": "SlowDown"}),
            "--throttle-error 503,SlowDown",
        ),
        (
            "dynamodb-all-old",
            "does not hold",
            json!({}),
            "--refused-items-left-out",
        ),
        (
            "putevents-partial",
            "does not hold",
            json!({}),
            "--put-events-whole",
        ),
    ] {
        let probes = json!([{"id": id, "verdict": verdict, "seen": seen}]);
        assert_eq!(options(probes), [expected], "{id} {verdict}");
    }
    let deleted = json!({"times": {"count": 1, "minMs": 4, "medianMs": 4, "maxMs": 4}});
    assert_eq!(
        options(json!([{"id": "ordering-deletable", "verdict": "holds", "seen": deleted}])),
        ["--ordering-not-deletable=off", "--delete-ms 4"]
    );
    assert_eq!(
        options(
            json!([{"id": "lag-members", "verdict": "holds", "seen": {"shownUnderMember": "refused", "memberSells": true}}])
        ),
        ["--lag-members-show refusal", "--lag-members-sell"]
    );
    let names = json!({"longestName": 60, "refusedCharacters": "/&'"});
    assert_eq!(
        options(json!([{"id": "name-limits", "verdict": "does not hold", "seen": names}])),
        ["--longest-name 60", r"--name-refuses '/&'\'''"]
    );
    let refused = options(
        json!([{"id": "bandwidths", "verdict": "does not hold", "seen": {"refused": ["25Gbps", "10Gbps"]}}]),
    );
    assert_eq!(
        refused,
        [
            "--bandwidths dxcon-ffabc123=50Mbps,100Mbps,200Mbps,300Mbps,400Mbps,500Mbps,1Gbps,2Gbps,5Gbps"
        ]
    );
}

#[test]
fn what_is_not_known_or_not_possible_sets_nothing_and_says_so() {
    let told = profile(json!([
        {"id": "allocate-visible", "verdict": "not known", "seen": {"times": {"count": 1, "minMs": 1, "medianMs": 1, "maxMs": 1}}},
        {"id": "moon-full", "verdict": "holds"},
        {"id": "list-current", "verdict": "holds", "seen": {"times": {"count": 1, "minMs": 1, "medianMs": 1, "maxMs": 99_999_999_u64}}},
        {"id": "arn-account", "verdict": "holds"},
        {"id": "throttle-code", "verdict": "does not hold", "seen": {"status": 200, "code": "Fine"}},
    ]));
    assert_eq!(told.settings(&[]), []);
    let mut out = Vec::new();
    told.print(&mut out, &[]).unwrap();
    let out = String::from_utf8(out).unwrap();
    for line in [
        "  allocate-visible        not known      as by default\n",
        "  moon-full               holds          ignored: this version does not know it\n",
        "  list-current            holds          ignored: the local cloud cannot be what was seen\n",
        "  arn-account             holds          as by default: nothing is measured of it\n",
        "  throttle-code           does not hold  ignored: the local cloud cannot be what was seen\n",
    ] {
        assert!(out.contains(line), "{out}");
    }
}

#[test]
fn what_is_given_beside_a_profile_wins_and_is_named() {
    let told = profile(json!([{"id": "duplicate-vlan-refused", "verdict": "does not hold"}]));
    let given = [Setting {
        switch: "no-vlan-uniqueness",
        value: "off".to_owned(),
    }];
    assert_eq!(told.settings(&given), []);
    let mut out = Vec::new();
    told.print(&mut out, &given).unwrap();
    let out = String::from_utf8(out).unwrap();
    assert!(
        out.contains("--no-vlan-uniqueness, but --no-vlan-uniqueness=off is given"),
        "{out}"
    );
}
