//! Cursors: places in a list as its readers carry them around. What is in them is nobody's business.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hosted_connection::ParentConnection;
use ledger::Position;

/// Writes a cursor.
///
/// # Errors
/// Never, as a position is plain text and numbers; serde_json wants it said.
pub(crate) fn write(position: &Position) -> Result<String, serde_json::Error> {
    serde_json::to_vec(position).map(|json| BASE64_URL_SAFE_NO_PAD.encode(json))
}

/// Reads a cursor; `None` when it is none of the list of `parent`, or of all allocations.
pub(crate) fn read(text: &str, parent: Option<&ParentConnection>) -> Option<Position> {
    let json = BASE64_URL_SAFE_NO_PAD.decode(text).ok()?;
    let position: Position = serde_json::from_slice(&json).ok()?;
    position.is_in_list_of(parent).then_some(position)
}
