//! What questions are answered with: orders, lists of them, parents.

use hosted_connection::{OrderStatus, ReceiptStatus};

use crate::samples;
use crate::value::{
    Member, Value, array, count, example, instant, list, may, must, object, of, one_of, text, with,
};

pub(crate) fn status() -> Value {
    one_of(
        "Where an order stands. `inProgress`: somebody is at it, or was and died; `unresolved`: whether a call took effect is being \
         found out; `waiting`: certainly not applied yet, and tried again; `quarantined`: Direct Connect answered with something that \
         was not asked for, and a person has to look.",
        OrderStatus::ALL.map(OrderStatus::as_str),
    )
}

fn happening() -> Value {
    object(
        "Something that happened to the order or its connection.",
        vec![
            must("at", instant("When.")),
            must("what", text("What, in a word or two.")),
            may("detail", text("How it came about, or why; for people.")),
        ],
    )
}

fn members(is_whole: bool) -> Vec<Member> {
    let connection = |which: &str| with(of("Connection"), members! {"description" => which});
    let release = object(
        "That its release was asked for.",
        vec![
            must("requestedAt", instant("When that was.")),
            may("releasedAt", instant("When the connection was gone.")),
        ],
    );
    let published = members! {
        "type" => "boolean",
        "description" => "Whether every event that there is by now is out.",
    };
    let mut all = vec![
        must("idempotencyKey", of("IdempotencyKey")),
        must("status", of("OrderStatus")),
        may(
            "parentConnectionId",
            with(
                of("ParentConnectionId"),
                members! {"description" => "Named by the order, or chosen for it; absent where none is chosen yet, or none could be."},
            ),
        ),
        must("request", of("RecordedRequest")),
        may(
            "vlan",
            with(
                of("Vlan"),
                members! {"description" => "The VLAN that it holds."},
            ),
        ),
        may(
            "connection",
            connection("As Direct Connect first answered, and every receipt shows it."),
        ),
        may(
            "connectionNow",
            connection("As Direct Connect last showed it; absent while nothing has changed."),
        ),
        may("rejection", of("Rejection")),
        must("origin", of("Origin")),
        must("attempts", count("How often it was begun.")),
        must("published", published),
        may("occurredAt", instant("When the outcome was known.")),
        must("claimedAt", instant("When it was first begun.")),
        may("release", release),
    ];
    if is_whole {
        let history = array("Everything that happened, oldest first.", happening());
        all.push(must("history", history));
    }
    all
}

/// An order with its history.
pub(crate) fn order() -> Value {
    let schema = object("An order, and everything that became of it.", members(true));
    let happened = |at: &str, what: &str| members! {"at" => at, "what" => what};
    let history = [
        happened("2026-01-02T03:04:05.123Z", "claimed"),
        happened("2026-01-02T03:04:05.678Z", "allocated"),
    ];
    example(
        schema,
        with(sample(), members! {"history" => list(history)}),
    )
}

/// An order in a list.
pub(crate) fn listed() -> Value {
    example(
        object(
            "An order, as lists have it: without its history.",
            members(false),
        ),
        sample(),
    )
}

fn sample() -> Value {
    let receipt = samples::receipt(ReceiptStatus::Allocated);
    let mut request = serde_norway::to_value(samples::request()).unwrap_or_default();
    if let Value::Mapping(members) = &mut request {
        members.shift_remove("vlan");
    }
    members! {
        "idempotencyKey" => samples::KEY,
        "status" => OrderStatus::Allocated.as_str(),
        "parentConnectionId" => samples::PARENT,
        "request" => request,
        "vlan" => samples::VLAN,
        "connection" => receipt["connection"].clone(),
        "origin" => serde_norway::to_value(samples::origin()).unwrap_or_default(),
        "attempts" => 1,
        "published" => true,
        "occurredAt" => "2026-01-02T03:04:05.678Z",
        "claimedAt" => "2026-01-02T03:04:05.123Z",
    }
}

pub(crate) fn cursor() -> Value {
    with(
        text("A place in a list. What is in it is nobody's business."),
        members! {"pattern" => "^[A-Za-z0-9_-]+$"},
    )
}

pub(crate) fn orders() -> Value {
    let schema = object(
        "A page of orders. It may be short, or empty, and still not be the last one: the last has no cursor.",
        vec![
            must("allocations", array("The orders.", of("ListedOrder"))),
            may("cursor", of("Cursor")),
        ],
    );
    example(schema, members! {"allocations" => list([sample()])})
}

