//! The links in our documents: whoever follows one at night should arrive.

use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// Documents below `folder`, but for what was built or fetched.
fn documents(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() && !name.starts_with('.') && name != "target" {
            documents(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "md") {
            found.push(path);
        }
    }
}

/// The lines of a document that are no code.
fn prose(text: &str) -> impl Iterator<Item = &str> {
    let mut is_code = false;
    text.lines().filter(move |line| {
        let is_fence = line.trim_start().starts_with("```");
        is_code ^= is_fence;
        !is_code && !is_fence
    })
}

/// Where the links of a line lead to, as they are written; code in backticks has none.
fn links(line: &str) -> Vec<&str> {
    let words = line.split('`').step_by(2);
    words
        .flat_map(|words| words.split("](").skip(1))
        .filter_map(|rest| rest.split(')').next())
        .collect()
}

/// The anchors of a document's headings, as GitHub makes them.
fn anchors(text: &str) -> Vec<String> {
    let headings = prose(text).filter(|line| line.starts_with('#'));
    headings
        .map(|heading| {
            let words = heading.trim_start_matches('#').trim().to_lowercase();
            let kept = words
                .chars()
                .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
            kept.map(|c| if c == ' ' { '-' } else { c }).collect()
        })
        .collect()
}

/// What is wrong with a link of `document`.
fn broken(document: &Path, link: &str) -> Option<String> {
    if link.contains("://") {
        return None;
    }
    let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
    let target = match path {
        "" => document.to_path_buf(),
        path => document.parent().unwrap().join(path),
    };
    if !target.exists() {
        return Some(format!("{}: {link} is not there", document.display()));
    }
    if anchor.is_empty() {
        return None;
    }
    let text = std::fs::read_to_string(&target).unwrap();
    let is_there = anchors(&text).iter().any(|known| known == anchor);
    (!is_there).then(|| format!("{}: {link} has no such heading", document.display()))
}

#[test]
fn every_link_in_our_documents_leads_somewhere() {
    let mut documents_found = Vec::new();
    documents(root(), &mut documents_found);
    let mut followed = 0;
    let mut wrong = Vec::new();
    for document in &documents_found {
        let text = std::fs::read_to_string(document).unwrap();
        for link in prose(&text).flat_map(links) {
            followed += 1;
            wrong.extend(broken(document, link));
        }
    }
    assert!(followed > 100, "only {followed} links were found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_link_that_leads_nowhere_would_be_found() {
    let readme = root().join("README.md");
    assert!(broken(&readme, "docs/nowhere.md").is_some());
    assert!(broken(&readme, "docs/guarantees.md#nowhere").is_some());
    assert_eq!(
        broken(&readme, "docs/guarantees.md#the-honest-limit-first"),
        None
    );
    let line = "[one](a.md), [`two`](b.md#c), `[no](link)`";
    assert_eq!(links(line), ["a.md", "b.md#c"]);
}

#[test]
fn every_page_of_the_runbook_is_found_from_its_first_one_and_every_alarm_has_its_page() {
    let infra = root().join("infra");
    let first = std::fs::read_to_string(infra.join("README.md")).unwrap();
    let mut pages = Vec::new();
    documents(&infra.join("runbook"), &mut pages);
    assert!(pages.len() > 10, "{} pages", pages.len());
    for page in &pages {
        let name = page.file_name().unwrap().to_str().unwrap();
        assert!(first.contains(&format!("(runbook/{name})")), "{name}");
    }
    // Alarms name their page by the address that the stack is told.
    let template = std::fs::read_to_string(root().join("template.yaml")).unwrap();
    for rest in template.split("${RunbookBaseUrl}/").skip(1) {
        let name = rest.split_whitespace().next().unwrap();
        assert!(infra.join("runbook").join(name).is_file(), "{name}");
    }
}
