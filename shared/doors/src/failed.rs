//! Failed invocations: what is told where there is no response to tell it in.

use hosted_connection::{Code, Problem};
use lambda_runtime::Diagnostic;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

/// A failed invocation for a reason that is ours. Nobody else logs it.
pub fn internal(error_message: String) -> Diagnostic {
    tracing::error!("the invocation fails through our fault: {error_message}");
    Diagnostic {
        error_type: Code::Internal.as_str().into(),
        error_message,
    }
}

/// A failed invocation with the problem's code as error type and the problem as message, so that a caller such as Step
/// Functions can match on it.
pub fn problem(problem: &Problem) -> Diagnostic {
    Diagnostic {
        error_type: problem.code().as_str().into(),
        error_message: problem.to_json(),
    }
}

/// An answer as the runtime takes it.
///
/// # Errors
/// [`internal`], when it cannot be written as JSON.
pub fn unless_json(answer: &impl Serialize) -> Result<Box<RawValue>, Diagnostic> {
    to_raw_value(answer)
        .map_err(|error| internal(format!("the answer cannot be written as JSON: {error}")))
}