/// A connection as a parent's view has it, where anything may be missing.
fn of_a_connection(names: &[(&str, &str)]) -> Vec<Member> {
    let member = |(name, description): &(&str, &str)| may(name, text(description));
    names.iter().map(member).collect()
}

pub(crate) fn parent() -> Value {
    let vlan = || {
        may(
            "vlan",
            members! {"type" => "integer", "description" => "The VLAN."},
        )
    };
    let shown = [
        ("connectionId", "The hosted connection on it."),
        ("connectionState", "Its state now."),
        ("bandwidth", "Its bandwidth, in AWS's spelling."),
        ("ownerAccount", "Its owner."),
    ];
    let mut taken = vec![vlan(), may("idempotencyKey", of("IdempotencyKey"))];
    taken.extend(of_a_connection(&shown));
    let mut orphan = vec![vlan()];
    orphan.extend(of_a_connection(&shown));
    let ghost = vec![
        must("idempotencyKey", of("IdempotencyKey")),
        must("vlan", of("Vlan")),
        must("connectionId", text("The connection that is not shown.")),
    ];
    let moved = vec![
        must("idempotencyKey", of("IdempotencyKey")),
        must("vlan", of("Vlan")),
        must("connectionId", text("The connection that was moved.")),
        may("movedTo", of("ParentConnectionId")),
        may("movedFrom", of("ParentConnectionId")),
    ];
    let capacity = vec![
        must(
            "soldMbps",
            count("Sum over living connections, orphans too, and open claims."),
        ),
        may(
            "limitMbps",
            count("What may be sold, where that is limited."),
        ),
        may(
            "freeMbps",
            members! {"type" => "integer", "description" => "What the next order is judged by. Negative when more is sold than may be."},
        ),
    ];
    let schema = object(
        "What is on an interconnect or LAG, by Direct Connect and by our ledger, and where the two disagree.",
        vec![
            must("parentConnectionId", of("ParentConnectionId")),
            must(
                "vlans",
                array(
                    "VLANs in use, lowest first.",
                    object(
                        "A VLAN and who has it; where two have it, each is there.",
                        taken,
                    ),
                ),
            ),
            must("capacity", object("In Mbps.", capacity)),
            may("policy", of("ParentPolicy")),
            must(
                "orphans",
                array(
                    "Connections that no order of ours made.",
                    object("One of them.", orphan),
                ),
            ),
            must(
                "ghosts",
                array(
                    "Orders that have a connection which Direct Connect does not show.",
                    object("One of them.", ghost),
                ),
            ),
            may(
                "moved",
                array(
                    "Orders' connections that were moved by hand, until tracking has moved their VLAN leases along: neither orphans nor ghosts. `movedTo` is there on the parent that one has left, `movedFrom` on the parent that shows it now. Absent if there are none.",
                    object("One of them.", moved),
                ),
            ),
        ],
    );
    let sample = members! {
        "parentConnectionId" => samples::PARENT,
        "vlans" => list([members! {
            "vlan" => samples::VLAN,
            "idempotencyKey" => samples::KEY,
            "connectionId" => samples::CONNECTION,
            "connectionState" => "available",
            "bandwidth" => "500Mbps",
            "ownerAccount" => samples::OWNER,
        }]),
        "capacity" => members! {"soldMbps" => 500, "limitMbps" => 15_000, "freeMbps" => 14_500},
        "policy" => policy_sample(),
        "orphans" => list::<Value>([]),
        "ghosts" => list::<Value>([]),
    };
    example(schema, sample)
}

fn policy_sample() -> Value {
    members! {"bandwidthLimitMbps" => 10_000, "oversubscriptionRatio" => 1.5, "vlanRange" => "100-2000"}
}

pub(crate) fn policy() -> Value {
    let ratio = members! {"type" => "number", "description" => "How often the limit may be sold."};
    let set = |description: &str, item: Value| {
        with(array(description, item), members! {"uniqueItems" => true})
    };
    let range = with(
        text("The VLANs that may be sold, first and last."),
        members! {"pattern" => "^[1-9][0-9]{0,3}-[1-9][0-9]{0,3}$"},
    );
    let schema = object(
        "What may be sold on a parent. What is absent limits nothing.",
        vec![
            may("bandwidthLimitMbps", count("What the parent carries.")),
            may("oversubscriptionRatio", ratio),
            may(
                "allowedBandwidths",
                set("The bandwidths that may be sold.", of("Bandwidth")),
            ),
            may("vlanRange", range),
            may(
                "reservedVlans",
                set("VLANs that are not for sale.", of("Vlan")),
            ),
        ],
    );
    example(schema, policy_sample())
}
