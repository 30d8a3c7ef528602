//! One story, and how it is told in a line.

use std::fmt;
use std::str::FromStr;

use aws::Safeguard;
use local_cloud::{Fault, FaultKind, RequestRecord};

use crate::bounds::Bounds;
use crate::life::{self, Life};
use crate::scenario::Scenario;
use crate::{explore, faults, interleaving};

/// One deterministic story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Schedule {
    /// One delivery after the other; some requests, counted over all of them, go wrong.
    Faults {
        /// What the story starts from.
        scenario: Scenario,
        /// Position of a request, from 1, and what happens to it.
        faults: Vec<(u64, FaultKind)>,
    },
    /// What comes after an order; some requests, counted over all functions, go wrong.
    Life {
        /// What the story starts from.
        life: Life,
        /// Position of a request, from 1, and what happens to it.
        faults: Vec<(u64, FaultKind)>,
    },
    /// Several deliveries at once; each step lets one of their requests land, kills one of them, or lets time pass.
    Workers {
        /// What the story starts from.
        scenario: Scenario,
        /// How many deliveries, and what may happen, at most: it decides which steps there are to choose from.
        bounds: Bounds,
        /// Which of the possible steps is taken, in order; the first one where the list has ended.
        choices: Vec<u8>,
    },
}

/// How a story went.
#[derive(Debug, Clone, Default)]
pub struct Run {
    /// Invariants that did not hold, in words.
    pub violations: Vec<String>,
    /// Deliveries until the answer was final.
    pub deliveries: u32,
    /// What really went wrong: fault or step, and the operation that it hit.
    pub hits: Vec<(String, String)>,
    /// How many steps were possible each time a choice was made.
    pub widths: Vec<u8>,
    /// All that was sent until the answer was final, in the order of sending.
    pub requests: Vec<RequestRecord>,
}

impl Schedule {
    /// Plays the story from a place without a tokio runtime.
    #[must_use]
    pub fn replay(&self, broken: Option<Safeguard>) -> Run {
        explore::alone(self.play(broken))
    }

    /// Plays the story, without the safeguard that is broken.
    ///
    /// Has to be called inside a tokio runtime of its own whose clock is paused.
    pub async fn play(&self, broken: Option<Safeguard>) -> Run {
        // The SDK's back-off is jittered; the same story has to take the same time.
        fastrand::seed(1);
        match self {
            Self::Faults { scenario, faults } => faults::play(*scenario, faults, broken).await,
            Self::Life { life, faults } => life::play(*life, faults, broken).await,
            Self::Workers {
                scenario,
                bounds,
                choices,
            } => interleaving::play(*scenario, *bounds, choices, broken).await,
        }
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Faults { scenario, faults } => {
                write!(f, "{scenario}")?;
                write_faults(f, faults)
            }
            Self::Life { life, faults } => {
                write!(f, "{life}")?;
                write_faults(f, faults)
            }
            Self::Workers {
                scenario,
                bounds,
                choices,
            } => {
                let choices: Vec<_> = choices.iter().map(u8::to_string).collect();
                write!(f, "{scenario} {bounds} choices={}", choices.join("."))
            }
        }
    }
}

fn write_faults(f: &mut fmt::Formatter<'_>, faults: &[(u64, FaultKind)]) -> fmt::Result {
    faults
        .iter()
        .try_for_each(|(k, kind)| write!(f, " {kind}@k{k}"))
}

/// The text is not a schedule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "not a schedule: {0}; expected for example `sqs/given/unique/fresh/crowded apply-then-reset@k2 kill-before@k4`"
)]
pub struct ScheduleSyntax(String);

impl FromStr for Schedule {
    type Err = ScheduleSyntax;

    fn from_str(text: &str) -> Result<Self, ScheduleSyntax> {
        let mut words = text.split_whitespace();
        let first = words.next().unwrap_or_default();
        if first.starts_with("life/") {
            let life = first.parse().map_err(ScheduleSyntax)?;
            let faults = words.map(fault).collect::<Result<_, _>>()?;
            return Ok(Self::Life { life, faults });
        }
        let scenario = first.parse().map_err(ScheduleSyntax)?;
        let words: Vec<_> = words.collect();
        if let [workers, turns, kills, pauses, choices] = words[..]
            && let (Some(bounds), Some(choices)) = (
                Bounds::from_words([workers, turns, kills, pauses]),
                choices.strip_prefix("choices="),
            )
        {
            let number = |text: &str| {
                text.parse::<u8>()
                    .map_err(|_| ScheduleSyntax(format!("`{text}` is no number")))
            };
            let choices = choices.split('.').filter(|text| !text.is_empty());
            return Ok(Self::Workers {
                scenario,
                bounds,
                choices: choices.map(number).collect::<Result<_, _>>()?,
            });
        }
        let faults = words.into_iter().map(fault).collect::<Result<_, _>>()?;
        Ok(Self::Faults { scenario, faults })
    }
}

fn fault(text: &str) -> Result<(u64, FaultKind), ScheduleSyntax> {
    let fault: Fault = text
        .parse()
        .map_err(|error: local_cloud::FaultSyntax| ScheduleSyntax(error.to_string()))?;
    match fault.selector.target {
        local_cloud::Target::Request(k) => Ok((k, fault.kind)),
        local_cloud::Target::Nth(..) | local_cloud::Target::Any(_) => Err(ScheduleSyntax(format!(
            "`{text}` does not name a request by its position"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schedule_reads_back_from_its_own_line() {
        for line in [
            "sqs/given/unique/fresh/crowded",
            "http/automatic/shared/replayed/roomy apply-then-reset@k2 land-late(20000ms)@k4",
            "sqs/given/unique/fresh/crowded workers=3 turns=2 kills=1 pauses=0 choices=0.2.1",
            "life/released/policy apply-then-kill@k9",
        ] {
            assert_eq!(line.parse::<Schedule>().unwrap().to_string(), line);
        }
        assert!("sqs".parse::<Schedule>().is_err());
        assert!(
            "sqs/given/unique/fresh/crowded throttle@PutEvents"
                .parse::<Schedule>()
                .is_err()
        );
    }
}
