//! What is embedded: style, script and icon.

use crate::answer::Answer;

pub(super) async fn style() -> Answer {
    Answer::asset(
        "text/css; charset=utf-8",
        include_str!("../../assets/console.css"),
    )
}

pub(super) async fn script() -> Answer {
    Answer::asset(
        "text/javascript; charset=utf-8",
        include_str!("../../assets/console.js"),
    )
}

pub(super) async fn icon() -> Answer {
    Answer::asset("image/svg+xml", include_str!("../../assets/icon.svg"))
}
