//! The exploration finds nothing, and finds each safeguard's absence.

use proof::{Conditions, Plan, Sabotage, explore};

/// Room for all single faults, all that happens meanwhile, orders by place, thousands of pairs of faults, all bounded interleavings of two
/// and three workers, and walks.
const SCHEDULES: usize = 22_100;
/// Enough to find any one safeguard missing.
const BROKEN_SCHEDULES: usize = 4_000;

#[test]
fn no_story_breaks_an_invariant() {
    let plan = Plan {
        schedules: SCHEDULES,
        seed: 1,
        conditions: Conditions::default(),
    };
    let exploration = explore(&plan, &|_| {});
    for finding in &exploration.findings {
        eprintln!(
            "{}\n    {}",
            finding.schedule,
            finding.violations.join("\n    ")
        );
    }
    assert!(exploration.findings.is_empty());
    assert!(exploration.schedules >= 20_000, "{}", exploration.schedules);
    assert_eq!(exploration.cut_short, 0, "not every interleaving was told");
}

#[test]
fn without_any_one_safeguard_a_story_breaks_an_invariant() {
    let mut unnoticed = Vec::new();
    for safeguard in Sabotage::ALL {
        let plan = Plan {
            schedules: BROKEN_SCHEDULES,
            seed: 1,
            conditions: Some(safeguard).into(),
        };
        let exploration = explore(&plan, &|_| {});
        match exploration.findings.first() {
            Some(finding) => eprintln!(
                "{safeguard:?}: after {} stories: {}\n    {}",
                exploration.schedules,
                finding.schedule,
                finding.violations.join("\n    ")
            ),
            None => unnoticed.push(safeguard),
        }
    }
    assert!(unnoticed.is_empty(), "nothing depends on {unnoticed:?}");
}
