//! What callers send: orders and releases. Closed, as the parser refuses what it does not know.

use hosted_connection::{
    Bandwidth, ConnectionName, DiverseBy, IdempotencyKey, OwnerAccount, ParentConnection,
    Placement, ReleaseRequest, Tag, Tags, Vlan,
};

use crate::samples;
use crate::value::{
    Member, Value, array, example, may, must, object, of, one_of, only, text, with,
};

/// What the schema of a request cannot say and the parser refuses all the same.
pub(crate) const UNSAID: &str = "Refused as well, though no JSON Schema can say so: a body of more than 256 KiB, a member \
    that is there twice, a tag key that is there twice, and an integer that is written with a fraction or an exponent (`101.0`).";

/// Whether a body names its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Key {
    /// It may: a queue's message can have the key as an attribute instead.
    Optional,
    /// It must not: over HTTP the key is a header.
    Absent,
}

pub(crate) fn idempotency_key() -> Value {
    let schema = text(
        "The caller's name for the order: visible ASCII characters. The same key is the same order, for ever.",
    );
    let limits = members! {
        "minLength" => 1,
        "maxLength" => IdempotencyKey::MAX_CHARACTERS,
        "pattern" => IdempotencyKey::PATTERN,
    };
    example(with(schema, limits), samples::KEY)
}

pub(crate) fn parent() -> Value {
    let schema = text(
        "The interconnect (`dxcon-…`) or LAG (`dxlag-…`) that is to carry the hosted connection.",
    );
    let limits = members! {
        "maxLength" => ParentConnection::MAX_CHARACTERS,
        "pattern" => ParentConnection::PATTERN,
    };
    example(with(schema, limits), samples::PARENT)
}

pub(crate) fn owner_account() -> Value {
    let schema = text("The AWS account of the customer, who will own the connection: 12 digits.");
    example(
        with(schema, members! {"pattern" => OwnerAccount::PATTERN}),
        samples::OWNER,
    )
}

pub(crate) fn bandwidth() -> Value {
    one_of(
        "A bandwidth that AWS sells, in its exact spelling.",
        Bandwidth::ALL.map(Bandwidth::as_str),
    )
}

pub(crate) fn connection_name() -> Value {
    let schema = text("The connection's name: no control characters, not only white space.");
    let limits = members! {
        "minLength" => 1,
        "maxLength" => ConnectionName::MAX_CHARACTERS,
        "pattern" => ConnectionName::PATTERN,
    };
    example(with(schema, limits), samples::NAME)
}

pub(crate) fn vlan() -> Value {
    members! {
        "type" => "integer",
        "minimum" => Vlan::MIN.get(),
        "maximum" => Vlan::MAX.get(),
        "description" => "A VLAN of the parent.",
        "examples" => crate::value::list([samples::VLAN]),
    }
}

pub(crate) fn tag() -> Value {
    let either_case = |letter: char| match letter.is_ascii_alphabetic() {
        true => format!(
            "[{}{}]",
            letter.to_ascii_lowercase(),
            letter.to_ascii_uppercase()
        ),
        false => letter.to_string(),
    };
    let reserved: String = Tag::RESERVED_PREFIX.chars().map(either_case).collect();
    let key = with(
        text("Not beginning with `aws:`, in any case; no other tag of the order has it."),
        members! {
            "minLength" => 1,
            "maxLength" => Tag::MAX_KEY_CHARACTERS,
            "pattern" => Tag::PATTERN,
            "not" => members! {"pattern" => format!("^{reserved}")},
        },
    );
    let value = with(
        text("May be empty, or absent."),
        members! {"maxLength" => Tag::MAX_VALUE_CHARACTERS, "pattern" => Tag::PATTERN},
    );
    object(
        "A tag for the hosted connection. Its partner can neither see nor change it later.",
        vec![must("key", key), may("value", value)],
    )
}

