//! The documentation's table of late visibility is true: a part of it is played again and compared, cell by cell.
#![expect(
    clippy::unwrap_used,
    reason = "what reads the page is no test by itself, and a page that cannot be read fails the test"
)]

use std::collections::BTreeMap;

use proof::{Grid, Tried, visibility};

const GUARANTEES: &str = include_str!("../../../docs/guarantees.md");

/// The tables, by whether a VLAN in use is refused: by delay and settle time, what the cell says.
type Table = BTreeMap<(u64, u64), String>;

fn table(unique: bool) -> Table {
    let heading = match unique {
        true => "**Direct Connect refuses a VLAN that is in use**",
        false => "**Direct Connect accepts a VLAN that is in use**",
    };
    let (_, below) = GUARANTEES.split_once(heading).unwrap();
    let rows = below.lines().skip_while(|line| !line.starts_with('|'));
    let rows: Vec<Vec<&str>> = rows
        .take_while(|line| line.starts_with('|'))
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
        .collect();
    let seconds = |cell: &str| cell.trim_end_matches(" s").parse::<u64>().unwrap();
    let mut table = Table::new();
    for row in &rows[2..] {
        for (settle, cell) in rows[0].iter().zip(row).skip(1) {
            table.insert((seconds(row[0]), seconds(settle)), (*cell).to_owned());
        }
    }
    table
}

fn tried(grid: &Grid) -> Vec<Tried> {
    visibility(grid, &|| {}).unwrap()
}

#[test]
fn the_table_of_late_visibility_is_what_its_stories_come_to() {
    let grid = Grid {
        delays: vec![20, 90],
        settle_times: vec![10, 30, 90],
        landing: 0,
    };
    let mut compared = 0;
    for tried in tried(&grid) {
        let said = &table(tried.unique)[&(tried.delay, tried.settle)];
        assert_eq!(&tried.words(), said, "{tried:?}");
        compared += 1;
    }
    assert_eq!(compared, 12);
}

#[test]
fn a_settle_time_as_long_as_the_delay_is_enough_in_the_whole_table_and_none_is_not() {
    for unique in [true, false] {
        let table = table(unique);
        assert_eq!(table.len(), 63);
        for ((delay, settle), said) in &table {
            if settle >= delay {
                assert_eq!(said, "held", "{delay} s with {settle} s");
            }
        }
        for delay in [30, 60, 120] {
            assert_ne!(table[&(delay, 0)], "held", "{delay} s");
        }
        let double = table.values().any(|said| said.contains("double"));
        assert_eq!(
            double, !unique,
            "only a VLAN that is accepted twice gives two connections"
        );
    }
}

#[test]
fn a_call_that_lands_late_has_to_be_covered_beside_the_delay() {
    let grid = Grid {
        delays: vec![20],
        settle_times: vec![30, 60],
        landing: 20,
    };
    let tried = tried(&grid);
    let held = tried.iter().map(|one| (one.unique, one.settle, one.held()));
    assert_eq!(
        held.collect::<Vec<_>>(),
        [
            (true, 30, false),
            (true, 60, true),
            (false, 30, false),
            (false, 60, true),
        ]
    );
}
