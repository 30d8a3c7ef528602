//! The files in the repository are the ones that the types make.

use std::collections::BTreeSet;
use std::path::Path;

#[test]
fn the_files_are_what_the_types_say() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let documents = contracts::documents().unwrap();
    for document in &documents {
        let found = std::fs::read_to_string(root.join(&document.path)).unwrap_or_default();
        assert!(
            found == document.text,
            "{} is not what the types say: run `cargo run -p contracts` and look at what has changed",
            document.path
        );
    }
    let made: BTreeSet<_> = documents
        .into_iter()
        .map(|document| document.path)
        .collect();
    let folder = std::fs::read_dir(root.join("infra/schemas")).unwrap();
    for file in folder {
        let name = file.unwrap().file_name().into_string().unwrap();
        assert!(
            made.contains(&format!("infra/schemas/{name}")),
            "nothing makes infra/schemas/{name}"
        );
    }
}
