//! Orders by place: the exploration's stories; with `all`, each with every fault. Another word tells only the stories whose
//! line has it: `cargo run -p proof --example placement -- all fills-up`

#![expect(clippy::print_stdout, reason = "this is what it is for")]
#![expect(
    clippy::disallowed_methods,
    reason = "the paused clock does not tell how long the work takes"
)]

use std::time::Instant;

use proof::Plan;

fn main() {
    let (all, words): (Vec<_>, Vec<_>) = std::env::args().skip(1).partition(|word| word == "all");
    let begun = Instant::now();
    let mut stories = Plan::placements(!all.is_empty());
    stories.retain(|story| {
        words
            .iter()
            .all(|word| story.to_string().contains(word.as_str()))
    });
    let count = stories.len();
    let mut failed = 0;
    for story in stories {
        let run = story.replay(None);
        if !run.violations.is_empty() {
            failed += 1;
            println!("{story}\n    {}", run.violations.join("\n    "));
        }
    }
    println!("{count} stories, {failed} failed; {:?}", begun.elapsed());
}
