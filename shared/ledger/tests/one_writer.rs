//! One file makes the expressions of all writes on records, VLAN leases and policies.

use std::path::{Path, PathBuf};
use std::{fs, io};

/// The writer, where an update that stands alone leaves the transaction that it was made for, the two items that tracking keeps
/// for itself, and a write of the conformance command that DynamoDB always refuses.
const WRITERS: [&str; 5] = [
    "infra/conformance/src/table.rs",
    "shared/ledger/src/draft.rs",
    "shared/ledger/src/remembering.rs",
    "shared/ledger/src/transact.rs",
    "shared/ledger/src/turn.rs",
];
const EXPRESSIONS: [&str; 2] = ["update_expression(", "condition_expression("];

#[test]
fn nothing_else_that_is_deployed_makes_an_expression_of_a_write() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut files = Vec::new();
    for folder in ["shared", "functions", "infra"] {
        collect(&root.join(folder), &mut files).unwrap();
    }
    let mut writers = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let is_write = |line: &str| {
            let is_expression = EXPRESSIONS
                .iter()
                .any(|expression| line.contains(expression));
            is_expression && !line.contains("key_condition_expression(")
        };
        if text.lines().any(is_write) {
            let name = file.strip_prefix(&root).unwrap();
            writers.push(name.to_string_lossy().into_owned());
        }
    }
    writers.retain(|name| name != "shared/ledger/tests/one_writer.rs");
    writers.sort();
    assert_eq!(
        writers, WRITERS,
        "a write belongs into the table in shared/transitions"
    );
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(())
}
