use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::{AllocationRequest, KeySource, Order, ParentConnection, Scope, Target};

fn parent(id: &str) -> ParentConnection {
    ParentConnection::parse(id).unwrap()
}

fn site(id: &str, location: &str, device: &str, mbps: u64) -> Site {
    Site {
        id: parent(id),
        availability: Availability::Available,
        location: Some(location.into()),
        device: Some(device.into()),
        mbps: Some(mbps),
    }
}

fn request(placement: &str) -> AllocationRequest {
    let body = format!(
        r#"{{"placement": {placement}, "ownerAccount": "123456789012", "bandwidth": "1Gbps", "connectionName": "n"}}"#
    );
    let order = Order::parse(body.as_bytes(), KeySource::Header(&["order-2"]));
    order.unwrap().request
}

fn shortlist(placement: &str, sites: &[Site], apart: Option<&Apart>) -> Shortlist {
    let request = request(placement);
    Shortlist::new(
        request.placement().unwrap(),
        request.bandwidth,
        sites,
        apart,
    )
}

fn told(list: &Shortlist) -> Vec<(String, &'static str)> {
    let told = list.rejection([]).candidates.into_iter();
    told.map(|one| (one.connection_id.to_string(), one.code.as_str()))
        .collect()
}

const HERE: &str = r#"{"location": "EqDC2"}"#;

#[test]
fn only_what_is_at_the_location_and_available_is_open() {
    let mut sites = vec![
        site("dxcon-aaaaaaaa", "EqDC2", "d1", 10_000),
        site("dxcon-bbbbbbbb", "EqDC2", "d1", 10_000),
        site("dxcon-cccccccc", "EqDC2", "d1", 10_000),
        site("dxlag-dddddddd", "EqDC2", "d1", 20_000),
        site("dxlag-eeeeeeee", "EqDC2", "d1", 20_000),
        site("dxcon-ffffffff", "EqDC2", "d1", 500),
        site("dxcon-gggggggg", "EqSe2", "d1", 10_000),
    ];
    sites[1].availability = Availability::InState("down".into());
    sites[2].availability = Availability::MemberOf(parent("dxlag-dddddddd"));
    sites[4].availability = Availability::NoHostedConnections;
    let list = shortlist(HERE, &sites, None);
    let open: Vec<_> = list.open.iter().map(|site| site.id.as_str()).collect();
    assert_eq!(open, ["dxcon-aaaaaaaa", "dxlag-dddddddd"]);
    let expected = [
        ("dxcon-bbbbbbbb", "NotAvailable"),
        ("dxcon-cccccccc", "NotAvailable"),
        ("dxcon-ffffffff", "CapacityExceeded"),
        ("dxlag-eeeeeeee", "NotAvailable"),
    ];
    assert_eq!(told(&list), expected.map(|(id, code)| (id.into(), code)));
}

