//! The switches, by what they are about.

use super::{
    Heading::{Deletions, Lists, Orders, Others},
    Switch,
    Values::{Flag, OneOf, Written},
    read,
};
use crate::{ArnAccount, ErrorAnswer, LagMembers, Pages};

const ERROR: &str = "400,DirectConnectClientException";

/// Every switch there is.
pub static SWITCHES: [Switch; 29] = [
    Switch {
        name: "no-vlan-uniqueness",
        assumptions: &["duplicate-vlan-refused"],
        heading: Orders,
        values: Flag,
        default: "off",
        help: "Take a VLAN twice on one parent",
        set: |builder, text| Ok(builder.vlan_uniqueness(!read::flag(text)?)),
    },
    Switch {
        name: "duplicate-vlan-error",
        assumptions: &["refusal-code"],
        heading: Orders,
        values: Written("STATUS,CODE"),
        default: ERROR,
        help: "Error of an order whose VLAN is in use",
        set: |builder, text| Ok(builder.duplicate_vlan_error(ErrorAnswer::parse(text)?)),
    },
    Switch {
        name: "vlan-free-after-ms",
        assumptions: &["vlan-free-after-delete"],
        heading: Orders,
        values: Written("MILLISECONDS or never"),
        default: "0",
        help: "Time after a connection is deleted or rejected until its VLAN can be ordered again",
        set: |builder, text| {
            Ok(builder.vlan_free_after(read::unless(text, "never", read::milliseconds)?))
        },
    },
    Switch {
        name: "longest-name",
        assumptions: &["name-limits"],
        heading: Orders,
        values: Written("NUMBER or any"),
        default: "any",
        help: "Most characters of a connection's name",
        set: |builder, text| Ok(builder.longest_name(read::unless(text, "any", read::number)?)),
    },
    Switch {
        name: "name-refuses",
        assumptions: &["name-limits"],
        heading: Orders,
        values: Written("CHARACTERS"),
        default: "",
        help: "Characters that a connection's name may not have",
        set: |builder, text| Ok(builder.name_refuses(text)),
    },
    Switch {
        name: "bandwidths",
        assumptions: &["bandwidths"],
        heading: Orders,
        values: Written("[PARENT=]BANDWIDTHS"),
        default: "all",
        help: "Bandwidths that are sold, such as 50Mbps,1Gbps or dxcon-ffabc123=50Mbps;1Gbps",
        set: |builder, text| {
            let sold = read::bandwidths(text)?.into_iter();
            Ok(sold.fold(builder, |builder, (parent, sold)| {
                builder.bandwidths(parent, &sold)
            }))
        },
    },
    Switch {
        name: "lag-members-sell",
        assumptions: &["lag-members"],
        heading: Orders,
        values: Flag,
        default: "off",
        help: "Take orders on an interconnect in a LAG; the connection is the LAG's",
        set: |builder, text| Ok(builder.lag_members_sell(read::flag(text)?)),
    },
    Switch {
        name: "oversubscription",
        assumptions: &[],
        heading: Orders,
        values: Written("RATIO"),
        default: "1",
        help: "How many times its capacity a parent can be sold",
        set: |builder, text| Ok(builder.oversubscription(read::number(text)?)),
    },
    Switch {
        name: "allocate-leaves-out",
        assumptions: &[],
        heading: Orders,
        values: Written("MEMBERS"),
        default: "",
        help: "Members that the answer to an allocation does not have, such as vlan,ownerAccount",
        set: |builder, text| Ok(builder.allocate_leaves_out(&read::members(text)?)),
    },
    Switch {
        name: "visible-after-ms",
        assumptions: &["allocate-visible"],
        heading: Lists,
        values: Written("MILLISECONDS"),
        default: "0",
        help: "Time before a new connection is listed",
        set: |builder, text| Ok(builder.visible_after(read::milliseconds(text)?)),
    },
    Switch {
        name: "stale-ms",
        assumptions: &["list-current"],
        heading: Lists,
        values: Written("MILLISECONDS"),
        default: "0",
        help: "Age of the list",
        set: |builder, text| Ok(builder.stale_for(read::milliseconds(text)?)),
    },
    Switch {
        name: "pages-by-position",
        assumptions: &["pages-complete"],
        heading: Lists,
        values: Flag,
        default: "off",
        help: "Repeat or skip a connection when another comes or goes between two pages",
        set: |builder, text| {
            Ok(builder.pages(match read::flag(text)? {
                true => Pages::ByPosition,
                false => Pages::Stable,
            }))
        },
    },
    Switch {
        name: "page-limit",
        assumptions: &["pages-complete"],
        heading: Lists,
        values: Written("NUMBER"),
        default: "100",
        help: "Most entries of a page, 1 to 100",
        set: |builder, text| Ok(builder.page_limit(read::page_limit(text)?)),
    },
    Switch {
        name: "deleted-not-listed",
        assumptions: &["deleted-listed"],
        heading: Lists,
        values: Flag,
        default: "off",
        help: "Do not list deleted and rejected connections",
        set: |builder, text| Ok(builder.deleted_listed(!read::flag(text)?)),
    },
    Switch {
        name: "unknown-parent-error",
        assumptions: &["parent-by-id"],
        heading: Lists,
        values: Written("STATUS,CODE or empty"),
        default: ERROR,
        help: "Error of a list for an id that is no parent; empty: an empty list",
        set: |builder, text| {
            Ok(builder.unknown_parent_error(read::unless(text, "empty", ErrorAnswer::parse)?))
        },
    },
    Switch {
        name: "list-shows-tags",
        assumptions: &["tags-hidden"],
        heading: Lists,
        values: Flag,
        default: "off",
        help: "List connections with their tags",
        set: |builder, text| Ok(builder.list_shows_tags(read::flag(text)?)),
    },
    Switch {
        name: "lag-members-show",
        assumptions: &["lag-members"],
        heading: Lists,
        values: OneOf(&[
            ("nothing", "No connections"),
            ("the-lags", "The LAG's connections"),
            ("refusal", "A refusal, as for an id that is no parent"),
        ]),
        default: "nothing",
        help: "What the list for an interconnect in a LAG holds",
        set: |builder, text| {
            Ok(builder.lag_members(match text {
                "the-lags" => LagMembers::ShowTheLags,
                "refusal" => LagMembers::RefuseToShow,
                _ => LagMembers::ShowNothing,
            }))
        },
    },
    Switch {
        name: "list-leaves-out",
        assumptions: &[],
        heading: Lists,
        values: Written("MEMBERS"),
        default: "",
        help: "Members that listed connections do not have",
        set: |builder, text| Ok(builder.list_leaves_out(&read::members(text)?)),
    },
    Switch {
        name: "ordering-not-deletable",
        assumptions: &["ordering-deletable"],
        heading: Deletions,
        values: Flag,
        default: "off",
        help: "Refuse to delete a connection that is ordering",
        set: |builder, text| Ok(builder.ordering_deletable(!read::flag(text)?)),
    },
    Switch {
        name: "pending-not-deletable",
        assumptions: &["pending-deletable"],
        heading: Deletions,
        values: Flag,
        default: "off",
        help: "Refuse to delete a connection that is pending",
        set: |builder, text| Ok(builder.pending_deletable(!read::flag(text)?)),
    },
    Switch {
        name: "second-delete-refused",
        assumptions: &[],
        heading: Deletions,
        values: Flag,
        default: "off",
        help: "Refuse to delete a connection that is deleting or deleted",
        set: |builder, text| Ok(builder.second_delete_refused(read::flag(text)?)),
    },
    Switch {
        name: "delete-ms",
        assumptions: &["vlan-free-after-delete", "deleted-listed"],
        heading: Deletions,
        values: Written("MILLISECONDS"),
        default: "0",
        help: "Time for which a deleted connection is deleting",
        set: |builder, text| Ok(builder.deleted_after(read::milliseconds(text)?)),
    },
    Switch {
        name: "arn-account",
        assumptions: &["arn-account"],
        heading: Deletions,
        values: OneOf(ACCOUNTS),
        default: "partner",
        help: "Whose account is in a hosted connection's ARN",
        set: |builder, text| Ok(builder.arn_account(account(text))),
    },
    Switch {
        name: "deletes-allowed-for",
        assumptions: &["arn-account"],
        heading: Deletions,
        values: OneOf(&[
            ("any", "Any account"),
            ("partner", "The partner's account"),
            ("owner", "The customer's account"),
        ]),
        default: "any",
        help: "The account in whose ARNs the caller's role may delete; others: AccessDeniedException",
        set: |builder, text| {
            let account = (text != "any").then(|| account(text));
            Ok(builder.deletes_allowed_for(account))
        },
    },
    Switch {
        name: "associate-again-refused",
        assumptions: &["associate-idempotent"],
        heading: Others,
        values: Flag,
        default: "off",
        help: "Refuse to move a connection to the parent that it is on already",
        set: |builder, text| Ok(builder.associate_idempotent(!read::flag(text)?)),
    },
    Switch {
        name: "throttle-error",
        assumptions: &["throttle-code"],
        heading: Others,
        values: Written("STATUS,CODE"),
        default: "400,ThrottlingException",
        help: "Error of Direct Connect when it throttles",
        set: |builder, text| Ok(builder.throttle_error(ErrorAnswer::parse(text)?)),
    },
    Switch {
        name: "requests-per-second",
        assumptions: &["throttle-code"],
        heading: Others,
        values: Written("NUMBER or any"),
        default: "any",
        help: "Requests that Direct Connect takes in a second before it throttles",
        set: |builder, text| {
            Ok(builder.requests_per_second(read::unless(text, "any", read::number)?))
        },
    },
    Switch {
        name: "refused-items-left-out",
        assumptions: &["dynamodb-all-old"],
        heading: Others,
        values: Flag,
        default: "off",
        help: "DynamoDB refuses a write without the items that were the reason",
        set: |builder, text| Ok(builder.refused_items_left_out(read::flag(text)?)),
    },
    Switch {
        name: "put-events-whole",
        assumptions: &["putevents-partial"],
        heading: Others,
        values: Flag,
        default: "off",
        help: "PutEvents refuses all entries when one fails",
        set: |builder, text| Ok(builder.put_events_whole(read::flag(text)?)),
    },
];

const ACCOUNTS: &[(&str, &str)] = &[("partner", "The partner's"), ("owner", "The customer's")];

fn account(text: &str) -> ArnAccount {
    match text {
        "owner" => ArnAccount::Owner,
        _ => ArnAccount::Partner,
    }
}
