//! How much of a parent is free: what candidates are ranked by.

use std::cmp::Ordering;

use super::Site;
use crate::ParentConnection;

/// What a parent has to sell, and has sold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Room {
    /// How many Mbps its policy lets be sold; without a limit, its own bandwidth. None where neither is known.
    pub limit_mbps: Option<u64>,
    /// How many are sold.
    pub used_mbps: i64,
}

/// The share of a parent that is free: so many Mbps of so many. Ordered by the fraction, exactly.
#[derive(Debug, Clone, Copy)]
pub struct Share {
    /// Free Mbps; less than nothing where more is sold than the parent has.
    pub free_mbps: i64,
    /// Of so many; 0 where that is not known, which is less than every share that is.
    pub of_mbps: u64,
}

/// A candidate with the share that would be free if it got the order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ranked {
    /// The parent.
    pub id: ParentConnection,
    /// Its free share after the order.
    pub share: Share,
}

impl Room {
    /// What of `site` is sold and may be: its policy's limit, if there is one.
    pub fn of(site: &Site, sellable_mbps: Option<u64>, used_mbps: i64) -> Self {
        Self {
            limit_mbps: sellable_mbps.or(site.mbps),
            used_mbps,
        }
    }

    /// The share that is free once `mbps` more are sold.
    pub fn share_after(&self, mbps: u32) -> Share {
        let of_mbps = self.limit_mbps.unwrap_or_default();
        let limit = i64::try_from(of_mbps).unwrap_or(i64::MAX);
        let free_mbps = limit
            .saturating_sub(self.used_mbps)
            .saturating_sub(i64::from(mbps));
        Share { free_mbps, of_mbps }
    }
}

impl Share {
    /// The fraction in ten-thousandths, for people: 9,000 is 90 %. None where nothing is known to be a part of.
    pub fn ten_thousandths(self) -> Option<i64> {
        (i128::from(self.free_mbps) * 10_000)
            .checked_div(i128::from(self.of_mbps))
            .and_then(|share| i64::try_from(share).ok())
    }
}

impl Ord for Share {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self.of_mbps, other.of_mbps) {
            (0, 0) => self.free_mbps.cmp(&other.free_mbps),
            (0, _) => Ordering::Less,
            (_, 0) => Ordering::Greater,
            (own, others) => {
                let own_part = i128::from(self.free_mbps) * i128::from(others);
                own_part.cmp(&(i128::from(other.free_mbps) * i128::from(own)))
            }
        }
    }
}

impl PartialOrd for Share {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Share {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Share {}

impl Ranked {
    /// The candidates, best first: by the share that is free after an order of `mbps`, and then by id.
    pub fn best_first<'a>(
        candidates: impl IntoIterator<Item = (&'a ParentConnection, Room)>,
        mbps: u32,
    ) -> Vec<Self> {
        let ranked = candidates.into_iter().map(|(id, room)| Self {
            id: id.clone(),
            share: room.share_after(mbps),
        });
        let mut ranked: Vec<_> = ranked.collect();
        ranked.sort_by(|one, other| {
            let by_share = other.share.cmp(&one.share);
            by_share.then_with(|| one.id.cmp(&other.id))
        });
        ranked
    }
}
