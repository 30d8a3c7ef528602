//! Plays what an operator does to connections that no order made.

use adoption::{Adopter, Fate, Item, Line, Plan, Wanted};
use aws::Clock;
use hosted_connection::{IdempotencyKey, ParentConnection};
use ledger::Services;
use local_cloud::HostedConnection;

use super::{Delivery, Stage};
use crate::command::{
    day::{
        decision::Decision,
        script::{ByHand, Expected, INTERCONNECT},
    },
    failure::Failure,
    functions::{self, Settings},
    happened::Moment,
};

impl Stage {
    /// Adopts connections, as `operator adopt PARENT --file FILE` does.
    pub(super) async fn adopt(
        &mut self,
        caption: &'static str,
        by_hand: Vec<ByHand>,
    ) -> Result<(), Failure> {
        let mut made = Vec::new();
        let mut lines = Vec::new();
        for (number, wanted) in (2..).zip(&by_hand) {
            let connection = wanted.make(&self.cloud)?;
            lines.push(Line {
                number,
                connection_id: connection.id.clone(),
                key: IdempotencyKey::from_stored(wanted.key),
            });
            made.push(connection);
        }
        let before = Moment::now(&self.cloud);
        let items = self.adopt_all(Wanted::These(lines)).await?;
        let happened: std::sync::Arc<_> = before.since(&self.cloud).into();
        for ((wanted, connection), item) in by_hand.iter().zip(made).zip(items) {
            self.deliveries.push(Delivery {
                caption,
                key: Some(wanted.key.to_owned()),
                body: wanted.request().to_string(),
                expected: Some(Expected::Adopted),
                decision: became(connection, item.fate),
                happened: happened.clone(),
            });
        }
        Ok(())
    }

    async fn adopt_all(&self, wanted: Wanted) -> Result<Vec<Item>, Failure> {
        let config = functions::config(&self.cloud, &Settings::default())?;
        let aws = Services::new(&config, self.cloud.http_client(), Clock::system());
        let Ok(parent) = ParentConnection::parse(INTERCONNECT) else {
            return Err(Failure::Ledger(format!("{INTERCONNECT} is no parent")));
        };
        let mut plan = match Plan::of(&aws, &parent, &wanted).await {
            Ok(plan) => plan,
            Err(adoption::Failure::Call(error)) => return Err(Failure::Ledger(error.to_string())),
            Err(adoption::Failure::NotShown(message)) => return Err(Failure::Ledger(message)),
        };
        let adopter = Adopter::new(aws, config.rules, "operator-adopt".to_owned());
        match adopter.carry_out(&mut plan, &|_| {}).await.failed {
            None => Ok(plan.items),
            Some(error) => Err(Failure::Ledger(error.to_string())),
        }
    }
}

fn became(connection: HostedConnection, fate: Fate) -> Decision {
    match fate {
        Fate::Adopted => Decision::Adopted { connection },
        Fate::Refused(reason) => Decision::Unclear(reason),
        Fate::ToBeAdopted => Decision::Unclear("the adoption did not get to it".to_owned()),
        Fate::Unchanged => Decision::Unclear("it had a record before".to_owned()),
    }
}
