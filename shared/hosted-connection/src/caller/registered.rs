//! All callers together: who somebody is, and whether any two get in each other's way.
//!
//! What stands in the table may have been written by hand. So two callers that share a principal, or of which one's prefix
//! begins with the other's, are both no callers until that is mended: nobody may get at anybody else's orders by it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Caller, Identity};

/// Every registered caller.
#[derive(Debug, Clone, Default)]
pub struct Callers {
    entries: BTreeMap<String, Entry>,
    /// The name of the caller with that principal; the first one's, if there are two.
    by_principal: BTreeMap<String, String>,
}

#[derive(Debug, Clone)]
struct Entry {
    caller: Option<Arc<Caller>>,
    /// Why it cannot be gone by.
    fault: Option<String>,
}

/// A caller that cannot be gone by. For operators: it names callers.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("caller {name} {fault}; mend it with `operator caller set`")]
pub struct CallerFault {
    /// The caller.
    pub name: String,
    /// What is wrong with it.
    pub fault: String,
}

impl Callers {
    /// The callers of these names; where what is kept is no caller, why.
    pub fn of(kept: impl IntoIterator<Item = (String, Result<Caller, String>)>) -> Self {
        let entry = |caller: Result<Caller, String>| match caller {
            Ok(caller) => Entry {
                caller: Some(Arc::new(caller)),
                fault: None,
            },
            Err(why) => Entry {
                caller: None,
                fault: Some(format!("is not readable as a caller: {why}")),
            },
        };
        let entries = kept
            .into_iter()
            .map(|(name, caller)| (name, entry(caller)))
            .collect();
        let mut callers = Self {
            entries,
            by_principal: BTreeMap::new(),
        };
        callers.find_shared_principals();
        callers.find_overlapping_prefixes();
        callers
    }

    /// The caller that `identity` is; `None` when it is none.
    ///
    /// # Errors
    /// It cannot be told: a caller that it is, or may be, cannot be gone by.
    pub fn find(&self, identity: &Identity) -> Result<Option<Arc<Caller>>, CallerFault> {
        let mut names = identity
            .names()
            .filter_map(|name| self.by_principal.get(name));
        let Some(name) = names.next() else {
            // It may be the one that nobody can read.
            return self.unreadable().map_or(Ok(None), Err);
        };
        if let Some(other) = names.find(|other| *other != name) {
            return Err(CallerFault {
                name: name.clone(),
                fault: format!("is the same principal as caller {other}"),
            });
        }
        match self.fault(name) {
            Some(fault) => Err(fault),
            None => Ok(self.get(name).cloned()),
        }
    }

    /// The caller of this name, be it one to go by or not.
    pub fn get(&self, name: &str) -> Option<&Arc<Caller>> {
        self.entries.get(name)?.caller.as_ref()
    }

    /// Every name that is taken, with its caller, where that is readable, and why it cannot be gone by.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Option<&Caller>, Option<&str>)> {
        self.entries.iter().map(|(name, entry)| {
            let caller = entry.caller.as_deref();
            (name.as_str(), caller, entry.fault.as_deref())
        })
    }

    /// The same callers, with `caller` under `name`.
    #[must_use]
    pub fn with(&self, name: &str, caller: Caller) -> Self {
        let others = self.entries.iter().filter(|(known, _)| *known != name);
        let kept = |entry: &Entry| {
            let why = || entry.fault.clone().unwrap_or_default();
            entry.caller.as_deref().cloned().ok_or_else(why)
        };
        let others = others.map(|(known, entry)| (known.clone(), kept(entry)));
        Self::of(others.chain([(name.to_owned(), Ok(caller))]))
    }

    /// Why the caller of this name cannot be gone by.
    pub fn fault(&self, name: &str) -> Option<CallerFault> {
        let fault = self.entries.get(name)?.fault.clone()?;
        Some(CallerFault {
            name: name.to_owned(),
            fault,
        })
    }

    fn unreadable(&self) -> Option<CallerFault> {
        let is_unreadable = |(_, entry): &(&String, &Entry)| entry.caller.is_none();
        let (name, _) = self.entries.iter().find(is_unreadable)?;
        self.fault(name)
    }

    fn find_shared_principals(&mut self) {
        let mut shared = Vec::new();
        for (name, entry) in &self.entries {
            for principal in entry.caller.iter().flat_map(|caller| caller.principals()) {
                let known = self.by_principal.get(principal.as_str());
                match known {
                    Some(other) => shared.push((name.clone(), other.clone(), principal.clone())),
                    None => {
                        let principal = principal.as_str().to_owned();
                        self.by_principal.insert(principal, name.clone());
                    }
                }
            }
        }
        for (one, other, principal) in shared {
            let has = |name: &str| format!("has the principal {principal}, and so has {name}");
            self.blame(&one, has(&other));
            self.blame(&other, has(&one));
        }
    }

    fn find_overlapping_prefixes(&mut self) {
        let mut prefixes: Vec<_> = self
            .entries
            .iter()
            .filter_map(|(name, entry)| Some((entry.caller.clone()?, name.clone())))
            .collect();
        prefixes.sort_by(|one, other| one.0.key_prefix().cmp(other.0.key_prefix()));
        // Sorted, everything that begins with a prefix stands right behind it.
        let mut shortest: Option<(Arc<Caller>, String)> = None;
        for (caller, name) in prefixes {
            match &shortest {
                Some((other, other_name))
                    if caller.key_prefix().starts_with(other.key_prefix()) =>
                {
                    let (longer, shorter) = (caller.key_prefix(), other.key_prefix());
                    let overlap = |with: &str| {
                        format!(
                            "overlaps with {with}: the key prefix {longer} begins with {shorter}"
                        )
                    };
                    let other_name = other_name.clone();
                    self.blame(&name, overlap(&other_name));
                    self.blame(&other_name, overlap(&name));
                }
                Some(_) | None => shortest = Some((caller, name)),
            }
        }
    }

    /// The first fault that is found is the one that is told.
    fn blame(&mut self, name: &str, fault: String) {
        if let Some(entry) = self.entries.get_mut(name) {
            entry.fault.get_or_insert(fault);
        }
    }
}
