//! `GET /allocations?parent=&state=&cursor=`.

use doors::Refusal;
use ledger::Services;
use serde::Serialize;

use crate::allocation::Allocation;
use crate::answer::Body;
use crate::route::Question;
use crate::{cursor, refusal, status};

/// A page of allocations. It may be short, or empty, and still not be the last one: the last has no cursor.
#[derive(Debug, Serialize)]
struct Allocations<'r> {
    allocations: Vec<Allocation<'r>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cursor: Option<String>,
}

/// One page of what is asked for.
///
/// # Errors
/// When the ledger cannot be read.
pub(crate) async fn read(aws: &Services, question: Question) -> Result<Body, Refusal> {
    let Question {
        parent,
        status: wanted,
        after,
    } = question;
    let page = aws
        .ledger
        .page(parent.as_ref(), after, |record| {
            wanted.is_none_or(|wanted| status::of(record) == wanted)
        })
        .await
        .map_err(refusal::of_call)?;
    let cursor = page.next.as_ref().map(cursor::write).transpose();
    Body::of(&Allocations {
        allocations: page.records.iter().map(Allocation::brief).collect(),
        cursor: cursor.map_err(|error| refusal::defect(&error.to_string()))?,
    })
}
