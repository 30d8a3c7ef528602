//! Collects everything that is wrong with a request.

use crate::{Violation, ViolationCode};

/// Bound on the pointers' bytes together: names nest, so their paths can be many times as long as the body.
const MAX_POINTER_BYTES: usize = 1024 * 1024;

/// The violations found so far, in the order they were found.
#[derive(Debug, Default)]
pub(crate) struct Report {
    violations: Vec<Violation>,
    pointer_bytes: usize,
    is_cut: bool,
}

impl Report {
    /// Adds a violation; once a limit is reached, notes only that there are more.
    pub(crate) fn push(&mut self, field: &str, code: ViolationCode, message: impl Into<String>) {
        self.pointer_bytes += field.len();
        if self.violations.len() >= Violation::MAX || self.pointer_bytes > MAX_POINTER_BYTES {
            self.is_cut = true;
        } else {
            self.violations.push(Violation::new(field, code, message));
        }
    }

    /// Whether nothing was found.
    pub(crate) fn is_empty(&self) -> bool {
        self.violations.is_empty() && !self.is_cut
    }

    /// The value, or nothing and its violation added.
    pub(crate) fn keep<T>(&mut self, parsed: Result<T, Violation>) -> Option<T> {
        parsed
            .map_err(|violation| self.push(&violation.field, violation.code, violation.message))
            .ok()
    }

    /// Everything found. When some had to be left out, the last one says so.
    pub(crate) fn into_violations(mut self) -> Vec<Violation> {
        if self.is_cut {
            let message = "there are more violations than are listed here";
            self.violations
                .push(Violation::new("", ViolationCode::TooMany, message));
        }
        self.violations
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn violations_beyond_the_limit_are_announced_not_listed() {
        let mut report = Report::default();
        for _ in 0..=Violation::MAX {
            report.push("/x", ViolationCode::UnknownField, "no such field");
        }
        let violations = report.into_violations();
        assert_eq!(violations.len(), Violation::MAX + 1);
        assert_eq!(violations[Violation::MAX].code, ViolationCode::TooMany);
    }

    #[test]
    fn long_pointers_do_not_add_up_without_bound() {
        let pointer = "/".repeat(MAX_POINTER_BYTES / 4);
        let mut report = Report::default();
        for _ in 0..10 {
            report.push(&pointer, ViolationCode::UnknownField, "no such field");
        }
        assert_eq!(report.into_violations().len(), 5);
    }
}
