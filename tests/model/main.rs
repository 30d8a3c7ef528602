//! The protocol that makes one key exactly one hosted connection, as a state machine that is searched exhaustively.
//!
//! Modules in reading order: what the world consists of, what is taken for granted, what one attempt does step by
//! step, what can happen to it, what must hold whatever happens. Then the searches. After that the release of a
//! connection, as a second, smaller machine. It follows `shared/allocation`, `shared/lifecycle` and `shared/aws/src/ledger` by
//! hand; it neither runs nor reads them. `README.md` says what is left out and what is found.

mod world;

mod given;

mod attempt;

mod happening;

mod promise;

mod search;

mod proof;

mod release;

mod proof_of_release;
