//! Plays what comes after an order: what others do to its connection, runs of the track function, releases.

use aws::Clock;
use hosted_connection::{ParentConnection, ParentPolicy};
use http::Method;
use ledger::Services;
use local_cloud::BusEvent;
use serde_json::{Value, json};

use super::{Delivery, Stage};
use crate::command::{
    day::{
        decision::{self, Decision},
        script::{Again, Expected, Order, Switch},
    },
    failure::Failure,
    functions::{self, Settings},
    happened::Moment,
};

impl Stage {
    /// Sets a policy, as `local policy set` does.
    pub(super) async fn set_policy(
        &mut self,
        caption: &'static str,
        parent: &str,
        policy: &Value,
    ) -> Result<(), Failure> {
        let before = Moment::now(&self.cloud);
        let config = functions::config(&self.cloud, &Settings::default())?;
        let ledger = Services::new(&config, self.cloud.http_client(), Clock::system()).ledger;
        let set = match (
            ParentConnection::parse(parent),
            ParentPolicy::parse(policy.to_string().as_bytes()),
        ) {
            (Ok(parent), Ok(policy)) => ledger.set_policy(&parent, &policy).await,
            (_, _) => return Err(Failure::Ledger(format!("{policy} is no policy"))),
        };
        let state = set.map_err(|error| Failure::Ledger(error.to_string()))?;
        self.deliveries.push(Delivery {
            caption,
            key: None,
            body: json!({"connectionId": parent}).to_string(),
            expected: Some(Expected::PolicySet),
            decision: Decision::PolicySet {
                sellable_mbps: state.policy.sellable_mbps(),
            },
            happened: before.since(&self.cloud).into(),
        });
        Ok(())
    }

    /// Asks what an order would come to.
    pub(super) async fn forecast(
        &mut self,
        caption: &'static str,
        order: Order,
    ) -> Result<(), Failure> {
        let decided = |answer: &_, _: &_| decision::of_forecast(answer);
        let uri = "/allocations?dryRun=true";
        self.posted(caption, uri, order, decided).await
    }

    /// Gives the connection of an order back.
    pub(super) async fn release(
        &mut self,
        caption: &'static str,
        again: Again,
    ) -> Result<(), Failure> {
        let uri = format!("/allocations/{}", again.key);
        let (answer, happened) = self.http(Method::DELETE, &uri, None, "").await?;
        self.deliveries.push(Delivery {
            caption,
            body: self.ordered(again.key),
            key: Some(again.key.to_owned()),
            expected: Some(again.expected),
            decision: decision::of_release(&answer),
            happened,
        });
        Ok(())
    }

    /// Does to connections what others do, and has the track function find out.
    pub(super) async fn track(
        &mut self,
        caption: &'static str,
        meanwhile: Vec<(&'static str, Switch)>,
        changes: Vec<Again>,
    ) -> Result<(), Failure> {
        for (key, switch) in meanwhile {
            if let Some(connection) = self.first_answer(Some(key)) {
                switch(&self.cloud, &connection.id)?;
            }
        }
        let event = json!({"detail-type": "Scheduled Event", "source": "aws.events"});
        let (answer, happened) = self.invoke(&event).await?;
        let told: Vec<_> = happened
            .events
            .iter()
            .filter(|event| is_change(event))
            .collect();
        let key = |event: &BusEvent| event.detail["idempotencyKey"].as_str().map(str::to_owned);
        let untold = changes
            .iter()
            .filter(|change| {
                !told
                    .iter()
                    .any(|event| key(event).as_deref() == Some(change.key))
            })
            .map(|change| (Some(change.key.to_owned()), unheard_of(&answer)));
        let all: Vec<_> = told
            .iter()
            .map(|event| (key(event), decision::of_change(event)))
            .chain(untold)
            .collect();
        for (key, decision) in all {
            let expected = changes
                .iter()
                .find(|change| Some(change.key) == key.as_deref())
                .map(|change| change.expected);
            self.deliveries.push(Delivery {
                caption,
                body: self.ordered(key.as_deref().unwrap_or_default()),
                key,
                expected,
                decision,
                happened: happened.clone(),
            });
        }
        Ok(())
    }

    /// The order of this key as it was sent when it led to a connection, or as it would have been sent.
    fn ordered(&self, key: &str) -> String {
        let allocated = self.deliveries.iter().find(|delivery| {
            delivery.key.as_deref() == Some(key)
                && matches!(
                    delivery.decision,
                    Decision::Allocated { .. } | Decision::Adopted { .. }
                )
        });
        allocated.map_or_else(String::new, |delivery| delivery.body.clone())
    }
}

fn is_change(event: &BusEvent) -> bool {
    event.detail_type == "Hosted Connection State Changed"
}

fn unheard_of(answer: &Result<Value, String>) -> Decision {
    Decision::Unclear(match answer {
        Ok(report) => format!("no change was published: {report}"),
        Err(message) => message.clone(),
    })
}