#[test]
fn an_unknown_location_is_told_the_locations_that_there_are() {
    let sites = [
        site("dxcon-aaaaaaaa", "EqDC2", "d1", 10_000),
        site("dxcon-bbbbbbbb", "EqSe2", "d1", 10_000),
    ];
    let list = shortlist(r#"{"location": "Nowhere"}"#, &sites, None);
    let rejection = list.rejection([]);
    assert_eq!(rejection.code, Code::NoParentAvailable);
    assert_eq!(
        rejection.message,
        "No interconnect or LAG is at location Nowhere. The locations are: EqDC2, EqSe2."
    );
    let none = shortlist(HERE, &[], None).rejection([]).message;
    assert!(none.ends_with("The locations are: none that can be ordered at."));
}

#[test]
fn listed_parents_are_each_told_why_not() {
    let sites = [site("dxcon-aaaaaaaa", "EqDC2", "d1", 10_000)];
    let list = shortlist(
        r#"{"parents": ["dxcon-zzzzzzzz", "dxcon-aaaaaaaa"]}"#,
        &sites,
        None,
    );
    assert_eq!(list.open.len(), 1);
    assert_eq!(told(&list), [("dxcon-zzzzzzzz".into(), "NotFound")]);
}

#[test]
fn what_is_to_be_kept_apart_differs_for_certain() {
    let mut sites = vec![
        site("dxcon-aaaaaaaa", "EqDC2", "d1", 10_000),
        site("dxcon-bbbbbbbb", "EqDC2", "d2", 10_000),
        site("dxcon-cccccccc", "EqDC2", "d2", 10_000),
    ];
    sites[2].device = None;
    let apart = |by, from: Option<&str>| Apart {
        by,
        from: from.map(str::to_owned),
    };
    let by_device = shortlist(HERE, &sites, Some(&apart(DiverseBy::Device, Some("d1"))));
    assert_eq!(by_device.open[0].id, parent("dxcon-bbbbbbbb"));
    let expected = ["dxcon-aaaaaaaa", "dxcon-cccccccc"];
    assert_eq!(
        told(&by_device),
        expected.map(|id| (id.into(), "NotDiverse"))
    );
    let by_location = apart(DiverseBy::Location, Some("EqDC2"));
    assert_eq!(shortlist(HERE, &sites, Some(&by_location)).open, []);
    let unknown = shortlist(HERE, &sites, Some(&apart(DiverseBy::Device, None)));
    assert_eq!(unknown.open, []);
}

#[test]
fn a_caller_gets_no_parent_and_hears_of_no_location_that_is_not_its_own() {
    let sites = [
        site("dxcon-aaaaaaaa", "EqDC2", "d1", 10_000),
        site("dxcon-bbbbbbbb", "EqDC2", "d1", 10_000),
        site("dxcon-cccccccc", "Secret", "d1", 10_000),
    ];
    let listed = |placement: &str| {
        let mut request = request(placement);
        let Target::Placement(placement) = &mut request.target else {
            panic!("a placement");
        };
        let own = [parent("dxcon-bbbbbbbb")].into();
        placement.scope = Scope::new(Some(&own), Some("acme-"));
        Shortlist::new(placement, request.bandwidth, &sites, None)
    };
    let here = listed(HERE);
    assert_eq!(here.open[0].id, parent("dxcon-bbbbbbbb"));
    assert_eq!(told(&here), []);
    let elsewhere = listed(r#"{"location": "Secret"}"#).rejection([]);
    assert!(elsewhere.message.ends_with("The locations are: EqDC2."));
    let named = listed(r#"{"parents": ["dxcon-cccccccc", "dxcon-zzzzzzzz"]}"#);
    let expected = ["dxcon-cccccccc", "dxcon-zzzzzzzz"];
    assert_eq!(told(&named), expected.map(|id| (id.into(), "NotPermitted")));
}

#[test]
fn a_rejection_lists_so_many_and_says_how_many_more() {
    let sites: Vec<_> = (0..130)
        .map(|number| site(&format!("dxcon-{number:08}"), "EqDC2", "d1", 50))
        .collect();
    let rejection = shortlist(HERE, &sites, None).rejection([]);
    assert_eq!(rejection.candidates.len(), MAX_LISTED);
    assert!(rejection.message.ends_with("30 more are not listed."));
    let text = serde_json::to_string(&rejection).unwrap();
    assert_eq!(serde_json::from_str::<Rejection>(&text).unwrap(), rejection);
}

#[test]
fn the_policy_says_what_a_candidate_is_told() {
    let rejection = Rejection {
        violations: vec![crate::Violation::new(
            "/bandwidth",
            crate::ViolationCode::OutOfRange,
            "must be one of 50Mbps on this parent",
        )],
        ..Rejection::new(Code::InvalidRequest, "The policy says no.")
    };
    let candidate = rejection.of_candidate(&parent("dxcon-aaaaaaaa"));
    assert_eq!(
        serde_json::to_string(&candidate).unwrap(),
        r#"{"connectionId":"dxcon-aaaaaaaa","code":"InvalidRequest","message":"The policy says no. /bandwidth: must be one of 50Mbps on this parent."}"#
    );
}

#[test]
fn a_larger_share_wins_not_more_bandwidth_and_ties_go_by_id() {
    let (small, large) = (parent("dxcon-bbbbbbbb"), parent("dxcon-aaaaaaaa"));
    let room = |limit_mbps, used_mbps| Room {
        limit_mbps: Some(limit_mbps),
        used_mbps,
    };
    let best = |small_room, large_room| {
        let rooms = [(&small, small_room), (&large, large_room)];
        Ranked::best_first(rooms, 100)[0].id.clone()
    };
    assert_eq!(best(room(1_000, 0), room(10_000, 4_000)), small);
    assert_eq!(best(room(1_000, 0), room(10_000, 900)), large);
    assert_eq!(best(room(1_000, 0), room(1_000, 0)), large);
    let unknown = Room::default();
    assert_eq!(best(unknown, room(1_000, 5_000)), large);
    assert_eq!(
        room(1_000, 0).share_after(100).ten_thousandths(),
        Some(9_000)
    );
    assert_eq!(unknown.share_after(100).ten_thousandths(), None);
}

/// Bandwidths of ports and what is sold on each.
type Used = Vec<(ParentConnection, u64, i64)>;

fn place(used: &mut Used, mbps: u32) {
    let rooms = used.iter().map(|(id, limit, used)| {
        let room = Room {
            limit_mbps: Some(*limit),
            used_mbps: *used,
        };
        (id, room)
    });
    let best = Ranked::best_first(rooms, mbps).swap_remove(0).id;
    let found = used.iter_mut().find(|(id, _, _)| *id == best);
    found.unwrap().2 += i64::from(mbps);
}

proptest! {
    /// The share of a parent that is used never differs by more than what one order is of the one that is used least.
    #[test]
    fn a_thousand_orders_fill_ten_parents_evenly(
        sizes in vec(prop::sample::select(vec![1_000_u64, 2_000, 10_000, 20_000, 100_000, 400_000]), 10),
        orders in vec(prop::sample::select(Bandwidth::ALL.to_vec()), 1_000),
    ) {
        let mut used: Used = sizes
            .iter()
            .enumerate()
            .map(|(number, size)| (parent(&format!("dxcon-{number:08}")), *size, 0))
            .collect();
        let mut largest = 0;
        for order in &orders {
            place(&mut used, order.mbps());
            largest = largest.max(order.mbps());
            let share = |(_, size, used): &(ParentConnection, u64, i64)| *used as f64 / *size as f64;
            let least = used.iter().min_by(|a, b| share(a).total_cmp(&share(b))).unwrap();
            let most = used.iter().map(share).fold(0.0, f64::max);
            prop_assert!(most - share(least) <= f64::from(largest) / least.1 as f64 + 1e-9);
        }
    }

    #[test]
    fn a_ranking_loses_nobody_and_does_not_hang_on_the_order_in_which_they_are_asked(
        rooms in vec((1_u64..5, -5_i64..5), 1..12),
        mbps in 1_u32..5,
    ) {
        let ids: Vec<_> = (0..rooms.len()).map(|n| parent(&format!("dxcon-{n:08}"))).collect();
        let with = |(id, (limit, used)): (&'_ ParentConnection, &(u64, i64))| {
            (id.clone(), Room { limit_mbps: Some(*limit), used_mbps: *used })
        };
        let rooms: Vec<_> = ids.iter().zip(&rooms).map(with).collect();
        let ranked = Ranked::best_first(rooms.iter().map(|(id, room)| (id, *room)), mbps);
        let reversed = Ranked::best_first(rooms.iter().rev().map(|(id, room)| (id, *room)), mbps);
        prop_assert_eq!(&ranked, &reversed);
        prop_assert_eq!(ranked.len(), rooms.len());
        for pair in ranked.windows(2) {
            let (one, other) = (pair[0].share, pair[1].share);
            let as_float = |share: Share| share.free_mbps as f64 / share.of_mbps as f64;
            prop_assert!(as_float(one) >= as_float(other) - 1e-9);
            prop_assert!(one > other || pair[0].id < pair[1].id);
        }
    }
}
