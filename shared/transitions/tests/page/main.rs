//! `docs/transitions.md` is made from the table. `just transitions` writes it anew; otherwise it is compared.

mod page;
mod words;

use std::path::Path;

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "whether to write is a matter of whoever runs the test"
)]
fn the_page_shows_the_table() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/transitions.md");
    let page = page::page();
    if std::env::var("UPDATE").is_ok() {
        std::fs::write(&path, &page).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == page,
        "docs/transitions.md is not what the table says; `just transitions` writes it anew"
    );
}