/// The parents to choose from.
pub(crate) fn placement() -> Value {
    let location = with(
        text("All interconnects and LAGs at this location, by AWS's code for it."),
        members! {
            "minLength" => 1,
            "maxLength" => Placement::MAX_LOCATION_CHARACTERS,
            "pattern" => Placement::LOCATION_PATTERN,
        },
    );
    let parents = with(
        array("These interconnects and LAGs.", of("ParentConnectionId")),
        members! {"minItems" => 1, "maxItems" => Placement::MAX_PARENTS, "uniqueItems" => true},
    );
    let by = one_of(
        "What the two must not share: AWS's logical device, or the location.",
        DiverseBy::ALL.map(DiverseBy::as_str),
    );
    let diverse_from = object(
        "The order whose connection must not fail together with this one. It has to be allocated, and cannot be this order itself.",
        vec![must("idempotencyKey", of("IdempotencyKey")), must("by", by)],
    );
    let schema = object(
        "In place of `connectionId`: of the interconnects and LAGs that can take the order, the one with the largest share of free \
         bandwidth is chosen. The choice stays with the order.",
        vec![
            may("location", location),
            may("parents", parents),
            may("diverseFrom", diverse_from),
        ],
    );
    let schema = with(schema, either("location", "parents"));
    example(schema, samples::placement())
}

/// Exactly one of two members is there. Not as `oneOf`: of that, generators of clients make two types without members, or none.
fn either(one: &str, other: &str) -> Value {
    let has = |name: &str| members! {"required" => crate::value::list([name])};
    members! {"if" => has(one), "then" => members! {"not" => has(other)}, "else" => has(other)}
}

fn fields() -> Vec<Member> {
    let tags = array("An empty list is the same as none.", of("RequestTag"));
    vec![
        may("connectionId", of("ParentConnectionId")),
        may("placement", of("Placement")),
        must("ownerAccount", of("OwnerAccount")),
        must("bandwidth", of("Bandwidth")),
        must("connectionName", of("ConnectionName")),
        may("vlan", of("Vlan")),
        may(
            "tags",
            with(
                tags,
                members! {"maxItems" => Tags::MAX, "uniqueItems" => true},
            ),
        ),
    ]
}

/// An order.
pub(crate) fn order(key: Key) -> Value {
    let mut all = fields();
    let (about_key, sample) = match key {
        Key::Optional => {
            all.insert(0, may("idempotencyKey", of("IdempotencyKey")));
            let about = "Over a queue the key may be the message attribute `Idempotency-Key` instead of a member; over HTTP it \
                is the header of that name and no member; in a direct invocation it is this member.";
            (about, samples::order_with_key())
        }
        Key::Absent => (
            "The key is in the header `Idempotency-Key`.",
            samples::order(),
        ),
    };
    let description = format!(
        "An order for a hosted connection. Without `vlan`, a free one is assigned. {about_key} Nothing else is taken: a misspelt \
         field must not silently mean something. {UNSAID}"
    );
    let schema = with(
        object(&description, all),
        either("connectionId", "placement"),
    );
    example(schema, sample)
}

/// A tag in an event. Which characters are letters depends on the reader's version of Unicode, so it is not said again.
pub(crate) fn recorded_tag() -> Value {
    let most = |description: &str, characters: usize| {
        with(text(description), members! {"maxLength" => characters})
    };
    object(
        "A tag of the order.",
        vec![
            must("key", most("Its key.", Tag::MAX_KEY_CHARACTERS)),
            may(
                "value",
                most(
                    "Its value; absent is not the same as empty.",
                    Tag::MAX_VALUE_CHARACTERS,
                ),
            ),
        ],
    )
}

/// The same in an event: as it was understood.
pub(crate) fn recorded() -> Value {
    let mut all = fields();
    all.pop();
    let tags = array(
        "In the caller's order; empty when there were none.",
        of("RecordedTag"),
    );
    all.push(must("tags", with(tags, members! {"maxItems" => Tags::MAX})));
    let description = "The order as it was understood. Without `vlan`, it was left to us, and with `placement` so was the parent.";
    with(
        object(description, all),
        either("connectionId", "placement"),
    )
}

/// A release, over a queue.
pub(crate) fn release() -> Value {
    let action = with(
        only(ReleaseRequest::ACTION),
        members! {"description" => "So that an order that strayed into the queue of releases releases nothing."},
    );
    let description = "Gives back the hosted connection of an order. The key may be the message attribute `Idempotency-Key` \
        instead. Refused as well: a body of more than 256 KiB, and a member that is there twice.";
    let schema = object(
        description,
        vec![
            must("action", action),
            may("idempotencyKey", of("IdempotencyKey")),
        ],
    );
    example(schema, samples::release())
}
