//! The ids of what is assumed about AWS: one set, in the code, the documents, the probes and the switches of the local cloud.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use assumptions::{Assumption, Probed};
use local_cloud::SWITCHES;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap()
}

/// The ids in the first column of the tables under a heading.
fn ids_under<'p>(page: &'p str, heading: &str) -> Vec<&'p str> {
    let from = page.split_once(&format!("## {heading}\n")).unwrap().1;
    let section = from.split("\n## ").next().unwrap();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| `"));
    rows.filter_map(|row| row.split('`').next()).collect()
}

#[test]
fn the_page_has_every_assumption_in_each_of_its_tables_and_no_other() {
    let page = read("docs/assumptions.md");
    let known: Vec<_> = Assumption::ALL.iter().map(|one| one.id()).collect();
    for heading in [
        "The assumptions",
        "If one does not hold",
        "Probes and switches",
    ] {
        assert_eq!(ids_under(&page, heading), known, "{heading}");
    }
}

#[test]
fn the_page_says_not_asked_where_there_is_no_probe_and_names_every_switch() {
    let page = read("docs/assumptions.md");
    let probes = page.split_once("## Probes and switches\n").unwrap().1;
    for assumption in Assumption::ALL {
        let id = assumption.id();
        let row = probes
            .lines()
            .find(|line| line.starts_with(&format!("| `{id}` |")));
        let row = row.unwrap();
        let is_asked = match assumption.probed() {
            Probed::Asked | Probed::Given(_) => true,
            Probed::WhenSeen | Probed::Never(_) => false,
        };
        assert_eq!(is_asked, !row.contains("not asked"), "{row}");
        let switches = SWITCHES
            .iter()
            .filter(|switch| switch.assumptions.contains(&id));
        for switch in switches {
            assert!(
                row.contains(&format!("`{}`", switch.name)),
                "{} in {row}",
                switch.name
            );
        }
    }
}

#[test]
fn switches_are_of_assumptions_that_there_are() {
    for switch in &SWITCHES {
        for id in switch.assumptions {
            assert!(id.parse::<Assumption>().is_ok(), "{}: {id}", switch.name);
        }
    }
}

/// Wherever code or a page refers to one, by ``(`id` in docs/assumptions.md)`` or ``assumption `id` ``.
#[test]
fn comments_and_pages_name_assumptions_that_there_are_and_all_of_them() {
    let mut files = Vec::new();
    for folder in [
        "functions",
        "shared/aws",
        "shared/allocation",
        "shared/lifecycle",
        "infra/runbook",
        "docs",
    ] {
        collect(&root().join(folder), &mut files);
    }
    let mut named = BTreeSet::new();
    for file in files
        .iter()
        .filter(|file| !file.ends_with("docs/assumptions.md"))
    {
        let text = std::fs::read_to_string(file).unwrap();
        let text = text
            .replace("\n//!", "")
            .replace("\n///", "")
            .replace("\n    ///", "")
            .replace('\n', " ");
        let in_code = text
            .match_indices("in docs/assumptions.md")
            .map(|(at, _)| text[..at].rsplit('(').next().unwrap_or_default());
        let in_words = text.match_indices("ssumption").map(|(at, word)| {
            let rest = text[at + word.len()..].trim_start_matches('s');
            let list = rest.strip_prefix(" `").map(|_| rest).unwrap_or_default();
            &list[..list.find(['.', ':', ';', ')']).unwrap_or(list.len())]
        });
        for id in in_code
            .chain(in_words)
            .flat_map(|part| part.split('`').skip(1).step_by(2))
        {
            if id.contains('-') || id == "bandwidths" {
                assert!(id.parse::<Assumption>().is_ok(), "{}: {id}", file.display());
                named.insert(id.to_owned());
            }
        }
    }
    let known: BTreeSet<_> = Assumption::ALL
        .iter()
        .map(|one| one.id().to_owned())
        .collect();
    assert_eq!(named, known);
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let is_text = path
            .extension()
            .is_some_and(|extension| extension == "rs" || extension == "md");
        if path.is_dir() {
            collect(&path, files);
        } else if is_text {
            files.push(path);
        }
    }
}
