//! The promises on paper and the tests that are said to prove them.

use std::collections::BTreeSet;
use std::path::Path;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// Names of test functions below `folder`.
fn tests_below(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            tests_below(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let source = std::fs::read_to_string(&path).unwrap();
            // The line after the attribute names the test; other attributes may stand between.
            let lines: Vec<_> = source.lines().map(str::trim_start).collect();
            for (index, _) in lines.iter().enumerate().filter(|(_, line)| {
                line.starts_with("#[test]") || line.starts_with("#[tokio::test")
            }) {
                let name = lines[index..].iter().find_map(|line| {
                    let rest = line
                        .strip_prefix("async ")
                        .unwrap_or(line)
                        .strip_prefix("fn ")?;
                    rest.split('(').next()
                });
                found.insert(name.unwrap().to_owned());
            }
        }
    }
}

/// What stands in backticks in a table row and looks like a test's name.
fn named(document: &str) -> BTreeSet<String> {
    let text = std::fs::read_to_string(root().join(document)).unwrap();
    let rows = text.lines().filter(|line| line.starts_with('|'));
    let quoted = rows.flat_map(|row| row.split('`').skip(1).step_by(2));
    let is_test = |name: &&str| {
        name.matches('_').count() >= 3 && name.chars().all(|c| c.is_ascii_lowercase() || c == '_')
    };
    quoted.filter(is_test).map(str::to_owned).collect()
}

#[test]
fn every_test_that_is_named_as_a_proof_exists() {
    let mut tests = BTreeSet::new();
    tests_below(&root().join("tests"), &mut tests);
    // What an operator's command prints is tested beside the command.
    tests_below(&root().join("infra/operator/tests"), &mut tests);
    // What the kernel does with a connection shows on sockets only, so it is tested beside the connector.
    tests_below(&root().join("shared/aws/src/http"), &mut tests);
    for (document, at_least) in [
        ("README.md", 10),
        ("docs/guarantees.md", 25),
        ("docs/well-architected.md", 20),
    ] {
        let named = named(document);
        assert!(
            named.len() >= at_least,
            "{document} names {} tests",
            named.len()
        );
        let missing: Vec<_> = named.difference(&tests).collect();
        assert!(
            missing.is_empty(),
            "{document} names tests that do not exist: {missing:?}"
        );
    }
}
