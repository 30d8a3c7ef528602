//! Files of connections to adopt, and what is said of lines that are wrong.

use super::*;

fn pairs(content: &str) -> Vec<(usize, String, String)> {
    let lines = parse(content.as_bytes()).unwrap_or_else(|faults| panic!("{content}: {faults:?}"));
    let pair = |line: Line| {
        (
            line.number,
            line.connection_id,
            line.key.as_str().to_owned(),
        )
    };
    lines.into_iter().map(pair).collect()
}

fn faulty(content: &[u8]) -> Vec<usize> {
    parse(content)
        .unwrap_err()
        .into_iter()
        .map(|fault| fault.line)
        .collect()
}

#[test]
fn both_forms_are_read() {
    let expected = vec![
        (2, "dxcon-a1".to_owned(), "order-1".to_owned()),
        (3, "dxcon-b2".into(), "a,\"b\"".into()),
    ];
    assert_eq!(
        pairs("connectionId,idempotencyKey\ndxcon-a1,order-1\ndxcon-b2,\"a,\"\"b\"\"\"\n"),
        expected
    );
    assert_eq!(
        pairs(
            "\u{feff}\"connectionId\",\"idempotencyKey\"\r\n\"dxcon-a1\",order-1\r\ndxcon-b2,\"a,\"\"b\"\"\""
        ),
        expected
    );
    let json = "\n{\"connectionId\":\"dxcon-a1\",\"idempotencyKey\":\"order-1\"}\n{\"idempotencyKey\":\"a,\\\"b\\\"\",\"connectionId\":\"dxcon-b2\"}\n\n";
    assert_eq!(pairs(json), expected);
    assert!(pairs("connectionId,idempotencyKey\n").is_empty());
}

#[test]
fn every_line_that_is_not_as_it_has_to_be_is_named() {
    let csv = "connectionId,idempotencyKey\ndxcon-a1\ndxcon-a2,k\ndxcon-a3,a b\ndxlag-a4,k\ndxcon-a5,k,k\n,k\ndxcon-a6,\ndxcon-a7,\"k\ndxcon-a8,\"k\"k\n";
    assert_eq!(faulty(csv.as_bytes()), [2, 4, 5, 6, 7, 8, 9, 10]);
    assert_eq!(faulty(b"dxcon-a1,k\ndxcon-a2\n"), [1, 2]);
    assert_eq!(faulty(b""), [1]);
    assert_eq!(
        faulty(b"connectionId,idempotencyKey\n\xff\ndxcon-a1,a b\n\xff,k\ndxcon-a1,k\n"),
        [2, 3, 4]
    );
    assert_eq!(faulty(b"\xff\xfec\0o\0n\0\n\0"), [1]);
    assert_eq!(faulty(b"\xff"), [1]);
    let json = "{\"connectionId\":\"dxcon-a1\",\"idempotencyKey\":\"k\"}\nnonsense\n{\"connectionId\":\"dxcon-a1\"}\n{\"connectionId\":\"dxcon-a1\",\"idempotencyKey\":\"k\",\"vlan\":1}\n{\"connectionId\":\"dxcon-a1\",\"connectionId\":\"dxcon-a1\",\"idempotencyKey\":\"k\"}\n{\"connectionId\":1,\"idempotencyKey\":\"k\"}";
    assert_eq!(faulty(json.as_bytes()), [2, 3, 4, 5, 6]);
    let long = format!(
        "connectionId,idempotencyKey\ndxcon-a1,{}\ndxcon-a2,{}\n",
        "k".repeat(255),
        "k".repeat(256)
    );
    assert_eq!(faulty(long.as_bytes()), [3]);
}

#[test]
fn a_connection_or_a_key_that_is_named_twice_is_nobodys() {
    let lines = parse(b"connectionId,idempotencyKey\ndxcon-a1,k1\ndxcon-a2,k2\ndxcon-a1,k3\ndxcon-a3,k2\ndxcon-a4,k4\n").unwrap();
    let repeated = repeated(&lines);
    assert_eq!(repeated.keys().copied().collect::<Vec<_>>(), [2, 3, 4, 5]);
    assert_eq!(
        repeated[&2],
        "the file names the connection again in line 4"
    );
    assert_eq!(repeated[&5], "the file names the key again in line 3");
}

#[test]
fn a_file_of_100_000_lines_with_one_key_is_told_of_in_a_line_each() {
    let mut content = format!("{HEADER}\n");
    for number in 2..=100_001 {
        content += &format!("dxcon-a{number},order\n");
    }
    let lines = parse(content.as_bytes()).unwrap();
    let repeated = repeated(&lines);
    assert_eq!(repeated.len(), 100_000);
    assert_eq!(
        repeated[&4],
        "the file names the key again in line 2, 3, 5, 6, 7 and 99994 more"
    );
}

proptest::proptest! {
    #[test]
    fn no_content_does_harm_and_every_key_comes_back(content in ".*", key in "[!-~]{1,255}") {
        let _ = parse(content.as_bytes());
        let quoted = format!("connectionId,idempotencyKey\ndxcon-a1,\"{}\"\n", key.replace('"', "\"\""));
        let read = pairs(&quoted);
        proptest::prop_assert_eq!(&read[0].2, &key);
    }
}
