//! What is to become of all wanted connections.

use hosted_connection::{IdempotencyKey, ParentConnection, Vlan};
use ledger::{Record, Services};

use crate::judge::{Verdict, Wish, sharing};
use crate::list::{Line, Wanted, repeated};
use crate::survey::{Failure, Survey};

/// What is to become of the wanted connections of a parent, and then what became of them.
pub struct Plan {
    /// One for each, in the order of the file or of their ids.
    pub items: Vec<Item>,
    pub(crate) survey: Survey,
    /// What is to be written, by place in `items`.
    pub(crate) wishes: Vec<(usize, Wish)>,
    /// Records that are there and whose event may not be out.
    pub(crate) untold: Vec<Record>,
}

/// A wanted connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Its line in the file, if there is one.
    pub line: Option<usize>,
    /// The connection.
    pub connection_id: String,
    /// The key that it is to be known under.
    pub key: IdempotencyKey,
    /// Its VLAN, where that is shown.
    pub vlan: Option<Vlan>,
    /// What becomes of it.
    pub fate: Fate,
}

/// What becomes of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// It is to get a record. When all is done: it was not got to.
    ToBeAdopted,
    /// It has got a record.
    Adopted,
    /// It had this record before.
    Unchanged,
    /// Nothing is written, for this reason.
    Refused(String),
}

impl Plan {
    /// Finds out what is to become of the `wanted` connections on `parent`. Only reads.
    ///
    /// # Errors
    /// Something could not be read.
    pub async fn of(
        aws: &Services,
        parent: &ParentConnection,
        wanted: &Wanted,
    ) -> Result<Self, Failure> {
        let survey = Survey::of(aws, parent, wanted).await?;
        let mut plan = Self {
            items: Vec::new(),
            survey,
            wishes: Vec::new(),
            untold: Vec::new(),
        };
        match wanted {
            Wanted::Orphans => plan.add_orphans(),
            Wanted::These(lines) => plan.add_lines(lines),
        }
        plan.refuse_shared_vlans();
        Ok(plan)
    }

    /// How many of them that became of.
    #[must_use]
    pub fn count(&self, of: impl Fn(&Fate) -> bool) -> usize {
        self.items.iter().filter(|item| of(&item.fate)).count()
    }

    fn add_orphans(&mut self) {
        let mut ids: Vec<_> = self.survey.shown().map(|(id, _)| id.to_owned()).collect();
        ids.sort_unstable();
        for id in ids {
            let key = IdempotencyKey::from_stored(&id);
            match self.survey.judge(&id, &key) {
                // An order's, or adopted under another key: no orphan.
                Verdict::KnownAs(_) => {}
                verdict => self.add(None, id, key, verdict),
            }
        }
    }

    fn add_lines(&mut self, lines: &[Line]) {
        let mut repeated = repeated(lines);
        for line in lines {
            let verdict = match repeated.remove(&line.number) {
                Some(reason) => Verdict::Refused(reason),
                None => self.survey.judge(&line.connection_id, &line.key),
            };
            let (id, key) = (line.connection_id.clone(), line.key.clone());
            self.add(Some(line.number), id, key, verdict);
        }
    }

    fn add(&mut self, line: Option<usize>, id: String, key: IdempotencyKey, verdict: Verdict) {
        let connection = self.survey.of_id(&id);
        let vlan = connection.and_then(allocation::vlan_of);
        let fate = match verdict {
            Verdict::Adopt(wish) => {
                self.wishes.push((self.items.len(), *wish));
                Fate::ToBeAdopted
            }
            Verdict::Known(record) => {
                if !record.published {
                    self.untold.push(*record);
                }
                Fate::Unchanged
            }
            Verdict::KnownAs(other) => Fate::Refused(known_as(&other)),
            Verdict::Refused(reason) => Fate::Refused(reason),
        };
        self.items.push(Item {
            line,
            connection_id: id,
            key,
            vlan,
            fate,
        });
    }

    fn refuse_shared_vlans(&mut self) {
        let wishes = self.wishes.iter().map(|(index, wish)| {
            let id = wish.connection.connection_id.clone();
            (*index, wish.vlan, id.unwrap_or_default())
        });
        let sharing = sharing(&wishes.collect::<Vec<_>>());
        self.wishes
            .retain(|(index, _)| !sharing.contains_key(index));
        for (index, reason) in sharing {
            if let Some(item) = self.items.get_mut(index) {
                item.fate = Fate::Refused(reason);
            }
        }
    }
}

pub(crate) fn known_as(other: &IdempotencyKey) -> String {
    format!("the connection is known under another key, {other}")
}
