//! Writes the files of the contract: `cargo run -p contracts`, from anywhere in the repository.

use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    std::fs::create_dir_all(root.join("infra/schemas"))?;
    for document in contracts::documents()? {
        std::fs::write(root.join(&document.path), &document.text)?;
        eprintln!("{}", document.path);
    }
    Ok(())
}
