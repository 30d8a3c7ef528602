//! The fake cloud spoken to through the wire, without any SDK: it has to be right on its own.

mod direct_connect;
mod faults;

mod wire;
