//! The documentation's table of safeguards is true: each line goes wrong without its safeguard, and only then.

use proof::{Sabotage, Schedule};

const GUARANTEES: &str = include_str!("../../../docs/guarantees.md");
const HEADING: &str = "## What breaks when a safeguard is taken away";

/// A row's safeguard and its story; none where the line is no row.
fn row(line: &'static str) -> Option<Result<(Sabotage, Schedule), String>> {
    let cells: Vec<_> = line.split('|').map(str::trim).collect();
    let [_, without, _, _, story, _, _] = cells[..] else {
        return None;
    };
    let quoted = |cell: &'static str| cell.strip_prefix('`')?.strip_suffix('`');
    let safeguard = quoted(without)?.parse();
    let story = quoted(story).unwrap_or_default().parse::<Schedule>();
    Some(safeguard.and_then(|safeguard| {
        let story = story.map_err(|error| error.to_string())?;
        Ok((safeguard, story))
    }))
}

/// All rows, or what is wrong with one of them.
fn rows() -> Result<Vec<(Sabotage, Schedule)>, String> {
    let below = GUARANTEES.split_once(HEADING).map(|(_, below)| below);
    let section = below.and_then(|below| below.split("\n## ").next());
    section
        .unwrap_or_default()
        .lines()
        .filter_map(row)
        .collect()
}

#[test]
fn the_table_has_one_line_for_each_safeguard() {
    let named: Vec<_> = rows()
        .unwrap()
        .into_iter()
        .map(|(safeguard, _)| safeguard)
        .collect();
    assert_eq!(named, Sabotage::ALL);
}

#[test]
fn each_line_of_the_table_shows_what_its_safeguard_is_for() {
    let mut untrue = Vec::new();
    for (safeguard, story) in rows().unwrap() {
        let name = safeguard.name();
        if story.replay(Some(safeguard)).violations.is_empty() {
            untrue.push(format!("{story} goes well without {name}"));
        }
        let with = story.replay(None).violations;
        if !with.is_empty() {
            untrue.push(format!(
                "{story} goes wrong with {name} in place: {with:#?}"
            ));
        }
    }
    assert!(untrue.is_empty(), "{untrue:#?}");
}
