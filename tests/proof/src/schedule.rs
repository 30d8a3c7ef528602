//! One story, and how it is told in a line.

use std::fmt;
use std::str::FromStr;

use local_cloud::{Fault, Target};

use crate::bounds::Bounds;
use crate::brownfield::{self, Brownfield};
use crate::conditions::Conditions;
use crate::happening::Happening;
use crate::incident::Incident;
use crate::life::{self, Life};
use crate::placed::{self, Placed};
use crate::run::{Run, alone};
use crate::scenario::Scenario;
use crate::{faults, interleaving};

/// One deterministic story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Schedule {
    /// One delivery after the other; some requests, counted over all of them, go wrong, or something happens before them.
    Faults {
        /// What the story starts from.
        scenario: Scenario,
        /// Position of a request, from 1, and what happens to it or before it.
        faults: Vec<(u64, Incident)>,
    },
    /// What comes after an order; some requests, counted over all functions, go wrong.
    Life {
        /// What the story starts from.
        life: Life,
        /// Position of a request, from 1, and what happens to it or before it.
        faults: Vec<(u64, Incident)>,
    },
    /// A connection that was there before is adopted; some requests, counted over both processes, go wrong.
    Adoption {
        /// What the story starts from.
        story: Brownfield,
        /// Position of a request, from 1, and what happens to it or before it.
        faults: Vec<(u64, Incident)>,
    },
    /// Orders by place, while something comes between; some requests, counted over all processes, go wrong.
    Placement {
        /// What the story starts from.
        story: Placed,
        /// Position of a request, from 1, and what happens to it or before it.
        faults: Vec<(u64, Incident)>,
    },
    /// Several deliveries at once; each step lets one of their requests land, kills one of them, or lets time pass.
    Workers {
        /// What the story starts from.
        scenario: Scenario,
        /// How many deliveries, and what may happen, at most: it decides which steps there are to choose from.
        bounds: Bounds,
        /// What goes wrong with the first call, or happens at any step.
        beside: Option<Incident>,
        /// Which of the possible steps is taken, in order; the first one where the list has ended.
        choices: Vec<u8>,
    },
}

impl Schedule {
    /// Plays the story from a place without a tokio runtime.
    #[must_use]
    pub fn replay(&self, conditions: impl Into<Conditions>) -> Run {
        let conditions = conditions.into();
        alone(|| self.play(conditions))
    }

    /// Plays the story under these conditions.
    ///
    /// Has to be called inside a tokio runtime of its own whose clock is paused.
    pub async fn play(&self, conditions: impl Into<Conditions>) -> Run {
        let conditions = &conditions.into();
        // The SDK's back-off is jittered; the same story has to take the same time.
        fastrand::seed(1);
        match self {
            Self::Faults { scenario, faults } => faults::play(*scenario, faults, conditions).await,
            Self::Life { life, faults } => life::play(*life, faults, conditions).await,
            Self::Adoption { story, faults } => brownfield::play(*story, faults, conditions).await,
            Self::Placement { story, faults } => placed::play(*story, faults, conditions).await,
            Self::Workers {
                scenario,
                bounds,
                beside,
                choices,
            } => interleaving::play(*scenario, *bounds, beside.as_ref(), choices, conditions).await,
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
            Self::Adoption { story, faults } => {
                write!(f, "{story}")?;
                write_faults(f, faults)
            }
            Self::Placement { story, faults } => {
                write!(f, "{story}")?;
                write_faults(f, faults)
            }
            Self::Workers {
                scenario,
                bounds,
                beside,
                choices,
            } => {
                let choices: Vec<_> = choices.iter().map(u8::to_string).collect();
                write!(f, "{scenario} {bounds} ")?;
                if let Some(incident) = beside {
                    write!(f, "beside={incident} ")?;
                }
                write!(f, "choices={}", choices.join("."))
            }
        }
    }
}

fn write_faults(f: &mut fmt::Formatter<'_>, faults: &[(u64, Incident)]) -> fmt::Result {
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
        if first.starts_with("adoption/") {
            let story = first.parse().map_err(ScheduleSyntax)?;
            let faults = words.map(fault).collect::<Result<_, _>>()?;
            return Ok(Self::Adoption { story, faults });
        }
        if first.starts_with("placement/") {
            let story = first.parse().map_err(ScheduleSyntax)?;
            let faults = words.map(fault).collect::<Result<_, _>>()?;
            return Ok(Self::Placement { story, faults });
        }
        let scenario = first.parse().map_err(ScheduleSyntax)?;
        let mut words: Vec<_> = words.collect();
        let beside = match words.get(4).and_then(|word| word.strip_prefix("beside=")) {
            Some(text) => Some(incident(text, "AllocateHostedConnection")?.1),
            None => None,
        };
        if beside.is_some() {
            words.remove(4);
        }
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
                beside,
                choices: choices.map(number).collect::<Result<_, _>>()?,
            });
        }
        let faults = words.into_iter().map(fault).collect::<Result<_, _>>()?;
        Ok(Self::Faults { scenario, faults })
    }
}

/// An incident and its place, as `kind@k3`.
fn fault(text: &str) -> Result<(u64, Incident), ScheduleSyntax> {
    let syntax = || ScheduleSyntax(format!("`{text}` does not name a request by its position"));
    let (what, place) = text.split_once('@').ok_or_else(syntax)?;
    match incident(what, place)? {
        (Target::Request(k), incident) => Ok((k, incident)),
        (Target::Nth(..) | Target::Any(_), _) => Err(syntax()),
    }
}

/// What is written like a fault, at a place that is written like one's.
fn incident(what: &str, place: &str) -> Result<(Target, Incident), ScheduleSyntax> {
    let happening = what.parse::<Happening>().ok();
    // Any kind will do where only the place is to be read.
    let kind = if happening.is_some() {
        "throttle"
    } else {
        what
    };
    let fault = format!("{kind}@{place}")
        .parse::<Fault>()
        .map_err(|error| ScheduleSyntax(error.to_string()))?;
    let incident = happening.map_or(Incident::Fault(fault.kind), Incident::Happening);
    Ok((fault.selector.target, incident))
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
            "life/followed/unrestricted/members-show join-lag@k9 throttle@k12",
            "adoption/two-keys/policy/3 kill-before@k4",
            "placement/fills-up/policy/automatic/3 apply-then-reset@k7",
            "http/given/shared/fresh/crowded/shifting go@k3 error(400,ValidationException)@k2",
            "sqs/given/unique/fresh/roomy workers=2 turns=1 kills=0 pauses=0 beside=join-lag choices=0.2",
            "sqs/given/unique/fresh/roomy workers=2 turns=1 kills=0 pauses=0 beside=apply-then-client-exception choices=",
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
