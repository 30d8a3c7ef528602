//! The schedule: what was left unfinished is finished, connections are followed, drift is found.

mod drift;
mod finishes;
mod floods;
mod follows;
mod limits;
mod moments;
mod retention;
