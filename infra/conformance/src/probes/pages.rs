//! Whether pages show everything: one connection is deleted while they are being read. Small pages do, so that a few
//! connections are several pages.

use std::collections::BTreeSet;

use assumptions::Assumption::PagesComplete;
use assumptions::{Seen, Verdict};
use hosted_connection::Connection;

use super::Hands;
use crate::direct_connect::{Page, Shown};
use crate::look::is_over;
use crate::making::Living;
use crate::session::{Halt, Session};
use crate::words::No;

/// About so many pages are read, however many connections there are.
const PAGES: usize = 8;
/// Pages that are read at most.
const MOST_PAGES: usize = 100;

impl Session<'_> {
    pub(super) async fn pages(&mut self, hands: Hands) -> Result<(), Halt> {
        self.tell("reading pages while a connection goes");
        match self.pages_while_one_goes(&hands.living).await? {
            Ok((verdict, seen)) => self.findings.settle(PagesComplete, verdict, seen),
            Err(no) => self
                .findings
                .failed(PagesComplete, "the pages cannot be read", &no),
        }
        Ok(())
    }

    async fn pages_while_one_goes(
        &mut self,
        living: &[Living],
    ) -> Result<Result<(Verdict, Seen), No>, Halt> {
        let parent = self.parent().to_owned();
        let before = match self.look().await? {
            Ok(shown) => shown,
            Err(no) => return Ok(Err(no)),
        };
        let size = (before.connections.len() / PAGES).max(1);
        let (mut paged, mut going, mut token) = (BTreeSet::new(), None, None);
        for _ in 0..MOST_PAGES {
            self.go_on()?;
            let page = match self.clients.page(&parent, size, token).await {
                Ok(page) => page,
                Err(no) => {
                    self.findings.note(&no, None);
                    return Ok(Err(no));
                }
            };
            paged.extend(ids(&page.connections));
            token = page.next.clone();
            if going.is_none()
                && let Some(one) = to_delete(&page, living)
            {
                let accepted_ms = match self.delete(one).await? {
                    Ok(accepted_ms) => accepted_ms,
                    Err(no) => return Ok(Err(no)),
                };
                going = Some(one.id.clone());
                if let Err(no) = self.watch_going(one, accepted_ms).await? {
                    return Ok(Err(no));
                }
            }
            if token.is_none() {
                break;
            }
        }
        let unknown = |why: &str| Ok(Ok((Verdict::NotKnown, crate::findings::because(why))));
        if token.is_some() {
            return unknown("the list has more pages than are read");
        }
        if going.is_none() {
            return unknown(
                "this run's connections came on the last page, so nothing could be deleted between two",
            );
        }
        let after = match self.look().await? {
            Ok(shown) => shown,
            Err(no) => return Ok(Err(no)),
        };
        let skipped: Vec<_> = throughout(&before, &after)
            .difference(&paged)
            .cloned()
            .collect();
        if skipped.is_empty() {
            return Ok(Ok((Verdict::Holds, Seen::default())));
        }
        let why = format!(
            "{} that existed during the whole look came on no page, after another was deleted",
            skipped.len()
        );
        Ok(Ok((Verdict::DoesNotHold, crate::findings::because(why))))
    }
}

/// One of this run's on the page, if there are more pages.
fn to_delete<'l>(page: &Page, living: &'l [Living]) -> Option<&'l Living> {
    page.next.as_ref()?;
    let on_it: Vec<_> = ids(&page.connections).collect();
    living.iter().find(|one| on_it.contains(&one.id))
}

/// What lived before and after the pages were read.
fn throughout(before: &Shown, after: &Shown) -> BTreeSet<String> {
    let living = |shown: &Shown| {
        let living = shown
            .connections
            .iter()
            .filter(|one| !is_over(one))
            .cloned();
        ids(&living.collect::<Vec<_>>()).collect::<BTreeSet<_>>()
    };
    living(before)
        .intersection(&living(after))
        .cloned()
        .collect()
}

fn ids(connections: &[Connection]) -> impl Iterator<Item = String> {
    connections
        .iter()
        .filter_map(|one| one.connection_id.clone())
}
