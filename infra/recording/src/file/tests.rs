//! Files that are cut, damaged, of another version or hostile.

use std::io::{BufReader, Cursor};

use serde_json::json;

use super::*;

fn read(text: &str) -> Result<Recording, ReadError> {
    Recording::read(Cursor::new(text.as_bytes().to_vec()))
}

fn exchange(vlan: u16) -> String {
    let exchange = json!({
        "atMs": 0, "tookMs": 1, "service": "OvertureService", "operation": "AllocateHostedConnection",
        "request": {"vlan": vlan}, "status": 200, "answer": {},
    });
    exchange.to_string()
}

const HEAD: &str = r#"{"hostedConnectionsRecording":"1"}"#;

#[test]
fn a_file_is_readable_up_to_where_its_writer_was_killed() {
    let whole = format!("{HEAD}\n{}\n{}\n", exchange(1), exchange(2));
    for end in HEAD.len() + 1..=whole.len() {
        let recording = read(&whole[..end]).unwrap();
        let rest = &whole[HEAD.len() + 1..end];
        let lines = rest.matches('\n').count();
        let last = rest.rsplit('\n').next().unwrap_or_default();
        // A line that lacks nothing but its end is whole.
        let is_whole = [exchange(1), exchange(2)].contains(&last.to_owned());
        assert_eq!(
            recording.exchanges.len(),
            lines + usize::from(is_whole),
            "{end}"
        );
        assert_eq!(recording.is_cut, !last.is_empty() && !is_whole, "{end}");
    }
}

#[test]
fn what_is_no_recording_is_refused_with_words() {
    for text in [
        "",
        "\n",
        "{}",
        "[]\n",
        "%PDF-1.4\n",
        r#"{"hostedConnectionsRecording":1}"#,
    ] {
        let error = read(text).unwrap_err();
        assert!(matches!(error, ReadError::NotARecording), "{text}: {error}");
        assert!(error.to_string().contains("--record FILE"));
    }
    let newer = read("{\"hostedConnectionsRecording\":\"2\"}\n").unwrap_err();
    assert!(newer.to_string().contains("version \"2\""), "{newer}");
    let damaged = read(&format!("{HEAD}\n{}\n", "{\"a\": 1}")).unwrap_err();
    assert!(damaged.to_string().contains("line 2"), "{damaged}");
}

#[test]
fn a_line_without_an_end_is_not_read_for_ever() {
    let endless = BufReader::new(std::io::repeat(b'x'));
    assert!(matches!(
        Recording::read(endless),
        Err(ReadError::Line { line: 1, .. })
    ));
    let head = Cursor::new(format!("{HEAD}\n").into_bytes());
    let endless = BufReader::new(head.chain(std::io::repeat(b'[')));
    let error = Recording::read(endless).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("line 2 is not an exchange: it is longer"),
        "{error}"
    );
}
