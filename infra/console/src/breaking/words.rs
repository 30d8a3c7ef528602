//! Faults in words: what happens to a request, and which one it will happen to.

use local_cloud::{Fault, FaultKind, Target};

/// What happens, or has happened, to a request.
pub(crate) fn happens(kind: &FaultKind) -> String {
    let words = match kind {
        FaultKind::RefuseBefore => "no connection",
        FaultKind::ResetBefore => "connection broken",
        FaultKind::Throttle => "throttled",
        FaultKind::Error { status, code } => return format!("{code}, HTTP {status}"),
        FaultKind::ServerErrorBefore | FaultKind::ServerExceptionBefore => "server error",
        FaultKind::ApplyThen500 | FaultKind::ApplyThenServerException => {
            "server error after it was done"
        }
        FaultKind::ClientExceptionBefore => "refused",
        FaultKind::ApplyThenClientException => "refused after it was done",
        FaultKind::ExpiredPageToken => "page token expired",
        FaultKind::ApplyThenReset => "answer lost",
        FaultKind::ApplyThenCutBody => "answer cut short",
        FaultKind::ApplyThenEmptyBody => "answer empty",
        FaultKind::ApplyThenWithoutList => "answer without its list",
        FaultKind::HangBefore | FaultKind::ApplyThenHang => "no answer",
        FaultKind::Delay(time) => return format!("answered after {time:?}"),
        FaultKind::LandLate(time) => return format!("answer lost, done after {time:?}"),
        FaultKind::KillBefore | FaultKind::ApplyThenKill => "function killed",
        FaultKind::PartialPutEvents(_) => "not taken by the bus",
    };
    words.to_owned()
}

/// What will happen, and to which request.
pub(crate) fn armed(fault: &Fault) -> String {
    let which = match (&fault.selector.target, fault.always) {
        (Target::Any(operation), true) => format!("every {operation}"),
        (Target::Any(operation), false) => format!("the next {operation}"),
        (Target::Nth(operation, n), true) => format!("each {operation} from number {n} on"),
        (Target::Nth(operation, n), false) => format!("{operation} number {n}"),
        (Target::Request(k), true) => format!("each request from number {k} on"),
        (Target::Request(k), false) => format!("request number {k}"),
    };
    let whose = match &fault.selector.worker {
        Some(worker) => format!(" of {worker}"),
        None => String::new(),
    };
    format!("{which}{whose}: {}", happens(&fault.kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_told_in_words() {
        for (fault, words) in [
            (
                "apply-then-reset@AllocateHostedConnection",
                "the next AllocateHostedConnection: answer lost",
            ),
            (
                "throttle@allocate/PutEvents+always",
                "every PutEvents of allocate: throttled",
            ),
            ("kill-before@k3", "request number 3: function killed"),
            (
                "land-late(5s)@DeleteConnection#2",
                "DeleteConnection number 2: answer lost, done after 5s",
            ),
        ] {
            assert_eq!(armed(&Fault::parse(fault).unwrap()), words);
        }
    }
}
