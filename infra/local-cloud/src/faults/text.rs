//! The text form of a fault: `kind@[worker/]target[+always]`, where target is `k3` (the third request), an operation,
//! or `Operation#2` (its second). Parsing what was displayed gives the same fault.

use std::{fmt, str::FromStr, time::Duration};

use super::{Fault, FaultKind, Selector, Target};
use crate::request::Service;

/// The text is not a fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{text}` is not a fault: {problem}; expected for example apply-then-reset@AllocateHostedConnection#1, kill-before@k3, delay(250ms)@PutEvents+always"
)]
pub struct FaultSyntax {
    text: String,
    problem: String,
}

/// Kinds that take no argument, and so are known by their whole text.
const PLAIN: [FaultKind; 18] = [
    FaultKind::RefuseBefore,
    FaultKind::ResetBefore,
    FaultKind::Throttle,
    FaultKind::ServerErrorBefore,
    FaultKind::ApplyThen500,
    FaultKind::ServerExceptionBefore,
    FaultKind::ApplyThenServerException,
    FaultKind::ClientExceptionBefore,
    FaultKind::ApplyThenClientException,
    FaultKind::ExpiredPageToken,
    FaultKind::ApplyThenReset,
    FaultKind::ApplyThenCutBody,
    FaultKind::ApplyThenEmptyBody,
    FaultKind::ApplyThenWithoutList,
    FaultKind::HangBefore,
    FaultKind::ApplyThenHang,
    FaultKind::KillBefore,
    FaultKind::ApplyThenKill,
];

impl Fault {
    /// Reads the text form.
    ///
    /// # Errors
    /// Says what is wrong with the text and what a right one looks like.
    pub fn parse(text: &str) -> Result<Self, FaultSyntax> {
        parse(text).map_err(|problem| FaultSyntax {
            text: text.to_owned(),
            problem,
        })
    }
}

impl FromStr for Fault {
    type Err = FaultSyntax;

    fn from_str(text: &str) -> Result<Self, FaultSyntax> {
        Self::parse(text)
    }
}

fn parse(text: &str) -> Result<Fault, String> {
    let (kind, place) = text.split_once('@').ok_or("no @")?;
    let (place, always) = match place.strip_suffix("+always") {
        Some(place) => (place, true),
        None => (place, false),
    };
    let (worker, target) = match place.rsplit_once('/') {
        Some((worker, target)) => (Some(worker.to_owned()), target),
        None => (None, place),
    };
    Ok(Fault {
        kind: parse_kind(kind)?,
        selector: Selector {
            worker,
            target: parse_target(target)?,
        },
        always,
    })
}

fn parse_target(text: &str) -> Result<Target, String> {
    let count = |digits: &str| match digits.parse::<u64>() {
        Ok(n) if n > 0 => Ok(n),
        Ok(_) | Err(_) => Err(format!(
            "`{digits}` is no position, which are counted from 1"
        )),
    };
    if let Some(k) = text.strip_prefix('k') {
        return Ok(Target::Request(count(k)?));
    }
    let (operation, nth) = match text.split_once('#') {
        Some((operation, n)) => (operation, Some(count(n)?)),
        None => (text, None),
    };
    if !Service::OPERATIONS
        .iter()
        .any(|(_, known)| known.contains(&operation))
    {
        let known: Vec<_> = Service::OPERATIONS
            .iter()
            .map(|(service, known)| format!("{service}: {}", known.join(", ")))
            .collect();
        return Err(format!(
            "`{operation}` is no operation of the local cloud, which are, for {}",
            known.join("; for ")
        ));
    }
    Ok(match nth {
        Some(n) => Target::Nth(operation.to_owned(), n),
        None => Target::Any(operation.to_owned()),
    })
}

fn parse_kind(text: &str) -> Result<FaultKind, String> {
    if let Some(kind) = PLAIN.into_iter().find(|kind| kind.to_string() == text) {
        return Ok(kind);
    }
    let (name, argument) = text
        .strip_suffix(')')
        .and_then(|text| text.split_once('('))
        .ok_or_else(|| format!("unknown kind `{text}`"))?;
    match name {
        "delay" => Ok(FaultKind::Delay(parse_duration(argument)?)),
        "land-late" => Ok(FaultKind::LandLate(parse_duration(argument)?)),
        "error" => {
            let (status, code) = argument
                .split_once(',')
                .ok_or("error needs (status,code)")?;
            let status = status
                .parse()
                .map_err(|_| format!("`{status}` is no HTTP status"))?;
            let code = code.to_owned();
            Ok(FaultKind::Error { status, code })
        }
        "partial-put-events" => argument
            .split(',')
            .map(|index| index.parse().map_err(|_| format!("`{index}` is no index")))
            .collect::<Result<_, _>>()
            .map(FaultKind::PartialPutEvents),
        other => Err(format!("unknown kind `{other}`")),
    }
}

