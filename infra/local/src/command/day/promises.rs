//! What the product promises, checked on what has been played.

mod answers;
mod connections;
mod life;
mod places;

use super::stage::Played;

/// A promise, and everything that speaks against it.
pub(super) struct Promise {
    pub(super) text: &'static str,
    pub(super) broken: Vec<String>,
}

/// Checks all promises.
pub(super) fn check(played: &Played) -> Vec<Promise> {
    vec![
        promise(
            "each delivery was decided as expected",
            answers::decided_as_expected(played),
        ),
        promise(
            "each key has at most one hosted connection, each connection one key",
            connections::one_connection_per_key(played),
        ),
        promise(
            "no VLAN was ever used twice on a parent",
            connections::vlans_used_once(played),
        ),
        promise(
            "each order called Direct Connect once, or again where nothing was applied",
            connections::asked_once(played),
        ),
        promise(
            "after a lost answer the connection was looked for, not ordered again",
            answers::looked_for(played),
        ),
        promise(
            "a replay gave the first answer and made no call on Direct Connect",
            answers::replays_are_equal(played),
        ),
        promise(
            "each final answer was published, each fact under one event id",
            answers::published_once(played),
        ),
        promise(
            "each change of a connection was published once, in order",
            life::changes_are_told_in_order(played),
        ),
        promise(
            "a VLAN is leased exactly as long as its connection lives",
            life::leases_are_what_lives(played),
        ),
        promise(
            "what a policy counts as sold is what lives, and within its limit",
            life::policies_count_what_lives(played),
        ),
        promise(
            "each adopted connection has one record and one event, and was never ordered",
            connections::adopted_once(played),
        ),
        promise(
            "each order by place is where it was asked for, apart from the other's device",
            places::as_asked(played),
        ),
        promise(
            "a dry run wrote nothing, and only read",
            life::dry_runs_only_look(played),
        ),
        promise(
            "each answer and each event conforms to the contract's files",
            answers::as_the_contract_says(played),
        ),
        promise(
            "nothing is left in the queue",
            answers::left_in_queue(played),
        ),
    ]
}

fn promise(text: &'static str, broken: Vec<String>) -> Promise {
    Promise { text, broken }
}

#[cfg(test)]
mod tests;
