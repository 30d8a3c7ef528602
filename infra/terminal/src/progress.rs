//! How far a long command is.

pub use indicatif::ProgressBar;
use indicatif::{ProgressDrawTarget, ProgressStyle};

/// A bar of this length, on standard error, and only where that is a terminal.
#[must_use]
pub fn bar(length: usize, template: &str) -> ProgressBar {
    let length = u64::try_from(length).unwrap_or_default();
    let bar = ProgressBar::with_draw_target(Some(length), ProgressDrawTarget::stderr());
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        // Templates are constants: at worst the bar looks plain.
        Err(_) => bar,
    }
}
