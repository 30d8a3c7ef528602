//! `local prove --visibility`: connections that are shown late, against the settle time.

use std::io;

use proof::{Grid, Tried, visibility};
use serde_json::{Value, json};
use terminal::{BOLD, DIM, Terminal, Verdict, progress, tables::Table};

use super::{aside, replay};
use crate::command::{failure::Failure, tables};

/// Plays the grid, and shows what it came to. That promises are broken in it is what it is for.
///
/// # Errors
/// The output is closed.
pub(super) async fn run(terminal: &mut Terminal, grid: Grid) -> Result<Verdict, Failure> {
    let cells = grid.delays.len() * grid.settle_times.len() * 2;
    let bar = progress::bar(
        cells,
        "{bar:24.cyan/dim} {human_pos}/{human_len} cells {eta}",
    );
    let (shown, played) = (bar.clone(), grid.clone());
    let tried = aside(move || visibility(&played, &|| shown.inc(1))).await?;
    bar.finish_and_clear();
    if terminal.json {
        let cells: Vec<_> = tried.iter().map(document).collect();
        terminal.print_json(&json!(cells))?;
    } else {
        print(terminal, &grid, &tried)?;
    }
    Ok(Verdict::Good)
}

fn document(tried: &Tried) -> Value {
    json!({
        "vlanInUseIsRefused": tried.unique,
        "delaySeconds": tried.delay,
        "settleSeconds": tried.settle,
        "stories": tried.stories,
        "held": tried.held(),
        "doubles": tried.doubles,
        "rejections": tried.rejections,
        "others": tried.others,
        "again": tried.first.as_ref().map(|_| again(tried)),
        "violations": tried.first.as_ref().map(|first| &first.violations),
    })
}

fn print(terminal: &mut Terminal, grid: &Grid, tried: &[Tried]) -> io::Result<()> {
    for (unique, what) in [
        (true, "A VLAN in use is refused"),
        (false, "A VLAN in use is accepted"),
    ] {
        let of_it: Vec<_> = tried.iter().filter(|one| one.unique == unique).collect();
        let stories: usize = of_it.iter().map(|one| one.stories).sum();
        let each = of_it.first().map_or(0, |one| one.stories);
        let title = format!("{what}: {stories} stories, {each} for each cell");
        tables::print(terminal, &title, &mut table(grid, &of_it), "nothing to try")?;
        let out = &mut terminal.out;
        writeln!(
            out,
            "{DIM}The first broken story of each delay, with the longest settle time that breaks:{DIM:#}"
        )?;
        for delay in &grid.delays {
            let mut of_delay = of_it.iter().filter(|one| one.delay == *delay);
            if let Some(broken) = of_delay.rfind(|one| !one.held()) {
                writeln!(out, "  {BOLD}{delay} s{BOLD:#}: {}", again(broken))?;
            }
        }
        writeln!(out)?;
    }
    Ok(())
}

fn table(grid: &Grid, tried: &[&Tried]) -> Table {
    let heads = grid
        .settle_times
        .iter()
        .map(|settle| format!("settle {settle} s"));
    let columns: Vec<_> = std::iter::once("shown after".to_owned())
        .chain(heads)
        .collect();
    let columns: Vec<_> = columns.iter().map(String::as_str).collect();
    let mut table = tables::table(&columns);
    for delay in &grid.delays {
        let of_delay = tried.iter().filter(|one| one.delay == *delay);
        let cells = of_delay.map(|one| one.words());
        table.add_row(std::iter::once(format!("{delay} s")).chain(cells));
    }
    table
}

/// What to type to see the first broken story.
fn again(tried: &Tried) -> String {
    let line = tried.first.as_ref().map(|first| first.schedule.to_string());
    let options = [
        format!("--settle-seconds {}", tried.settle),
        format!("--visible-after-ms {}", tried.delay * 1_000),
    ];
    replay::command(&line.unwrap_or_default(), None, &options)
}
