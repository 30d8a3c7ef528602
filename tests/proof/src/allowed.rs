//! How an order may end without a connection in spite of all care, because of what came between.

use local_cloud::FaultKind;

use crate::happening::Happening;
use crate::incident::is_direct_connects;
use crate::manner::Manner;

/// What may become of an order in spite of all care, because of what came between.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Allowed {
    /// Direct Connect may have refused it for good. Then there is no connection.
    pub(crate) refused: bool,
    /// Its VLAN may have turned out to be in use by hand. Then there is no connection either.
    pub(crate) taken: bool,
    /// Only a person can tell what became of it. Then nothing is told, and nothing called for again.
    pub(crate) open: bool,
    /// Whether tracking has more to do than to watch.
    pub(crate) tracked: bool,
}

impl Allowed {
    /// By what happens, and what was hit: a refusal of a call that was not applied is Direct Connect's word, and so is what
    /// a member of a LAG says that is not allocated on.
    pub(crate) fn by<'a>(
        manner: Manner,
        happenings: impl Iterator<Item = &'a Happening>,
        hits: &[(String, String)],
    ) -> Self {
        let refusal = FaultKind::ClientExceptionBefore.to_string();
        let mut allowed = Self {
            refused: hits
                .iter()
                .any(|(fault, operation)| *fault == refusal && is_direct_connects(operation)),
            // An order whose call had no answer may not go to another VLAN, and this one is in use by hand.
            taken: manner == Manner::Misremembered,
            ..Self::default()
        };
        for happening in happenings {
            match happening {
                Happening::JoinLag => allowed.refused = true,
                Happening::Move => allowed.open = true,
                Happening::Transition | Happening::Come | Happening::Go => {}
            }
            allowed.tracked = true;
        }
        allowed
    }

    /// Whether a final no is an answer that the order may get.
    pub(crate) fn is_no(self) -> bool {
        self.refused || self.taken
    }

    /// Whether it may be for that reason.
    pub(crate) fn is_reason(self, code: &str) -> bool {
        code == "RefusedByDirectConnect" || self.taken && code == "VlanInUse"
    }
}
