//! What is asked for, and what that will do: said before anything is made.

use std::path::PathBuf;
use std::time::Duration;

use hosted_connection::{Bandwidth, OwnerAccount, ParentConnection, VlanRange};

/// VLANs that the probes need, beside one for each bandwidth.
const FEWEST_VLANS: usize = 4;
/// Connections that a run makes at most, beside one for each bandwidth: for each probe that makes one, and to see whether
/// one that was refused is refused for the reason that was meant.
const MOST_CONNECTIONS: usize = 9;
/// Of them at the same time.
const MOST_AT_ONCE: usize = 6;
/// Connections that are made beside them where a name is refused, one after the other, to find out which names are.
pub(crate) const MOST_MORE_FOR_NAMES: usize = 8;
/// The shortest and the longest that somebody may want to wait for anything.
const WAIT_SECONDS: std::ops::RangeInclusive<u64> = 30..=300;

/// The bandwidth of all connections that are not made to try another one: the smallest.
pub(crate) const BANDWIDTH: Bandwidth = Bandwidth::Mbps50;

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Setup {
    /// The interconnect or LAG to ask about.
    pub parent: ParentConnection,
    /// The account that the connections are for. It sees them, and need not do anything.
    pub owner: OwnerAccount,
    /// VLANs that nobody uses.
    pub vlans: VlanRange,
    /// Bandwidths to be tried beside the smallest.
    pub bandwidths: Vec<Bandwidth>,
    /// How long to wait for anything to be shown.
    pub wait: Duration,
    /// The file in which is noted what is made.
    pub made: PathBuf,
}

/// An argument that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{argument}: {problem}")]
pub struct Wrong {
    /// Its name on the command line.
    pub argument: &'static str,
    /// What is wrong with it, and what is expected.
    pub problem: String,
}

/// What a run will do, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Most connections that it makes where no name is refused.
    pub connections: usize,
    /// One sentence or two for each effect.
    pub effects: Vec<String>,
}

/// Reads the arguments as they were typed, and says everything that is wrong with them at once.
///
/// # Errors
/// Each argument that cannot be used.
pub fn read(
    [parent, owner, vlans, bandwidths]: [Option<&str>; 4],
    wait_seconds: u64,
    made: Option<PathBuf>,
) -> Result<Setup, Vec<Wrong>> {
    let mut wrong = Vec::new();
    let mut refuse = |argument, problem: String| wrong.push(Wrong { argument, problem });
    let parent = read_one("--parent", parent, &mut refuse, |text| {
        ParentConnection::parse(text).map_err(|violation| violation.message.to_string())
    });
    let owner = read_one("--owner-account", owner, &mut refuse, |text| {
        OwnerAccount::parse(text).map_err(|violation| violation.message.to_string())
    });
    let mut more = Vec::new();
    for text in bandwidths.into_iter().flat_map(|list| list.split(',')) {
        match Bandwidth::parse(text.trim()) {
            Ok(bandwidth) if bandwidth == BANDWIDTH || more.contains(&bandwidth) => {}
            Ok(bandwidth) => more.push(bandwidth),
            Err(violation) => refuse("--bandwidths", format!("{text:?}: {}", violation.message)),
        }
    }
    let needed = FEWEST_VLANS + more.len();
    let vlans = read_one("--vlans", vlans, &mut refuse, |text| {
        let range: VlanRange = text
            .parse()
            .map_err(|error: hosted_connection::NotAVlanRange| error.to_string())?;
        match range.iter().count() {
            count if count >= needed => Ok(range),
            count => Err(format!("{count} VLANs are too few: {needed} are needed")),
        }
    });
    if !WAIT_SECONDS.contains(&wait_seconds) {
        let (least, most) = (WAIT_SECONDS.start(), WAIT_SECONDS.end());
        let problem = format!("{wait_seconds} is not from {least} to {most} seconds");
        refuse("--wait-seconds", problem);
    }
    match (parent, owner, vlans, wrong.is_empty()) {
        (Some(parent), Some(owner), Some(vlans), true) => Ok(Setup {
            made: made.unwrap_or_else(|| crate::made_path(&parent)),
            parent,
            owner,
            vlans,
            bandwidths: more,
            wait: Duration::from_secs(wait_seconds),
        }),
        _ => Err(wrong),
    }
}

