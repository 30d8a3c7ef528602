//! Whether the registered callers can be gone by.

use super::checkup::Checkup;
use crate::command::place::Services;
use crate::command::words::count;

/// Those who may order. Where callers are not kept apart and none is registered, there is nothing to check.
pub(super) async fn registered(checkup: &mut Checkup, services: &Services) {
    let what = "callers";
    let ledger = &services.aws.ledger;
    let callers = match ledger.callers().await {
        Ok(callers) => callers,
        Err(error) => {
            let resource = format!("table/{}", ledger.table_name());
            return checkup.failed(what, &error, "dynamodb:Query", &resource);
        }
    };
    let number = callers.iter().count();
    let faults = callers
        .iter()
        .filter_map(|(name, _, fault)| Some(format!("{name} {}", fault?)));
    let faults: Vec<_> = faults.collect();
    if !faults.is_empty() {
        checkup.wrong(
            what,
            faults.join("; "),
            "`operator caller set NAME FILE` replaces a caller, `operator caller remove NAME` removes it",
        );
    } else if number > 0 {
        checkup.well(what, format!("{} registered", count(number, "caller")));
    } else if services.config.rules.callers {
        checkup.wrong(
            what,
            "CALLERS is enforced and nobody is registered: every order is refused",
            "register each caller with `operator caller set NAME FILE`",
        );
    }
}
