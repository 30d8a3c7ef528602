//! What a record keeps, small: names are short, and a connection leaves out what the request in the same record says.
//!
//! DynamoDB bills each write by the whole record, and an order's record is written four times.

use crate::json::text_of;
use crate::{AllocationRequest, Connection, Origin, Shorthand, Tag};

/// What a text begins with that leaves out what the connection has as it was asked for. JSON never begins so, and neither does
/// shorthand.
const AS_ASKED: char = '~';
/// What a text then begins with that leaves out the younger of two members that say the same: AWS has renamed two.
const RENAMED: char = '=';

impl AllocationRequest {
    /// The request as its record keeps it.
    #[must_use]
    pub fn kept(&self) -> String {
        Shorthand::CONNECTION.write(&self.to_json())
    }

    /// Reads what [`kept`](Self::kept) wrote, or the plain JSON of an earlier version.
    ///
    /// # Errors
    /// As [`from_stored_json`](Self::from_stored_json).
    pub fn from_kept(text: &str) -> Result<Self, serde_json::Error> {
        Self::from_stored_json(&Shorthand::CONNECTION.read(text))
    }
}

impl Origin {
    /// The origin as the record keeps it.
    #[must_use]
    pub fn kept(&self) -> String {
        Shorthand::LIFECYCLE.write(&text_of(self))
    }

    /// Reads what [`kept`](Self::kept) wrote, or the plain JSON of an earlier version.
    ///
    /// # Errors
    /// It is neither.
    pub fn from_kept(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(&Shorthand::LIFECYCLE.read(text))
    }
}

impl Connection {
    /// The connection as the record of `request` keeps it.
    #[must_use]
    pub fn kept(&self, request: &AllocationRequest) -> String {
        let mut text = String::new();
        let mut rest = match self.beside(request) {
            Some(rest) => {
                text.push(AS_ASKED);
                rest
            }
            None => self.clone(),
        };
        if rest.aws_device_v2 == rest.aws_device && rest.provider_name == rest.partner_name {
            text.push(RENAMED);
            (rest.aws_device_v2, rest.provider_name) = (None, None);
        }
        text.push_str(&Shorthand::CONNECTION.write(&text_of(&rest)));
        text
    }

    /// Reads what [`kept`](Self::kept) wrote in a record of `request`, or the plain JSON of an earlier version.
    ///
    /// # Errors
    /// It is neither.
    pub fn from_kept(text: &str, request: &AllocationRequest) -> Result<Self, serde_json::Error> {
        let rest = text.strip_prefix(AS_ASKED);
        let is_as_asked = rest.is_some();
        let text = rest.unwrap_or(text);
        let rest = text.strip_prefix(RENAMED);
        let is_renamed = rest.is_some();
        let json = Shorthand::CONNECTION.read(rest.unwrap_or(text));
        let mut connection: Self = serde_json::from_str(&json)?;
        if is_as_asked {
            connection.complete(request);
        }
        if is_renamed {
            connection.aws_device_v2.clone_from(&connection.aws_device);
            connection
                .provider_name
                .clone_from(&connection.partner_name);
        }
        Ok(connection)
    }

    /// All of it that `request` does not say; none where it lacks something that the request has, which could not be told from
    /// what is left out.
    fn beside(&self, request: &AllocationRequest) -> Option<Self> {
        let mut rest = self.clone();
        leave_out(&mut rest.owner_account, Some(owner(request)))?;
        leave_out(&mut rest.connection_name, Some(name(request)))?;
        leave_out(&mut rest.bandwidth, Some(bandwidth(request)))?;
        leave_out(&mut rest.vlan, vlan(request))?;
        leave_out(&mut rest.tags, tags(request))?;
        Some(rest)
    }

    fn complete(&mut self, request: &AllocationRequest) {
        self.owner_account.get_or_insert_with(|| owner(request));
        self.connection_name.get_or_insert_with(|| name(request));
        self.bandwidth.get_or_insert_with(|| bandwidth(request));
        self.vlan = self.vlan.or_else(|| vlan(request));
        if self.tags.is_none() {
            self.tags = tags(request);
        }
    }
}

fn leave_out<T: PartialEq>(member: &mut Option<T>, asked: Option<T>) -> Option<()> {
    if asked.is_none() {
        return Some(());
    }
    if member.is_none() {
        return None;
    }
    if *member == asked {
        *member = None;
    }
    Some(())
}

fn owner(request: &AllocationRequest) -> String {
    request.owner_account.as_str().to_owned()
}

fn name(request: &AllocationRequest) -> String {
    request.connection_name.as_str().to_owned()
}

