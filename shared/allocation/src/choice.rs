//! What an order without a VLAN can be given, at all ids of its place.

use aws::direct_connect::ReadError;
use hosted_connection::{Order, ParentConnection};
use ledger::Claim;

use crate::attempt::Attempt;
use crate::vlan::{Choice, choice_on};

impl Attempt<'_> {
    /// What there is to choose from where a claim's parent is.
    pub(crate) async fn choice_for(
        &self,
        claim: &Claim,
        aliases: &[ParentConnection],
    ) -> Result<Choice, ReadError> {
        if !self.chooses_parent() {
            return self.choice(aliases).await;
        }
        let order = Order {
            key: claim.key.clone(),
            request: claim.request.clone(),
        };
        let placed = Attempt {
            order: &order,
            ..*self
        };
        placed.choice(aliases).await
    }

    /// What there is to choose from: VLANs that are neither leased nor shown in use, on the order's parent and under the
    /// other ids of its place.
    pub(crate) async fn choice(&self, aliases: &[ParentConnection]) -> Result<Choice, ReadError> {
        let elsewhere = !aliases.is_empty();
        let (mut choice, lag) = choice_on(self.aws, self.rules, self.parent()?, elsewhere).await?;
        let lag = lag.filter(|lag| !aliases.contains(lag));
        for alias in aliases.iter().chain(&lag) {
            choice.and(choice_on(self.aws, self.rules, alias, elsewhere).await?.0);
        }
        Ok(choice)
    }
}
