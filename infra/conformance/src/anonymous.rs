//! What may leave the partner's house: answers without account ids, names and ids of connections.

use hosted_connection::Connection;
use serde_json::Value;

/// Members that are names, of the customer, the partner, the port's place or a MACsec key.
const NAMES: &[&str] = &[
    "connectionName",
    "partnerName",
    "providerName",
    "name",
    "ckn",
];
const NAME: &str = "<name>";
/// What is before the resource in an ARN: `arn`, partition, service, region and account.
const BEFORE_RESOURCE: usize = 5;
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
                    *value = NAME.into();
                } else {
                    replace(value);
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// A text with ids and account ids replaced, and with the names in ARNs: those of users, roles, sessions and secrets.
pub(crate) fn text(text: &str) -> String {
    let mut replaced = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        if let Some((front, resource)) = arn(rest) {
            let parts = front.split(':').map(|part| match is_account(part) {
                true => ACCOUNT,
                false => part,
            });
            replaced.push_str(&parts.collect::<Vec<_>>().join(":"));
            replaced.push_str(
                &match resource.contains("dxcon-") || resource.contains("dxlag-") {
                    true => self::text(resource),
                    false => NAME.to_owned(),
                },
            );
            rest = &rest[front.len() + resource.len()..];
            continue;
        }
        if let Some((begin, instead)) = IDS.iter().find(|(begin, _)| rest.starts_with(begin)) {
            let length = run(&rest[begin.len()..], |one| one.is_ascii_alphanumeric());
            replaced.push_str(instead);
            rest = &rest[begin.len() + length..];
            continue;
        }
        if character.is_ascii_digit() {
            let length = run(rest, |one| one.is_ascii_digit());
            replaced.push_str(match is_account(&rest[..length]) {
                true => ACCOUNT,
                false => &rest[..length],
            });
            rest = &rest[length..];
            continue;
        }
        replaced.push(character);
        rest = &rest[character.len_utf8()..];
    }
    replaced
}

/// The ARN that the text begins with, up to its resource, and the resource.
fn arn(text: &str) -> Option<(&str, &str)> {
    let is_one = |one: char| !one.is_whitespace() && !"\"'<>()[]{},;".contains(one);
    let arn = &text[..run(text, is_one)];
    if !arn.starts_with("arn:") {
        return None;
    }
    let resource = arn.match_indices(':').nth(BEFORE_RESOURCE - 1)?.0 + 1;
    // A sentence ends behind it.
    let end = arn.trim_end_matches(['.', ':']).len().max(resource);
    Some((&arn[..resource], &arn[resource..end]))
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
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
        let denied = "User: arn:aws:sts::123456789012:assumed-role/Partner/jane.doe@example.com is not authorized on \
                      arn:aws:directconnect:eu-central-1:111122223333:dxcon/dxcon-fgh01abc.";
        let expected = "User: arn:aws:sts::<account>:<name> is not authorized on \
                        arn:aws:directconnect:eu-central-1:<account>:dxcon/<connection>.";
        assert_eq!(text(denied), expected);
        assert_eq!(text("arn: é arn:aws:x"), "arn: é arn:aws:x");
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