fn bandwidth(request: &AllocationRequest) -> String {
    request.bandwidth.to_string()
}

fn vlan(request: &AllocationRequest) -> Option<i32> {
    request.vlan.map(|vlan| i32::from(vlan.get()))
}

fn tags(request: &AllocationRequest) -> Option<Vec<Tag>> {
    let tags: Vec<Tag> = request.tags.iter().cloned().collect();
    (!tags.is_empty()).then_some(tags)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn request(vlan: &str, tags: &str) -> AllocationRequest {
        let text = format!(
            r#"{{"connectionId":"dxcon-ffabc123","ownerAccount":"111122223333","bandwidth":"100Mbps","connectionName":"Example Corp"{vlan},"tags":{tags}}}"#
        );
        AllocationRequest::from_stored_json(&text).unwrap()
    }

    fn requests() -> [AllocationRequest; 3] {
        let tags = r#"[{"key":"order","value":"1001"},{"key":"bare"}]"#;
        [
            request(r#","vlan":101"#, tags),
            request("", tags),
            request("", "[]"),
        ]
    }

    #[test]
    fn what_was_asked_for_is_left_out_and_comes_back() {
        let [request, _, _] = requests();
        let connection: Connection = serde_json::from_value(json!({
            "ownerAccount": "111122223333", "connectionId": "dxcon-fgh01abc", "connectionName": "Example Corp",
            "connectionState": "ordering", "bandwidth": "100Mbps", "vlan": 101,
            "tags": [{"key": "order", "value": "1001"}, {"key": "bare"}],
        }))
        .unwrap();
        let kept = connection.kept(&request);
        assert_eq!(kept, "~=\u{1}{\u{3}\"dxcon-fgh01abc\",\u{5}\"ordering\"}");
        assert_eq!(Connection::from_kept(&kept, &request).unwrap(), connection);
    }

    #[test]
    fn requests_and_origins_come_back_from_short_and_from_plain_json() {
        for request in requests() {
            for text in [request.kept(), request.to_json()] {
                assert_eq!(AllocationRequest::from_kept(&text).unwrap(), request);
            }
        }
        let plain =
            r#"{"door":"sqs","messageId":"m-1","queueArn":"arn:aws:sqs:us-east-1:1:orders"}"#;
        let origin = Origin::from_kept(plain).unwrap();
        assert!(origin.kept().len() < plain.len());
        assert_eq!(Origin::from_kept(&origin.kept()).unwrap(), origin);
    }

    #[test]
    fn earlier_versions_wrote_plain_json_or_all_of_it_short() {
        let [request, _, _] = requests();
        let json = r#"{"connectionId":"dxcon-1"}"#;
        for text in [json, &Shorthand::CONNECTION.write(json)] {
            let read = Connection::from_kept(text, &request).unwrap();
            assert_eq!(text_of(&read), json);
        }
        assert!(Connection::from_kept("~", &request).is_err());
    }

    proptest! {
        /// What it lacks, has otherwise or has in another order included.
        #[test]
        fn every_connection_comes_back_as_it_was(
            owner in prop::option::of(prop::sample::select(vec!["111122223333", "999999999999"])),
            name in prop::option::of(prop::sample::select(vec!["Example Corp", "", "vlan\":1"])),
            bandwidth in prop::option::of(prop::sample::select(vec!["100Mbps", "0.1Gbps"])),
            vlan in prop::option::of(prop::sample::select(vec![101, 102])),
            tags in prop::option::of(prop::sample::select(vec![
                json!([]), json!([{"key": "bare"}]), json!([{"key": "order", "value": "1001"}, {"key": "bare"}]),
            ])),
            names in prop::collection::vec(prop::option::of(prop::sample::select(vec!["one", "another"])), 4),
            of in 0_usize..3,
        ) {
            let request = &requests()[of];
            let connection = Connection {
                owner_account: owner.map(str::to_owned),
                connection_name: name.map(str::to_owned),
                bandwidth: bandwidth.map(str::to_owned),
                vlan,
                tags: tags.map(|tags| serde_json::from_value(tags).unwrap()),
                connection_id: Some("dxcon-1".to_owned()),
                aws_device: names[0].map(str::to_owned),
                aws_device_v2: names[1].map(str::to_owned),
                partner_name: names[2].map(str::to_owned),
                provider_name: names[3].map(str::to_owned),
                ..Connection::default()
            };
            let kept = connection.kept(request);
            prop_assert_eq!(Connection::from_kept(&kept, request).unwrap(), connection);
        }
    }
}