fn parse_duration(text: &str) -> Result<Duration, String> {
    let problem = || format!("`{text}` is no duration, such as 250ms or 45s");
    let (digits, unit): (_, fn(u64) -> Duration) = match text.strip_suffix("ms") {
        Some(digits) => (digits, Duration::from_millis),
        None => (
            text.strip_suffix('s').ok_or_else(problem)?,
            Duration::from_secs,
        ),
    };
    digits.parse().map(unit).map_err(|_| problem())
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@", self.kind)?;
        if let Some(worker) = &self.selector.worker {
            write!(f, "{worker}/")?;
        }
        match &self.selector.target {
            Target::Request(k) => write!(f, "k{k}")?,
            Target::Nth(operation, n) => write!(f, "{operation}#{n}")?,
            Target::Any(operation) => f.write_str(operation)?,
        }
        f.write_str(if self.always { "+always" } else { "" })
    }
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RefuseBefore => f.write_str("refuse-before"),
            Self::ResetBefore => f.write_str("reset-before"),
            Self::Throttle => f.write_str("throttle"),
            Self::Error { status, code } => write!(f, "error({status},{code})"),
            Self::ServerErrorBefore => f.write_str("server-error-before"),
            Self::ApplyThen500 => f.write_str("apply-then-500"),
            Self::ServerExceptionBefore => f.write_str("server-exception-before"),
            Self::ApplyThenServerException => f.write_str("apply-then-server-exception"),
            Self::ClientExceptionBefore => f.write_str("client-exception-before"),
            Self::ApplyThenClientException => f.write_str("apply-then-client-exception"),
            Self::ExpiredPageToken => f.write_str("expired-page-token"),
            Self::ApplyThenReset => f.write_str("apply-then-reset"),
            Self::ApplyThenCutBody => f.write_str("apply-then-cut-body"),
            Self::ApplyThenEmptyBody => f.write_str("apply-then-empty-body"),
            Self::ApplyThenWithoutList => f.write_str("apply-then-without-list"),
            Self::HangBefore => f.write_str("hang-before"),
            Self::ApplyThenHang => f.write_str("apply-then-hang"),
            Self::Delay(time) => write!(f, "delay({}ms)", time.as_millis()),
            Self::LandLate(time) => write!(f, "land-late({}ms)", time.as_millis()),
            Self::KillBefore => f.write_str("kill-before"),
            Self::ApplyThenKill => f.write_str("apply-then-kill"),
            Self::PartialPutEvents(entries) => {
                let entries: Vec<_> = entries.iter().map(usize::to_string).collect();
                write!(f, "partial-put-events({})", entries.join(","))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_reads_back_from_its_own_text() {
        let kinds = PLAIN.into_iter().chain([
            FaultKind::Delay(Duration::from_millis(250)),
            FaultKind::LandLate(Duration::from_secs(45)),
            FaultKind::PartialPutEvents(vec![0, 2]),
            FaultKind::Error {
                status: 403,
                code: "AccessDeniedException".into(),
            },
        ]);
        for kind in kinds {
            for fault in [
                Fault::on_request(kind.clone(), 3),
                Fault::on_nth(kind.clone(), "PutEvents", 2).for_worker("worker-1"),
                Fault::on(kind.clone(), "AllocateHostedConnection").always(),
            ] {
                assert_eq!(Fault::parse(&fault.to_string()), Ok(fault));
            }
        }
    }

    #[test]
    fn the_texts_that_people_write_are_understood() {
        assert_eq!(
            Fault::parse("kill-before@k3"),
            Ok(Fault::on_request(FaultKind::KillBefore, 3))
        );
        assert_eq!(
            Fault::parse("land-late(45s)@AllocateHostedConnection#1"),
            Ok(Fault::on_nth(
                FaultKind::LandLate(Duration::from_secs(45)),
                "AllocateHostedConnection",
                1
            ))
        );
    }

    #[test]
    fn a_wrong_text_says_what_is_wrong_and_what_is_right() {
        for (text, problem) in [
            ("apply-then-reset", "no @"),
            ("explode@k1", "unknown kind `explode`"),
            ("throttle@k0", "counted from 1"),
            ("delay(soon)@k1", "no duration"),
            ("throttle@Put Events", "no operation"),
            ("throttle@Nope", "AllocateHostedConnection, "),
        ] {
            let error = Fault::parse(text).unwrap_err().to_string();
            assert!(
                error.contains(problem) && error.contains("expected for example"),
                "{error}"
            );
        }
    }
}
