//! Traffic with AWS in a file that can be given away: requests and answers, with everything replaced that says whose they
//! are ([`Disguise`]); and answers played from such a file ([`Player`]).
//!
//! The file is JSON Lines. The first line is the [`Head`], each further one an [`Exchange`]. A line is written whole when its
//! answer has come, so that a file whose writer was killed is readable up to there. Headers are not written.

mod vocabulary;
mod words;

mod disguise;

mod file;

mod recorder;

mod player;

pub use disguise::Disguise;
pub use file::{Exchange, Head, ReadError, Recording, VERSION};
pub use player::{NOT_IN_THE_RECORDING, Player, Said};
pub use recorder::{Recorder, RecorderError};
