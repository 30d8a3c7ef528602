//! Processes that a fault has killed. The cloud cannot end anybody's process: it tells the test, which drops the
//! worker's future, and that is what a killed process looks like from outside.

use std::{collections::BTreeMap, future::Future};

use crate::Cloud;

impl Cloud {
    /// Done as soon as a fault kills `worker`, counted from this call, not from the first poll. The worker's pending
    /// requests are never answered; the caller has to drop whatever is waiting for them.
    pub fn killed(&self, worker: &str) -> impl Future<Output = ()> + Send + use<> {
        let worker = worker.to_owned();
        let mut kills = self.kills().subscribe();
        let count = move |kills: &BTreeMap<String, u64>| kills.get(&worker).copied().unwrap_or(0);
        let before = count(&kills.borrow());
        async move {
            // An error means that the cloud is gone, and nobody will ever be killed by it.
            if kills.wait_for(|kills| count(kills) > before).await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    /// Runs `work` as the process of `worker`: `None` when a fault killed it, and then `work` has been dropped.
    pub async fn run_until_killed<T>(
        &self,
        worker: &str,
        work: impl Future<Output = T>,
    ) -> Option<T> {
        let killed = self.killed(worker);
        tokio::select! {
            biased;
            () = killed => None,
            done = work => Some(done),
        }
    }

    /// Kills the process of `worker` from outside, whatever it is doing.
    pub fn kill(&self, worker: &str) {
        self.kills()
            .send_modify(|kills| *kills.entry(worker.to_owned()).or_default() += 1);
    }
}
