//! Answers to questions: bodies with a tag, so that who asks again and again is told when nothing has changed.

use doors::Refusal;
use doors::http::Response;
use hosted_connection::Fingerprint;
use serde::Serialize;

use crate::refusal;

/// A body, JSON.
#[derive(Debug)]
pub(crate) struct Body(String);

impl Body {
    /// What is to be shown.
    ///
    /// # Errors
    /// When it cannot be written as JSON, which is our fault.
    pub(crate) fn of(shown: &impl Serialize) -> Result<Body, Refusal> {
        serde_json::to_string(shown)
            .map(Body)
            .map_err(|error| refusal::defect(&format!("the answer is no JSON: {error}")))
    }

    /// The JSON.
    pub(crate) fn into_json(self) -> String {
        self.0
    }
}

/// 200 with the body; or 304, when one of the tags that the caller has is the body's.
pub(crate) fn shown(body: Body, if_none_match: &[&str]) -> Response {
    let etag = format!("\"{}\"", Fingerprint::of(body.0.as_bytes()));
    if if_none_match.iter().any(|tags| names(tags, &etag)) {
        return Response::not_modified(etag);
    }
    Response::json(200, body.0).with_etag(etag)
}

/// Whether a value of `If-None-Match` covers `etag`. A tag weakened on the way (`W/…`) counts: RFC 9110, section 13.1.2.
fn names(tags: &str, etag: &str) -> bool {
    tags.split(',')
        .map(str::trim)
        .any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == etag)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn answered(body: &Value, if_none_match: &[&str]) -> Value {
        serde_json::to_value(shown(Body::of(body).unwrap(), if_none_match)).unwrap()
    }

    #[test]
    fn a_body_has_a_strong_tag_of_its_own() {
        let one = answered(&json!({"n": 1}), &[]);
        let etag = one["headers"]["ETag"].as_str().unwrap();
        assert!(etag.starts_with('"') && etag.ends_with('"') && etag.len() == 66);
        assert_eq!(answered(&json!({"n": 1}), &[]), one);
        assert_ne!(answered(&json!({"n": 2}), &[])["headers"]["ETag"], etag);
    }

    #[test]
    fn who_has_the_body_is_not_sent_it_again() {
        let body = json!({"n": 1});
        let first = answered(&body, &[]);
        let etag = first["headers"]["ETag"].as_str().unwrap();
        let (listed, weak) = (format!("\"a\", {etag} ,\"b\""), format!("W/{etag}"));
        for tags in [
            &[etag] as &[&str],
            &["\"a\"", etag],
            &[&listed],
            &[&weak],
            &["*"],
        ] {
            let again = answered(&body, tags);
            assert_eq!(
                (&again["statusCode"], &again["body"]),
                (&json!(304), &json!(""))
            );
            assert_eq!(again["headers"], json!({"ETag": etag}));
        }
        let bare = etag.trim_matches('"');
        for tags in [&["\"a\""] as &[&str], &[""], &[bare]] {
            assert_eq!(answered(&body, tags), first);
        }
    }
}
