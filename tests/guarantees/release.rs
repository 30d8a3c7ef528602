//! Releases: answered, repeated, died in, and what they leave behind.

mod afterwards;
mod answers;
mod moments;
mod queue;
mod slow;
