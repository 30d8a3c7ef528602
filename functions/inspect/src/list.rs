//! `GET /allocations?parent=&state=&cursor=`.

use aws::Aws;
use doors::Refusal;
use serde::Serialize;

use crate::allocation::Allocation;
use crate::answer::Body;
use crate::route::Question;
use crate::status::Status;
use crate::{cursor, refusal};

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
pub(crate) async fn read(aws: &Aws, question: Question) -> Result<Body, Refusal> {
    let Question {
        parent,
        status,
        after,
    } = question;
    let page = aws
        .ledger
        .page(parent.as_ref(), after, |record| {
            status.is_none_or(|status| Status::of(record) == status)
        })
        .await
        .map_err(refusal::of_call)?;
    let cursor = page.next.as_ref().map(cursor::write).transpose();
    Body::of(&Allocations {
        allocations: page.records.iter().map(Allocation::brief).collect(),
        cursor: cursor.map_err(|error| refusal::defect(&error.to_string()))?,
    })
}
