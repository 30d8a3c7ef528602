//! Pages, as every list of Direct Connect is read: how many at once, and where the next page starts.

use super::{client_exception, integer};
use crate::{reply::ApiError, request::Call};

/// AWS: "If MaxResults is given a value larger than 100, only 100 results are returned."
pub(super) const MOST_PER_PAGE: usize = 100;

pub(super) fn page_size(call: &Call, limit: usize) -> Result<usize, ApiError> {
    match integer(call, "maxResults") {
        None => Ok(limit),
        Some(asked) => match usize::try_from(asked) {
            Ok(asked) if asked > 0 => Ok(asked.min(limit)),
            Ok(_) | Err(_) => Err(client_exception(format!("Invalid maxResults {asked}"))),
        },
    }
}

/// Where the next page starts, sealed so that a made-up token, or one of another list, is noticed.
pub(super) fn token(list: &str, position: &str) -> String {
    format!(
        "{position}.{:x}",
        md5::compute(format!("{list}/{position}"))
    )
}

/// The position that the call's token stands for, if it has one.
pub(super) fn position<'a>(call: &'a Call, list: &str) -> Result<Option<&'a str>, ApiError> {
    let Some(text) = call.text("nextToken") else {
        return Ok(None);
    };
    text.split_once('.')
        .map(|(position, _)| position)
        .filter(|position| token(list, position) == text)
        .map(Some)
        .ok_or_else(|| client_exception("Invalid nextToken"))
}
