//! Running the command, and reading what it says.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde_json::Value;

/// The command, ready to be given arguments, in the repository's root.
pub(crate) fn local() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_local"));
    command.current_dir(root());
    command
}

/// Runs the command to its end.
pub(crate) fn run(arguments: &[&str]) -> Output {
    local().args(arguments).output().unwrap()
}

/// Runs the command with `--json`: its exit status and its document.
pub(crate) fn run_json(arguments: &[&str]) -> (i32, Value) {
    let output = local().arg("--json").args(arguments).output().unwrap();
    let document = serde_json::from_slice(&output.stdout);
    let document = document.unwrap_or_else(|error| panic!("{arguments:?}: {error}: {output:?}"));
    (output.status.code().unwrap(), document)
}

/// Standard output as text.
pub(crate) fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// Standard error as text.
pub(crate) fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// The repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A directory of this test's own that is not there yet.
pub(crate) fn fresh_dir(name: &str) -> String {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    // Left behind by an earlier run, or not there at all.
    let _ = fs::remove_dir_all(&dir);
    dir.to_str().unwrap().to_owned()
}
