//! `GET /allocations?parent=&state=&limit=&cursor=`.

use doors::Refusal;
use hosted_connection::Caller;
use ledger::{OwnKeys, Record, Services};
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

/// One page of what is asked for; for a caller that sees nothing but its `own`, of that. It stops looking at `until_ms`.
///
/// # Errors
/// When the ledger cannot be read.
pub(crate) async fn read(
    aws: &Services,
    question: Question,
    own: Option<&Caller>,
    until_ms: u64,
) -> Result<Body, Refusal> {
    let Question {
        parent,
        status: wanted,
        after,
        most,
    } = question;
    let keep = |record: &Record| wanted.is_none_or(|wanted| status::of(record) == wanted);
    let page = match own {
        None => aws.ledger.page(parent.as_ref(), after, most, keep).await,
        Some(caller) => {
            let own = OwnKeys {
                prefix: caller.key_prefix(),
                until_ms,
                most,
            };
            aws.ledger.own_page(parent.as_ref(), after, own, keep).await
        }
    };
    let page = page.map_err(refusal::of_call)?;
    let cursor = page.next.as_ref().map(cursor::write).transpose();
    Body::of(&Allocations {
        allocations: page.records.iter().map(Allocation::brief).collect(),
        cursor: cursor.map_err(|error| refusal::defect(&error.to_string()))?,
    })
}
