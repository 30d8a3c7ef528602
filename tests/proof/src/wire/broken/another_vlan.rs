//! An automatic order whose call is made again goes to another VLAN: its record and its lease move there in the write that
//! notes the call, and the call with them. The process does not know, and is not told by what it is answered.

use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use hosted_connection::AllocationRequest;
use serde_json::{Value, json};

use super::{Answer, Line};
use crate::wire::{json, requests};

impl Line {
    pub(super) async fn send_with_another_vlan(&self, request: HttpRequest) -> Answer {
        let mut body = json::of(request.body());
        match json::operation(&request) {
            "UpdateItem" if requests::calls_again(&body) => match self.other_lease(&body) {
                Some((before, after)) => self.move_order(request, body, &before, &after).await,
                None => self.send(request).await,
            },
            "AllocateHostedConnection" => {
                let moved_to = self.memory().moved_to;
                let Some(vlan) = moved_to else {
                    return self.send(request).await;
                };
                body["vlan"] = vlan.into();
                let mut answer = self.send(json::with_body(request, &body)).await?;
                json::rewrite(&mut answer, |answer| {
                    if let Some(connection) = answer.as_object_mut() {
                        connection.remove("vlan");
                    }
                });
                Ok(answer)
            }
            _ => self.send(request).await,
        }
    }

    /// The lease of an automatic order that has been called for with its VLAN, and the one to move to.
    fn other_lease(&self, update: &Value) -> Option<(Value, Value)> {
        let cloud = &self.wire.cloud;
        let items = cloud.table_items().ok()?;
        let record = items
            .iter()
            .find(|item| item["pk"] == update["Key"]["pk"])?;
        let asked = AllocationRequest::from_kept(record["orderRequest"]["S"].as_str()?).ok()?;
        let vlan: u16 = record["vlan"]["N"].as_str()?.parse().ok()?;
        let requests = cloud.requests();
        let was_called = requests.iter().any(|request| {
            request.operation == "AllocateHostedConnection" && request.body["vlan"] == vlan
        });
        if asked.vlan.is_some() || !was_called {
            return None;
        }
        let key = record["pk"]["S"].as_str()?.strip_prefix("allocation#")?;
        let before = items.iter().find(|item| item["holder"]["S"] == key)?;
        let mut after = before.clone();
        after["sk"]["S"] = format!("vlan#{:04}", vlan % 4094 + 1).into();
        Some((before.clone(), after))
    }

    async fn move_order(
        &self,
        request: HttpRequest,
        mut update: Value,
        before: &Value,
        after: &Value,
    ) -> Answer {
        let table = update["TableName"].clone();
        let vlan = after["sk"]["S"].as_str().unwrap_or_default();
        let vlan = vlan.trim_start_matches("vlan#").parse().ok();
        if let (Some(update), Some(vlan)) = (update.as_object_mut(), vlan) {
            requests::set(update, "vlan", json!({"N": u16::to_string(&vlan)}));
            // Only single updates give it back.
            update.remove("ReturnValues");
        }
        let key = json!({"pk": before["pk"], "sk": before["sk"]});
        let moved = json!({"TransactItems": [
            {"Update": update},
            {"Put": {"TableName": table, "Item": after}},
            {"Delete": {"TableName": table, "Key": key}},
        ]});
        let request = json::with_operation(request, "TransactWriteItems");
        let answer = self.send(json::with_body(request, &moved)).await?;
        if answer.status().is_success() {
            self.memory().moved_to = vlan;
            return json::answer(&json!({}));
        }
        let body = json::of(answer.body());
        match body["CancellationReasons"][0].get("Item") {
            Some(item) => json::error("ConditionalCheckFailedException", json!({"Item": item})),
            None => Ok(answer),
        }
    }
}