fn read_one<T>(
    argument: &'static str,
    text: Option<&str>,
    refuse: &mut impl FnMut(&'static str, String),
    parse: impl Fn(&str) -> Result<T, String>,
) -> Option<T> {
    let parsed = match text {
        Some(text) => parse(text).map_err(|problem| format!("{text:?}: {problem}")),
        None => Err("is missing".to_owned()),
    };
    parsed.map_err(|problem| refuse(argument, problem)).ok()
}

impl Setup {
    /// What a run will do.
    #[must_use]
    pub fn plan(&self, bus: &str) -> Plan {
        let Self {
            parent,
            owner,
            vlans,
            ..
        } = self;
        let more = self.bandwidths.len();
        let bandwidths: Vec<_> = self.bandwidths.iter().map(|one| one.as_str()).collect();
        let connections = MOST_CONNECTIONS + more;
        let mut effects = vec![
            format!(
                "It makes at most {connections} hosted connections on {parent} for account {owner}, at most {} of them at the \
                 same time, and deletes them all. They are on VLANs {vlans}, of {} each, and named conformance-…",
                MOST_AT_ONCE + more.min(1),
                BANDWIDTH.as_str()
            ),
            "Cost: none. They stay in state `ordering`, and AWS bills a hosted connection only after its owner has confirmed it. \
             Do not confirm them."
                .to_owned(),
            format!(
                "Until they are deleted, account {owner} sees them, they count against its quota, they use up the parent's \
                 bandwidth, orders for these VLANs are rejected, and track reports them as orphans."
            ),
            format!(
                "One event of source `conformance`, detail type `Conformance Probe`, is published on bus {bus}, beside one that \
                 EventBridge has to refuse. Nothing is written to the table."
            ),
        ];
        effects.push(format!(
            "If AWS refuses one of its names, it makes at most {MOST_MORE_FOR_NAMES} more, one after the other, to find out how long \
             a name may be and which characters it may not have."
        ));
        if more > 0 {
            effects.push(format!(
                "{more} of the connections are of another bandwidth, one after the other: {}.",
                bandwidths.join(", ")
            ));
        }
        Plan {
            connections,
            effects,
        }
    }

    /// Whether the parent is a LAG.
    pub(crate) fn is_about_a_lag(&self) -> bool {
        matches!(self.parent, ParentConnection::Lag(_))
    }

    /// The wait in milliseconds.
    pub(crate) fn wait_ms(&self) -> u64 {
        u64::try_from(self.wait.as_millis()).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_that_is_wrong_is_named_at_once() {
        let wrong = read(
            [Some("dxcon-1"), Some("12"), Some("10-9"), Some("75Mbps")],
            5,
            None,
        );
        let named: Vec<_> = wrong.unwrap_err().iter().map(|one| one.argument).collect();
        let expected = [
            "--parent",
            "--owner-account",
            "--bandwidths",
            "--vlans",
            "--wait-seconds",
        ];
        assert_eq!(named, expected);
        let wrong = read([None; 4], 120, None).unwrap_err();
        assert_eq!(wrong.len(), 3, "{wrong:?}");
        assert!(wrong.iter().all(|one| one.problem == "is missing"));
    }

    #[test]
    fn a_range_has_a_vlan_for_each_bandwidth_beside_four() {
        let arguments = |vlans, bandwidths| {
            let parent = Some("dxcon-ffabc123");
            read(
                [parent, Some("111122223333"), Some(vlans), bandwidths],
                120,
                None,
            )
        };
        assert!(arguments("4000-4002", None).is_err());
        assert!(arguments("4000-4003", None).is_ok());
        assert!(arguments("4000-4003", Some("100Mbps")).is_err());
        // The smallest is tried anyway.
        assert!(arguments("4000-4004", Some("100Mbps,50Mbps,100Mbps")).is_ok());
    }
}
