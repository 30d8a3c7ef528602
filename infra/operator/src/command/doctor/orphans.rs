//! Living connections that no order made and nobody adopted: how many, and the way to adopt them.
//!
//! They harm nobody, because their VLANs are kept and their bandwidth is counted. So they are a warning.

use allocation::Looks;
use aws::direct_connect::Parents;
use hosted_connection::ParentConnection;
use serde_json::Value;

use super::checkup::Checkup;
use crate::command::place::Services;
use crate::command::words::count;

const WHAT: &str = "orphans";
/// Each takes a list of its connections and one or two reads of the table. An account with more parents is looked at by
/// `operator reconcile`, which may take its time.
const MOST_PARENTS: usize = 10;

/// Counts them on each of the first parents. A parent that cannot be read is not counted, and that is no fault of the set-up
/// which another check does not tell of.
pub(super) async fn counted(checkup: &mut Checkup, services: &Services, parents: &Parents) {
    let showing: Vec<_> = parents
        .ids()
        .filter(|id| parents.shows_its_own(id))
        .collect();
    let (looked_at, left) = showing.split_at(showing.len().min(MOST_PARENTS));
    let mut without = 0;
    let looks = Looks::shared();
    for parent in looked_at {
        match on(services, (parent, &looks)).await {
            Ok(0) => without += 1,
            Ok(orphans) => checkup.warn(
                WHAT,
                format!(
                    "{} on {parent} that no order made",
                    count(orphans, "connection")
                ),
                &format!("`operator adopt {parent} --dry-run` shows what adopting them would do"),
            ),
            Err(problem) => checkup.skip(
                WHAT,
                format!(
                    "not counted on {parent}: {problem}; `operator reconcile {parent}` counts them"
                ),
            ),
        }
    }
    if without > 0 {
        checkup.well(WHAT, format!("none on {}", count(without, "parent")));
    }
    if !left.is_empty() {
        let left = count(left.len(), "more parent");
        checkup.skip(
            WHAT,
            format!("not counted on {left}: `operator reconcile` counts them"),
        );
    }
}

async fn on(
    services: &Services,
    (parent, looks): (&ParentConnection, &Looks),
) -> Result<usize, String> {
    let view = Box::pin(inspect::parent_as_json(&services.aws, parent, looks)).await;
    let view = view.map_err(|unshown| unshown.to_string())?;
    let view: Value = serde_json::from_str(&view).map_err(|error| error.to_string())?;
    Ok(view["orphans"].as_array().map_or(0, Vec::len))
}
