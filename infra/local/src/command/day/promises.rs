//! What the product promises, checked on what has been played.

mod answers;
mod connections;
mod life;

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
            "each delivery was decided as it has to be",
            answers::decided_as_expected(played),
        ),
        promise(
            "each key has one hosted connection at most, and each connection one key",
            connections::one_connection_per_key(played),
        ),
        promise(
            "no VLAN was ever used twice on a parent",
            connections::vlans_used_once(played),
        ),
        promise(
            "Direct Connect was asked once per connection, and again only where nothing was applied",
            connections::asked_once(played),
        ),
        promise(
            "a lost answer was looked for, not asked for again",
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
            "each change of a connection was published once, in order, with the state before it",
            life::changes_are_told_in_order(played),
        ),
        promise(
            "a VLAN is leased exactly as long as its connection lives",
            life::leases_are_what_lives(played),
        ),
        promise(
            "what a policy counts as sold is what lives, and never more than it allows",
            life::policies_count_what_lives(played),
        ),
        promise(
            "a dry run wrote nothing and called nothing but for a look",
            life::dry_runs_only_look(played),
        ),
        promise(
            "each answer and each event was as the contract's files say",
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
