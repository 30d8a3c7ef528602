//! Adoption from a page: every connection on a parent that no record knows gets one, under its own id as key.

use adoption::{Adopter, Fate, Item, Plan, Report, Wanted};
use hosted_connection::ParentConnection;
use ledger::Services;
use maud::{Markup, html};
use story::shown::BY_OPERATOR;
use story::words::count;
use tokio::runtime::Handle;

use crate::home::Home;
use crate::texts::foreign;

/// Connections that are listed one by one.
const LISTED: usize = 100;

/// What would become of each connection.
///
/// # Errors
/// The parent or the table cannot be read.
pub(super) async fn forecast(home: &Home, parent: &ParentConnection) -> Result<Markup, String> {
    let (aws, parent) = (home.aws.clone(), parent.clone());
    apart(async move || plan(&aws, &parent).await.map(|plan| shown(&plan))).await
}

/// Adopts them, and says how many.
///
/// # Errors
/// Not all of them were adopted, and why.
pub(super) async fn adopt(home: &Home, parent: &ParentConnection) -> Result<String, String> {
    let (aws, parent) = (home.acting.clone(), parent.clone());
    let request_id = format!("{BY_OPERATOR}{}", home.now_ms());
    let adopter = Adopter::new(aws.clone(), home.config.rules.clone(), request_id);
    apart(async move || {
        let mut plan = plan(&aws, &parent).await?;
        let report = Box::pin(adopter.carry_out(&mut plan, &|_| {})).await;
        told(&parent, &plan, report)
    })
    .await
}

/// Does it on a thread of its own: a future that adopts stays on the thread on which it began. It goes on when the page is
/// closed meanwhile.
async fn apart<T: Send + 'static>(
    work: impl AsyncFnOnce() -> Result<T, String> + Send + 'static,
) -> Result<T, String> {
    let runtime = Handle::current();
    let done = tokio::task::spawn_blocking(move || runtime.block_on(work())).await;
    done.map_err(|error| error.to_string())?
}

async fn plan(aws: &Services, parent: &ParentConnection) -> Result<Plan, String> {
    let plan = Box::pin(Plan::of(aws, parent, &Wanted::Orphans)).await;
    plan.map_err(|failure| match failure {
        adoption::Failure::Call(error) => error.to_string(),
        adoption::Failure::NotShown(message) => {
            format!("Direct Connect does not show {parent}: {message}")
        }
    })
}

fn shown(plan: &Plan) -> Markup {
    let adopted = plan.count(|fate| *fate == Fate::ToBeAdopted);
    let refused = plan.count(|fate| matches!(fate, Fate::Refused(_)));
    html! {
        p { (count(adopted, "connection")) " would be adopted, " (refused) " refused." }
        @if !plan.items.is_empty() { div class="scroll" tabindex="0" role="region" aria-label="Connections" { table {
            thead { tr { th scope="col" class="number" { "VLAN" } th scope="col" { "Connection, and its key" } th scope="col" { "What becomes of it" } } }
            tbody { @for item in plan.items.iter().take(LISTED) { tr {
                td class="number" { @if let Some(vlan) = item.vlan { (vlan.get()) } }
                td class="id" { (foreign(&item.connection_id)) }
                td { (foreign(&words(item))) }
            } } }
        } } }
        @if plan.items.len() > LISTED { p { "The first " (LISTED) " of " (plan.items.len()) "." } }
    }
}

fn told(parent: &ParentConnection, plan: &Plan, report: Report) -> Result<String, String> {
    let adopted = plan.count(|fate| *fate == Fate::Adopted);
    let mut told = format!("Adopted on {parent}: {}.", count(adopted, "connection"));
    let refused = plan.items.iter().filter_map(|item| match &item.fate {
        Fate::Refused(reason) => Some((&item.connection_id, reason)),
        Fate::ToBeAdopted | Fate::Adopted | Fate::Unchanged => None,
    });
    let mut is_refused = false;
    for (id, reason) in refused {
        is_refused = true;
        told.push_str(&format!(" {id} refused: {reason}."));
    }
    if report.untold > 0 {
        let untold = count(report.untold, "event");
        told.push_str(&format!(
            " Track publishes {untold} that could not be published now."
        ));
    }
    match report.failed {
        Some(error) => Err(format!(
            "{told} Not all were adopted: {error}. Adopt again: it continues where it stopped."
        )),
        None if is_refused => Err(told),
        None => Ok(told),
    }
}

fn words(item: &Item) -> String {
    match &item.fate {
        Fate::ToBeAdopted => "would be adopted".to_owned(),
        Fate::Adopted => "adopted".to_owned(),
        Fate::Unchanged => "has a record already".to_owned(),
        Fate::Refused(reason) => format!("refused: {reason}"),
    }
}
