//! What the command says of itself: help for a terminal of 80 columns, completions, the manual; and its tables there.

use crate::site::{Site, bare, finish, minutes, order};

const COMMANDS: [&str; 16] = [
    "explain",
    "get",
    "list",
    "reconcile",
    "redrive",
    "resolve",
    "adopt",
    "forget",
    "release",
    "policy",
    "caller",
    "conformance",
    "console",
    "doctor",
    "completions",
    "man",
];

/// No line of it is wider than the terminal.
fn assert_fits(text: &str, columns: usize) {
    for line in text.lines() {
        let width = line.chars().count();
        assert!(width <= columns, "{width} columns: {line}");
    }
}

#[tokio::test]
async fn help_fits_a_terminal_of_eighty_columns() {
    for command in COMMANDS
        .iter()
        .map(|command| vec![*command, "--help"])
        .chain([vec!["--help"]])
    {
        let mut help = bare(&command);
        help.env("COLUMNS", "80");
        let told = finish(help).await;
        assert_eq!(told.status, 0, "{command:?}");
        assert_fits(&told.out, 80);
    }
}

#[tokio::test]
async fn tables_fit_a_terminal_of_eighty_columns_and_break_no_id() {
    let site = Site::new().await;
    let key = "018f3c1e-8f8a-7c3a-9d51-0f4b7f7c2a11";
    site.place(&order(key, 101), minutes(30)).await;
    site.place(&order("order-2", 101), minutes(20)).await;
    let id = site.cloud.connections()[0].id.clone();
    site.cloud.set_state(&id, "deleted").unwrap();
    site.cloud.purge().unwrap();
    for arguments in [
        vec!["list"],
        vec!["explain", key],
        vec!["get", key],
        vec!["reconcile"],
        vec!["doctor"],
        vec!["policy", "get", "dxcon-ffabc123"],
    ] {
        for columns in [80, 120] {
            let mut command = site.command(&arguments);
            command.env("COLUMNS", columns.to_string());
            let told = finish(command).await;
            assert_fits(&told.out, columns);
            if arguments[0] != "doctor" && arguments[0] != "policy" {
                assert!(
                    told.out.contains(key) && told.out.contains(&id),
                    "{}",
                    told.out
                );
            }
        }
    }
}

#[tokio::test]
async fn completions_and_the_manual_name_every_command() {
    for shell in ["bash", "zsh", "fish"] {
        let told = finish(bare(&["completions", shell])).await;
        assert_eq!(told.status, 0);
        for command in COMMANDS {
            assert!(told.out.contains(command), "{command} for {shell}");
        }
    }
    assert_eq!(finish(bare(&["completions", "cmd"])).await.status, 2);
    let told = finish(bare(&["man"])).await;
    assert_eq!(told.status, 0);
    assert!(told.out.contains(".TH operator"), "{}", told.out);
    for command in COMMANDS {
        assert!(
            told.out.contains(&format!(".TH operator-{command} ")),
            "{command}"
        );
    }
}
