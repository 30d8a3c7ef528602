//! What is wrong with the environment, variable by variable, and how to fix it.

use aws::config::{self, ConfigError};

/// How to get credentials into the environment.
pub(crate) fn export_credentials() -> String {
    let profile = profile();
    let name = profile.as_deref().unwrap_or("NAME");
    format!("eval \"$(aws configure export-credentials --profile {name} --format env)\"")
}

/// How to fix a variable.
pub(crate) fn fix(error: &ConfigError) -> String {
    match error.name() {
        "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => match profile() {
            Some(_) => format!(
                "AWS_PROFILE is for the AWS CLI only; have the CLI export its keys: {}",
                export_credentials()
            ),
            None => export_credentials(),
        },
        "ALLOCATIONS_TABLE_NAME" => "export it: the stack's output TableName".to_owned(),
        "EVENT_BUS_NAME" => "export it: the stack's output EventBusName".to_owned(),
        "AWS_REGION" => "export it: the region of the stack".to_owned(),
        name => format!("correct {name}, or unset it"),
    }
}

/// Everything that is wrong, one a line, each with its fix.
pub(crate) fn told(wrong: &[ConfigError]) -> String {
    let line = |error: &ConfigError| format!("\n  {error}: {}", fix(error));
    wrong.iter().map(line).collect()
}

fn profile() -> Option<String> {
    config::variable("AWS_PROFILE").filter(|profile| !profile.trim().is_empty())
}
