//! The hosted connection as the API has it: read off the type, member by member.

use serde_norway::Value;

use crate::samples;
use crate::value::{Member, array, example, list, may, must, object, text, with};

/// What a member is, in words.
const DESCRIPTIONS: [(&str, &str); 39] = [
    ("ownerAccount", "The customer's AWS account."),
    (
        "connectionId",
        "The hosted connection's own id, `dxcon-…`; never its parent's.",
    ),
    ("connectionName", "The name; the owner may change it."),
    (
        "connectionState",
        "`ordering`, `pending`, `available`, `down`, `deleting`, `deleted`, `rejected`, …: AWS may add states.",
    ),
    ("region", "The AWS Region."),
    ("location", "The Direct Connect location's code."),
    ("bandwidth", "The bandwidth in AWS's spelling."),
    ("vlan", "The VLAN on the parent."),
    ("partnerName", "The Direct Connect partner."),
    (
        "loaIssueTime",
        "When the Letter of Authorization was last asked for.",
    ),
    ("lagId", "The LAG that the connection belongs to."),
    (
        "awsDevice",
        "Where the physical connection ends; AWS's older member for `awsDeviceV2`.",
    ),
    ("jumboFrameCapable", "Whether jumbo frames are supported."),
    (
        "awsDeviceV2",
        "The endpoint where the physical connection ends.",
    ),
    (
        "awsLogicalDeviceId",
        "The endpoint where the logical connection ends.",
    ),
    (
        "hasLogicalRedundancy",
        "`yes`, `no` or `unknown`: whether a second BGP peer of the same family is supported.",
    ),
    ("tags", "The tags."),
    ("key", "A tag's key."),
    ("value", "A tag's value."),
    ("providerName", "The service provider."),
    ("macSecCapable", "Whether MACsec is supported."),
    (
        "portEncryptionStatus",
        "`Encryption Up` or `Encryption Down`.",
    ),
    (
        "encryptionMode",
        "`no_encrypt`, `should_encrypt` or `must_encrypt`.",
    ),
    (
        "macSecKeys",
        "The MACsec keys: which secrets, never the secrets themselves.",
    ),
    ("secretARN", "ARN of the secret that holds the key."),
    ("ckn", "Connection Key Name: the key's public name."),
    (
        "state",
        "`associating`, `associated`, `disassociating` or `disassociated`.",
    ),
    ("startOn", "When the key takes effect, in UTC."),
    (
        "rateLimiterStatus",
        "Use of the rate limiters of the connection's parent.",
    ),
    ("maxAllowed", "Rate limiters that the parent may have."),
    ("inUse", "Rate limiters in use."),
    ("remaining", "Rate limiters still free."),
    (
        "totalBandwidth",
        "Their bandwidth together, in AWS's spelling.",
    ),
    (
        "partnerInterconnectMacSecCapable",
        "Whether the partner's interconnect supports MACsec.",
    ),
    (
        "prefixPoolSizeIpv4",
        "IPv4 prefixes that the connection may have.",
    ),
    (
        "prefixPoolSizeIpv6",
        "IPv6 prefixes that the connection may have.",
    ),
    (
        "prefixPoolUnallocatedCountIpv4",
        "IPv4 prefixes still free.",
    ),
    (
        "prefixPoolUnallocatedCountIpv6",
        "IPv6 prefixes still free.",
    ),
    ("billingMode", "How the connection is billed."),
];

/// What is always there; everything else Direct Connect may leave out.
const REQUIRED: [&str; 2] = ["connectionId", "key"];

/// Every member of the API's `Connection`.
pub(crate) fn connection() -> Value {
    let full = serde_norway::to_value(samples::full_connection()).unwrap_or_default();
    let description = "The hosted connection as Direct Connect shows it, in its own spelling. What it leaves out is absent.";
    example(seen(description, &full), full)
}

/// The schema of an object like `sample`.
fn seen(description: &str, sample: &Value) -> Value {
    let members = sample.as_mapping().into_iter().flatten();
    let members = members.filter_map(|(name, value)| Some(member(name.as_str()?, value)));
    object(description, members.collect())
}

fn member(name: &str, sample: &Value) -> Member {
    let description = DESCRIPTIONS.iter().find(|(known, _)| *known == name);
    let description = description.map_or("", |(_, description)| description);
    let schema = match sample {
        Value::Bool(_) => members! {"type" => "boolean", "description" => description},
        Value::Number(_) => members! {"type" => "integer", "description" => description},
        Value::Sequence(items) => {
            let item = items
                .first()
                .map_or(Value::Null, |item| seen("One of them.", item));
            array(description, item)
        }
        Value::Mapping(_) => seen(description, sample),
        Value::String(_) if name == "loaIssueTime" => {
            with(text(description), members! {"format" => "date-time"})
        }
        Value::String(_) | Value::Null | Value::Tagged(_) => text(description),
    };
    match REQUIRED.contains(&name) {
        true => must(name, schema),
        false => may(name, schema),
    }
}

/// An ARN of a hosted connection, or none.
pub(crate) fn resources() -> Value {
    let arn = with(
        text("ARN of the hosted connection."),
        members! {"pattern" => "^arn:[a-z-]+:directconnect:[a-z0-9-]+:[0-9]{12}:dxcon/.+$"},
    );
    with(
        array("The hosted connection, where there is one.", arn),
        members! {"maxItems" => 1, "examples" => list([list([samples::arn()])])},
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Names of all members, at every level, that are not described.
    fn undescribed(schema: &Value, found: &mut Vec<String>) {
        for (name, member) in schema["properties"].as_mapping().into_iter().flatten() {
            if member["description"].as_str().is_none_or(str::is_empty) {
                found.push(name.as_str().unwrap().to_owned());
            }
            undescribed(member, found);
            undescribed(&member["items"], found);
        }
    }

    #[test]
    fn all_29_members_are_there_and_described() {
        let schema = connection();
        assert_eq!(schema["properties"].as_mapping().unwrap().len(), 29);
        let mut found = Vec::new();
        undescribed(&schema, &mut found);
        assert_eq!(found, [""; 0]);
    }
}
