//! The schedule: what was left unfinished is finished, connections are followed, drift is found.

mod backoff;
mod drift;
mod finishes;
mod floods;
mod follows;
mod limits;
mod moments;
mod notes;
mod retention;
mod size;
mod turns;
