//! Why the latest call of an order came to nothing, as its record has it, and what to do about that.

use aws::failure::{self, CallError, Cause, Denial};
use ledger::{Record, State};

/// What the record says of why the order is not done yet: an error code, or a few words.
pub fn recorded(record: &Record) -> Option<&str> {
    match record.state {
        State::Waiting => record.waits_for.as_deref(),
        State::Calling | State::Unresolved => {
            let mut newest = record.history.iter().rev();
            newest.find_map(|entry| match entry.what.as_str() {
                "unresolved" => entry.detail.as_deref(),
                _ => None,
            })
        }
        State::Allocated | State::Rejected | State::Quarantined => None,
    }
}

/// Whether no retry will succeed before somebody has done something.
pub fn needs_a_person(reason: &str) -> bool {
    denial(reason).is_some()
}

/// What to do about it.
pub fn remedy(reason: &str) -> String {
    let (operation, message) = parts(reason);
    let operation = operation.unwrap_or("AllocateHostedConnection");
    match denial(reason) {
        Some(Denial::Permission) => format!(
            "permission: the allocate role may not call directconnect:{operation}. template.yaml allows it: look for a \
             changed role, a permissions boundary or a policy of the organization"
        ),
        Some(Denial::Credentials) => format!(
            "credentials: AWS does not accept those of the functions ({message}): check the role of allocate and the clock"
        ),
        None if failure::is_throttling(code(message)) => {
            "throttled: AWS asks for fewer requests. Retries slow down by themselves; if it lasts, ask AWS for a higher limit"
                .to_owned()
        }
        None if message == "parent in transition" => {
            "the interconnect or LAG is being changed: wait until it is available".to_owned()
        }
        None if message == "no time left in the invocation" => {
            "the function's timeout is too short for its batch: raise its Timeout or lower the BatchSize".to_owned()
        }
        None => "run `operator doctor`, and look for the key in the logs of allocate and track".to_owned(),
    }
}

fn denial(reason: &str) -> Option<Denial> {
    let (_, message) = parts(reason);
    let error = CallError {
        operation: "",
        cause: Cause::Misconfigured,
        message: message.to_owned(),
    };
    error.denial()
}

/// The operation that failed, if it is named, and the error.
fn parts(reason: &str) -> (Option<&str>, &str) {
    match reason.split_once(" failed: ") {
        Some((operation, message)) => (Some(operation), message),
        None => (None, reason),
    }
}

fn code(message: &str) -> &str {
    message.split([' ', ':']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_denied_is_told_with_the_role_and_the_action() {
        let reason = "AccessDeniedException (HTTP 403)";
        assert!(needs_a_person(reason));
        let remedy = remedy(reason);
        assert!(
            remedy.starts_with(
                "permission: the allocate role may not call directconnect:AllocateHostedConnection"
            ),
            "{remedy}"
        );
        let look = "DescribeHostedConnections failed: AccessDeniedException (HTTP 400)";
        assert!(super::remedy(look).contains("directconnect:DescribeHostedConnections"));
    }

    #[test]
    fn what_passes_by_itself_needs_nobody() {
        for (reason, word) in [
            ("ThrottlingException (HTTP 400)", "throttled"),
            ("parent in transition", "is being changed"),
            ("no time left in the invocation", "Timeout"),
            ("dispatch failure: io error", "operator doctor"),
        ] {
            assert!(!needs_a_person(reason), "{reason}");
            assert!(remedy(reason).contains(word), "{reason}");
        }
    }
}
