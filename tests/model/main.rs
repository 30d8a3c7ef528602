//! The protocol that makes one key exactly one hosted connection, as a state machine that is searched exhaustively.
//!
//! Modules in reading order: what the world consists of, what is taken for granted, what one attempt does step by
//! step, what can happen to it, what must hold whatever happens. Then the searches. After that the release of a
//! connection, as a second, smaller machine, and scenes of adoption, moves and ended quarantines. It follows `shared/allocation` and `shared/lifecycle` by hand;
//! what is written on the record, it takes from the table of transitions, as the ledger does. `README.md` says what is left
//! out and what is found.

mod world;

mod given;

mod writing;

mod attempt;

mod forget;

mod happening;

mod promise;

mod machine;

mod search;

mod proof;

mod proof_of_table;

mod release;

mod proof_of_release;

mod scene;

mod proof_of_scenes;
