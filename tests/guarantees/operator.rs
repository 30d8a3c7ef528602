//! What an operator does on purpose: a connection is moved, a quarantine is ended.

mod moves;
mod quarantines;
