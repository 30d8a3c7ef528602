//! What a probe has seen, as data: enough to make the local cloud behave the same.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What was seen. Which members there are depends on the assumption:
///
/// | assumption | members |
/// |---|---|
/// | `allocate-visible` | `times`: from the answer of each allocation until a list showed the connection; 0 when the first look did. `members`: of AllocateHostedConnection's answer |
/// | `list-current` | `times`: from the answer of each deletion until a list showed it, or left the connection out |
/// | `vlan-free-after-delete` | `times`: from the moment that the deletion was shown until the VLAN was taken again |
/// | `ordering-deletable` | `times`: from the answer of the deletion until the connection was `deleted` or not listed; `states`: those shown meanwhile, in their order |
/// | `deleted-listed` | `listed`: whether a deleted connection was still listed; `states` |
/// | `duplicate-vlan-refused`, `refusal-code`, `parent-by-id`, `associate-idempotent`, `throttle-code` | `status`, `code`, `message` of the answer that decided; no `code` means that the call was accepted |
/// | `name-limits`, `bandwidths` | `accepted`, `refused`: the values, or what is special about them |
/// | `name-limits`, if a name was refused | `longestName`: most characters that were accepted; `refusedCharacters`: those of the kinds that were refused |
/// | `tags-hidden` | `members`: of a list entry; `listed`: whether a list showed tags |
/// | `lag-members` | `shownUnderMember`, `memberSells` |
/// | `dynamodb-all-old`, `putevents-partial` | `status`, `code`, `message` |
///
/// `message` is AWS's own text, for people: nothing is decided by it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Seen {
    /// Why nothing is known, or what has to be known about the verdict.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// HTTP status of the answer that decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Its error code, as AWS spells it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Its message, with account ids, names and connection ids replaced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// How long it took.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub times: Option<Times>,
    /// States that were shown, in the order in which they first appeared.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub states: Vec<String>,
    /// Whether it was listed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listed: Option<bool>,
    /// What was accepted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub accepted: Vec<String>,
    /// What was refused.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<String>,
    /// Most characters of a name that were accepted, where a longer one was not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub longest_name: Option<usize>,
    /// Characters of names that were refused, each kind as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused_characters: Option<String>,
    /// What DescribeHostedConnections showed for the id of a LAG's member.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shown_under_member: Option<Shown>,
    /// Whether AllocateHostedConnection accepted the id of a LAG's member.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub member_sells: Option<bool>,
    /// The members of an answer, with account ids, names and connection ids replaced.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub members: Option<Value>,
    /// What a newer version has seen beside this.
    #[serde(flatten)]
    pub other: BTreeMap<String, Value>,
}

/// Shortest, middle and longest of some times, in milliseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Times {
    /// How many were measured.
    pub count: usize,
    /// The shortest.
    pub min_ms: u64,
    /// The one in the middle; of an even number, the longer of the two.
    pub median_ms: u64,
    /// The longest.
    pub max_ms: u64,
    /// Set if something was waited for in vain: for how long. It took longer than that, and is not in the other members.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub longer_than_ms: Option<u64>,
}

/// What a list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Shown {
    /// The LAG's connections.
    Connections,
    /// No connections.
    Nothing,
    /// The id was refused with a client exception.
    Refused,
}

impl Times {
    /// Of what was measured; `None` if nothing was.
    #[must_use]
    pub fn of(measured_ms: &[u64], longer_than_ms: Option<u64>) -> Option<Self> {
        if measured_ms.is_empty() && longer_than_ms.is_none() {
            return None;
        }
        let mut sorted = measured_ms.to_vec();
        sorted.sort_unstable();
        let at = |index: usize| sorted.get(index).copied().unwrap_or_default();
        Some(Self {
            count: sorted.len(),
            min_ms: at(0),
            median_ms: at(sorted.len() / 2),
            max_ms: at(sorted.len().saturating_sub(1)),
            longer_than_ms,
        })
    }
}
