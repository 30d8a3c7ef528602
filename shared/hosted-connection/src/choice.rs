//! Which parent an order by place gets: pure functions from what is known to a ranking, and to the reason of every parent
//! that is out of the question.
//!
//! What is read, in how many calls, and what becomes of a race that is lost is the flow's business.

mod candidate;
mod share;
mod site;

use std::collections::BTreeSet;

use crate::{Among, Bandwidth, Code, DiverseBy, Placement, Rejection};

pub use candidate::{Candidate, CandidateCode};
pub use share::{Ranked, Room, Share};
pub use site::{Availability, Site};

/// The most candidates that a rejection lists: it is stored, published and read by people.
const MAX_LISTED: usize = 100;

/// What an order is to be kept apart from: the device or the location of the other order's connection, as far as it is
/// known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Apart {
    /// What the two must not share.
    pub by: DiverseBy,
    /// The name of the other's.
    pub from: Option<String>,
}

/// The parents that a placement asks for, as far as it can be told without what is sold on them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shortlist {
    /// Those that may do, in a fixed order.
    pub open: Vec<Site>,
    /// Those that will not, and why.
    pub refused: Vec<Candidate>,
    /// The locations that there are to choose from.
    locations: BTreeSet<String>,
    /// The location that was asked for, if no parent is there.
    nowhere: Option<String>,
}

impl Shortlist {
    /// The parents of `sites` that `placement` asks for, by everything that does not change with what is sold.
    pub fn new(
        placement: &Placement,
        bandwidth: Bandwidth,
        sites: &[Site],
        apart: Option<&Apart>,
    ) -> Self {
        let permitted = |site: &&Site| placement.scope.has(&site.id);
        let location = |site: &Site| site.location.clone();
        let mut list = Self {
            open: Vec::new(),
            refused: Vec::new(),
            locations: sites
                .iter()
                .filter(permitted)
                .filter_map(location)
                .collect(),
            nowhere: None,
        };
        match &placement.among {
            Among::Location(asked) => {
                let is_there = |site: &&Site| site.location.as_deref() == Some(asked);
                for site in sites.iter().filter(permitted).filter(is_there) {
                    list.add(site, bandwidth, apart);
                }
                let is_empty = list.open.is_empty() && list.refused.is_empty();
                list.nowhere = is_empty.then(|| asked.clone());
            }
            Among::Parents(parents) => {
                for parent in parents {
                    match sites.iter().find(|site| site.id == *parent) {
                        _ if !placement.scope.has(parent) => {
                            list.refused.push(Candidate::not_permitted(parent));
                        }
                        None => list.refused.push(Candidate::not_found(parent)),
                        Some(site) => list.add(site, bandwidth, apart),
                    }
                }
            }
        }
        list.open.sort_by(|one, other| one.id.cmp(&other.id));
        list
    }

    fn add(&mut self, site: &Site, bandwidth: Bandwidth, apart: Option<&Apart>) {
        match site.reason_against(bandwidth, apart) {
            Some(candidate) => self.refused.push(candidate),
            None => self.open.push(site.clone()),
        }
    }

    /// The final no when none of them can take the order; `refused` are those that were open at first.
    pub fn rejection(&self, refused: impl IntoIterator<Item = Candidate>) -> Rejection {
        let mut candidates = self.refused.clone();
        candidates.extend(refused);
        candidates.sort_by(|one, other| one.connection_id.cmp(&other.connection_id));
        // One that was tried, and is out of the question by now, is told once: as it is now.
        candidates.dedup_by(|one, other| one.connection_id == other.connection_id);
        let more = candidates.len().saturating_sub(MAX_LISTED);
        candidates.truncate(MAX_LISTED);
        let mut message = match &self.nowhere {
            Some(location) => self.no_such_location(location),
            None => {
                "None of the interconnects and LAGs can take the order; the candidates say why."
                    .to_owned()
            }
        };
        if more > 0 {
            message.push_str(&format!(" {more} more are not listed."));
        }
        Rejection {
            candidates,
            ..Rejection::new(Code::NoParentAvailable, message)
        }
    }

    fn no_such_location(&self, location: &str) -> String {
        let known: Vec<_> = self.locations.iter().map(String::as_str).collect();
        let known = match known.as_slice() {
            [] => "none that can be ordered at".to_owned(),
            known => known.join(", "),
        };
        format!("No interconnect or LAG is at location {location}. The locations are: {known}.")
    }
}

#[cfg(test)]
mod tests;
