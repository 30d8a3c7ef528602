//! Tells all stories of adoption, and how long that takes.

#![expect(clippy::print_stdout, reason = "this is what it is for")]
#![expect(
    clippy::disallowed_methods,
    reason = "the paused clock does not tell how long the work takes"
)]

use proof::Plan;

fn main() {
    let begun = std::time::Instant::now();
    let stories = Plan::adoptions(std::env::args().any(|argument| argument == "all"));
    println!("{} stories planned in {:?}", stories.len(), begun.elapsed());
    let mut failed = 0;
    for story in stories {
        let run = story.replay(None);
        if !run.violations.is_empty() {
            failed += 1;
            if failed < 40 {
                let violations = run
                    .violations
                    .iter()
                    .map(|violation| violation.chars().take(300).collect());
                println!(
                    "{story}\n    {}",
                    violations.collect::<Vec<String>>().join("\n    ")
                );
            }
        }
    }
    println!("{failed} failed; {:?}", begun.elapsed());
}
