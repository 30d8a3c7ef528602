//! Expressions as DynamoDB takes them: no placeholder is short, or too many.

use super::*;
use crate::{LeaseWrite, Name, PolicyWrite, Table};

fn writes() -> Vec<Write> {
    let table = Table::default();
    let records = Name::ALL.iter().filter_map(|name| table[*name].record);
    let leases = LeaseWrite::ALL.iter().map(|write| table[*write]);
    let policies = PolicyWrite::ALL.iter().map(|write| table[*write]);
    records.chain(leases).chain(policies).collect()
}

#[test]
fn no_write_has_two_values_for_one_placeholder() {
    for write in writes() {
        let values = all_mentioned(&write);
        for one in &values {
            let namesake = |other: &&Value| other.placeholder() == one.placeholder();
            assert!(
                values.iter().filter(namesake).all(|other| other == one),
                "{one:?}"
            );
        }
    }
}

#[test]
fn every_value_mentioned_stands_in_an_expression_and_no_other() {
    for write in writes() {
        let expressions = format!(
            "{} {}",
            condition(write.condition, Form::Later).unwrap_or_default(),
            update(&write.change, |_| true).unwrap_or_default()
        );
        let words: std::collections::BTreeSet<_> = expressions
            .split(|c: char| !(c.is_alphanumeric() || c == ':' || c == '_'))
            .filter(|word| word.starts_with(':'))
            .collect();
        let mentioned: std::collections::BTreeSet<_> = mentioned(&write)
            .iter()
            .map(|value| value.placeholder())
            .collect();
        assert_eq!(words, mentioned);
    }
}

#[test]
fn marks_are_statements_and_what_asks_for_more_is_none() {
    let table = Table::default();
    let of = |name: Name| statement(&table[name].record.unwrap(), "t");
    let rejected = of(Name::MarkRejected).unwrap();
    assert_eq!(
        rejected.text,
        "UPDATE \"t\" SET eventPublished = ? SET expiresAt = ? REMOVE unfinishedShard REMOVE unfinishedAtMs \
         WHERE pk = ? AND sk = ? AND claimToken = ? AND lifecycleRevision IS MISSING"
    );
    assert_eq!((rejected.sets.len(), rejected.checks.len()), (2, 1));
    assert!(of(Name::MarkAllocated).is_some());
    assert_eq!(of(Name::Claim), None);
    assert_eq!(of(Name::RecordAllocated), None);
}

#[test]
fn what_is_not_brought_is_removed() {
    let replace = Table::default()[PolicyWrite::Replace];
    assert_eq!(
        update(&replace.change, |given| given != Given::ReservedVlans).as_deref(),
        Some(
            "SET parentPolicy = :policy, freeMbps = freeMbps + :more, vlanFirst = :vlanFirst, vlanLast = :vlanLast, \
             allowedBandwidths = :allowedBandwidths REMOVE reservedVlans"
        )
    );
}
