//! A principal as a caller is registered with it.

use std::fmt;

use serde::Serialize;

/// One name of a caller, in one of the forms that an event can show; see [`Principal::FORMS`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Principal(String);

/// Longest principal: an ARN of IAM has at most 2,048 characters, of which a path is most. Nobody's is so long.
const MAX_CHARACTERS: usize = 512;
/// In front of the subject of a token that the gateway has checked.
pub(super) const TOKEN: &str = "jwt:";
/// In front of the principal that an authorizer function has named.
pub(super) const AUTHORIZER: &str = "authorizer:";
/// Whoever may invoke the function itself with an order: such an invocation shows nobody.
pub(super) const DIRECT: &str = "direct";
/// Whoever may put events on a bus of which a rule invokes the function.
pub(super) const EVENT_BRIDGE: &str = "eventbridge";
/// Whoever may publish to a topic that invokes the function.
pub(super) const SNS: &str = "sns";

/// Letters and digits that a unique id of IAM has.
const ID_CHARACTERS: std::ops::RangeInclusive<usize> = 16..=128;
const ACCOUNT_DIGITS: usize = 12;

impl Principal {
    /// Every form, in words.
    pub const FORMS: &str = "the unique id of an IAM user or role (AIDA…, AROA… without the session), \
        arn:aws:iam::ACCOUNT:user/NAME, arn:aws:iam::ACCOUNT:role/NAME, an account's id for its root user, jwt:SUBJECT, \
        authorizer:PRINCIPAL, direct, eventbridge or sns";

    /// Reads a principal.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn parse(text: &str) -> Result<Self, String> {
        if !(1..=MAX_CHARACTERS).contains(&text.len()) {
            return Err(format!("must have 1 to {MAX_CHARACTERS} characters"));
        }
        if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("must be visible ASCII characters only, without spaces".to_owned());
        }
        let is_named = |prefix: &str| {
            text.strip_prefix(prefix)
                .is_some_and(|name| !name.is_empty())
        };
        if [DIRECT, EVENT_BRIDGE, SNS].contains(&text)
            || is_named(TOKEN)
            || is_named(AUTHORIZER)
            || is_id(text)
        {
            return Ok(Self(text.to_owned()));
        }
        if text.starts_with("arn:") {
            return arn(text).map(|()| Self(text.to_owned()));
        }
        if text.split_once(':').is_some_and(|(id, _session)| is_id(id)) {
            return Err("must be the id alone, without the session behind the colon".to_owned());
        }
        Err(format!("must be {}", Self::FORMS))
    }

    /// The principal.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether it is a unique id of IAM, an account's id, or a federated user's, `ACCOUNT:NAME`.
pub(super) fn is_id(text: &str) -> bool {
    if let Some((account, name)) = text.split_once(':') {
        return is_account(account)
            && !name.is_empty()
            && name.bytes().all(|b| b.is_ascii_graphic());
    }
    let is_unique_id = ID_CHARACTERS.contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    is_unique_id || is_account(text)
}

pub(super) fn is_account(text: &str) -> bool {
    text.len() == ACCOUNT_DIGITS && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Refuses ARNs that no event would ever show.
fn arn(text: &str) -> Result<(), String> {
    let parts: Vec<_> = text.splitn(6, ':').collect();
    let ["arn", _partition, service, "", account, resource] = parts.as_slice() else {
        return Err(format!("is no ARN of IAM; must be {}", Principal::FORMS));
    };
    let (kind, name) = resource.split_once('/').unwrap_or((resource, ""));
    match (*service, kind) {
        _ if text.contains(['*', '?']) => {
            Err("must be one principal: there are no wildcards".to_owned())
        }
        ("iam", "user") | ("sts", "federated-user") if is_account(account) && !name.is_empty() => {
            Ok(())
        }
        ("iam", "role") if is_account(account) && name.contains('/') => Err(
            "must be the role without its path, which no request shows: arn:aws:iam::ACCOUNT:role/NAME"
                .to_owned(),
        ),
        ("iam", "role") if is_account(account) && !name.is_empty() => Ok(()),
        ("sts", "assumed-role") => Err(
            "must be the role, not one session of it: arn:aws:iam::ACCOUNT:role/NAME".to_owned(),
        ),
        (_, _) => Err(format!("is no user and no role; must be {}", Principal::FORMS)),
    }
}
