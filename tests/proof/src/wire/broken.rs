//! Sends a request in a way that breaks a safeguard: rewritten, later, in parts, again, or with its answer rewritten.

mod another_vlan;

use std::time::Duration;

use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use serde_json::{Value, json};

use super::{Line, answers, json, requests};
use crate::sabotage::Sabotage;

/// What is remembered of a process.
#[derive(Debug, Default)]
pub(super) struct Memory {
    /// A write that was answered, and that is still to be sent.
    late: Option<HttpRequest>,
    /// The VLAN of the last refused allocation.
    refused: Option<Value>,
    /// The VLAN that the order was moved to without the process knowing.
    moved_to: Option<u16>,
}

/// Sends of one request by an SDK that retries.
const SENDS: usize = 3;
/// The pause between two of them.
const BACKOFF: Duration = Duration::from_millis(500);

type Answer = Result<HttpResponse, ConnectorError>;

impl Line {
    /// Sends one request as it would be without that safeguard.
    pub(super) async fn send_without(&self, sabotage: Sabotage, request: HttpRequest) -> Answer {
        let operation = json::operation(&request).to_owned();
        let is_call = operation == "AllocateHostedConnection";
        match sabotage {
            // The configuration breaks it, or the table of transitions.
            Sabotage::SettleTime | Sabotage::OneRecord => self.send(request).await,
            Sabotage::Fencing => self.send_rewritten(request, requests::without_fence).await,
            Sabotage::MomentOfCall => self.send_rewritten(request, requests::without_moment).await,
            Sabotage::OwedUntilPublished => self.send_rewritten(request, requests::with_mark).await,
            Sabotage::Retention => self.send_rewritten(request, requests::with_expiry).await,
            Sabotage::ClaimBeforeCall => {
                let is_late = self.is_new_claim(&request);
                self.send_late(request, is_late, is_call).await
            }
            Sabotage::RecordBeforePublish => {
                let is_late = requests::records_outcome(&operation, &mut json::of(request.body()));
                self.send_late(request, is_late, operation == "PutEvents")
                    .await
            }
            Sabotage::LeaseInClaim => self.send_in_parts(request, requests::is_lease).await,
            Sabotage::SaleInClaim => self.send_in_parts(request, requests::is_sale).await,
            Sabotage::SingleSend if is_call => self.send_again(request).await,
            Sabotage::UnknownOutcome if is_call => answers::as_not_made(self.send(request).await),
            Sabotage::Classification if is_call => answers::as_refusal(self.send(request).await?),
            Sabotage::SingleSend | Sabotage::UnknownOutcome | Sabotage::Classification => {
                self.send(request).await
            }
            Sabotage::SameVlan => self.send_with_another_vlan(request).await,
            Sabotage::OldItem => self.send_and(request, answers::without_old_items).await,
            Sabotage::OwnWrite => {
                let asked = json::of(request.body());
                self.send_and(request, |answer| {
                    answers::with_foreign_token(&asked, answer)
                })
                .await
            }
            Sabotage::AllPages => self.send_and(request, answers::without_next_page).await,
            Sabotage::OneParent => self.send_and(request, answers::leave_one_parent).await,
            Sabotage::RefusalFinal if is_call => self.send_and_remember(request).await,
            Sabotage::RefusalFinal => {
                let refused = self.memory().refused.clone();
                self.send_and(request, |answer| {
                    if let Some(vlan) = &refused {
                        answers::hide(vlan, answer);
                    }
                })
                .await
            }
        }
    }

    /// Sends a request, and rewrites what it is answered.
    async fn send_and(&self, request: HttpRequest, change: impl FnOnce(&mut Value)) -> Answer {
        let mut response = self.send(request).await?;
        json::rewrite(&mut response, change);
        Ok(response)
    }

    /// Sends an allocation, and remembers its VLAN if it is refused.
    async fn send_and_remember(&self, request: HttpRequest) -> Answer {
        let vlan = json::of(request.body())["vlan"].take();
        let response = self.send(request).await?;
        let is_refused = json::code(&response) == "DirectConnectClientException";
        self.memory().refused = is_refused.then_some(vlan);
        Ok(response)
    }

    async fn send_rewritten(
        &self,
        request: HttpRequest,
        change: impl FnOnce(&str, &mut Value),
    ) -> Answer {
        let mut body = json::of(request.body());
        change(json::operation(&request), &mut body);
        self.send(json::with_body(request, &body)).await
    }

    /// Whether the request claims a key that has no record yet. One that has is told so, as ever.
    fn is_new_claim(&self, request: &HttpRequest) -> bool {
        let body = json::of(request.body());
        let items = self.wire.cloud.table_items().unwrap_or_default();
        requests::claimed(&body)
            .is_some_and(|record| !items.iter().any(|item| item["pk"] == record["pk"]))
    }

    /// Answers a write that comes too early, and sends it when what should follow it has been answered.
    async fn send_late(&self, request: HttpRequest, is_late: bool, is_next: bool) -> Answer {
        if is_late {
            self.memory().late = Some(request);
            return json::answer(&json!({}));
        }
        let answer = self.send(request).await;
        let late = self.memory().late.take_if(|_| is_next);
        if let Some(late) = late {
            // The process does not hear how it ended.
            drop(self.send_again(late).await);
        }
        answer
    }

    /// Sends a claim's transaction without the action that `is_apart`, and then that action in one of its own.
    async fn send_in_parts(&self, request: HttpRequest, is_apart: fn(&Value) -> bool) -> Answer {
        let mut body = json::of(request.body());
        let is_claim = requests::claimed(&body).is_some();
        let actions = answers::list(&mut body, "TransactItems");
        let apart = actions.filter(|_| is_claim).and_then(|actions| {
            let index = actions.iter().position(is_apart)?;
            Some((index, actions.remove(index)))
        });
        let (Some((index, action)), Some(second)) = (apart, request.try_clone()) else {
            return self.send(request).await;
        };
        let others = body["TransactItems"].as_array().map_or(0, Vec::len);
        let mut answer = self.send(json::with_body(request, &body)).await?;
        if !answer.status().is_success() {
            json::rewrite(&mut answer, |answer| {
                if let Some(reasons) = answers::list(answer, "CancellationReasons") {
                    reasons.insert(index.min(reasons.len()), json!({"Code": "None"}));
                }
            });
            return Ok(answer);
        }
        let alone = json!({"TransactItems": [action]});
        let mut answer = self.send(json::with_body(second, &alone)).await?;
        json::rewrite(&mut answer, |answer| {
            if let Some(reasons) = answers::list(answer, "CancellationReasons") {
                let before = vec![json!({"Code": "None"}); index];
                reasons.splice(0..0, before);
                reasons.resize(others + 1, json!({"Code": "None"}));
            }
        });
        Ok(answer)
    }

    /// As an SDK that retries.
    async fn send_again(&self, request: HttpRequest) -> Answer {
        for _ in 1..SENDS {
            let Some(copy) = request.try_clone() else {
                break;
            };
            let answer = self.send(copy).await;
            if !answers::is_retryable(&answer) {
                return answer;
            }
            tokio::time::sleep(BACKOFF).await;
        }
        self.send(request).await
    }
}
