//! An order by its key.

use hosted_connection::IdempotencyKey;
use ledger::Record;
use serde_json::json;
use terminal::{PLAIN, Terminal};

use super::failure::Failure;
use super::place::Services;

/// The order's record; when there is none, says so.
///
/// # Errors
/// It cannot be read.
pub(crate) async fn find(
    services: &Services,
    terminal: &mut Terminal,
    key: &IdempotencyKey,
) -> Result<Option<Record>, Failure> {
    let found = services.aws.ledger.record(key).await;
    let found = found.map_err(Failure::to("the order cannot be read"))?;
    if found.is_none() {
        if terminal.json {
            terminal.print_json(&json!({"idempotencyKey": key, "found": false}))?;
        } else {
            let table = services.aws.ledger.table_name();
            let text = format!(
                "There is no order with the key {key} in table {table}. It never arrived, was invalid (invalid orders are \
                 published as rejected, not recorded), or was removed after its retention time."
            );
            terminal.print_text(PLAIN, &text)?;
        }
    }
    Ok(found)
}
