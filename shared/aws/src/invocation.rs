//! One invocation of a function, as its log and its figures name it.

/// The names that Lambda gave an invocation.
#[derive(Debug, Clone, Default)]
pub struct Invocation {
    /// Lambda's request id.
    pub request_id: String,
    /// X-Ray's trace, as Lambda sent it.
    pub trace: Option<String>,
}
