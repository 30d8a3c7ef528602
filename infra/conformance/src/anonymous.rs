//! What may leave the partner's house: answers without account ids, names and ids of connections.

use hosted_connection::Connection;
use serde_json::Value;

/// Members that are names, of the customer, the partner or the port's place.
const NAMES: &[&str] = &["connectionName", "partnerName", "providerName", "name"];
/// Beginnings of ids, with what stands in place of the id.
const IDS: [(&str, &str); 2] = [("dxcon-", "<connection>"), ("dxlag-", "<lag>")];
const ACCOUNT: &str = "<account>";

/// An answer's members.
pub(crate) fn members(connection: &Connection) -> Value {
    let mut value = serde_json::to_value(connection).unwrap_or_default();
    replace(&mut value);
    value
}

fn replace(value: &mut Value) {
    match value {
        Value::String(text) => *text = self::text(text),
        Value::Array(items) => items.iter_mut().for_each(replace),
        Value::Object(members) => {
            for (member, value) in members.iter_mut() {
                if NAMES.contains(&member.as_str()) && value.is_string() {
                    *value = "<name>".into();
                } else {
                    replace(value);
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// A text with ids and account ids replaced, and names that this command gave.
pub(crate) fn text(text: &str) -> String {
    let mut replaced = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        if let Some((begin, instead)) = IDS.iter().find(|(begin, _)| rest.starts_with(begin)) {
            let length = run(&rest[begin.len()..], |one| one.is_ascii_alphanumeric());
            replaced.push_str(instead);
            rest = &rest[begin.len() + length..];
            continue;
        }
        if character.is_ascii_digit() {
            let length = run(rest, |one| one.is_ascii_digit());
            replaced.push_str(if length == 12 {
                ACCOUNT
            } else {
                &rest[..length]
            });
            rest = &rest[length..];
            continue;
        }
        replaced.push(character);
        rest = &rest[character.len_utf8()..];
    }
    replaced
}

/// How many bytes of `text`, from its beginning, are such characters.
fn run(text: &str, is_one: impl Fn(char) -> bool) -> usize {
    text.find(|one| !is_one(one)).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_account_id_and_no_id_is_left() {
        let said = "123456789012 DescribeHostedConnections failed for connection dxcon-fgh01abc doesn't exist.";
        let expected =
            "<account> DescribeHostedConnections failed for connection <connection> doesn't exist.";
        assert_eq!(text(said), expected);
        assert_eq!(text("VLAN 4000 on dxlag-ffabc789"), "VLAN 4000 on <lag>");
        assert_eq!(text("1234567890123 é"), "1234567890123 é");
        let connection = Connection {
            owner_account: Some("111122223333".into()),
            connection_name: Some("Example Corp".into()),
            partner_name: Some("Example Networks".into()),
            vlan: Some(101),
            ..Connection::default()
        };
        let expected = serde_json::json!({
            "ownerAccount": "<account>", "connectionName": "<name>", "partnerName": "<name>", "vlan": 101,
        });
        assert_eq!(members(&connection), expected);
    }
}
