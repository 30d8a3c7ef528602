//! A run: the probes, then the end of everything that they made, then the report.

use assumptions::Assumption::{RefusalFinal, ThrottleCode};
use assumptions::{Assumption, Probe, Report, Verdict};
use hosted_connection::Timestamp;
use uuid::Uuid;

use crate::clearing::{Left, clear};
use crate::clients::Clients;
use crate::findings::Findings;
use crate::ground::Ground;
use crate::made::{Head, Made, MadeError};
use crate::session::{Halt, Session};
use crate::setup::Setup;
use crate::stop::Stop;

/// What a run has come to.
#[derive(Debug)]
pub struct Outcome {
    /// What was found out.
    pub report: Report,
    /// Why probes were left out, if they were.
    pub halted: Option<String>,
    /// What could not be deleted; the file says so, too.
    pub left: Vec<Left>,
    /// Whether that was for a reason that AWS gave no answer to: the run was stopped, or not allowed, or could not be noted.
    is_cut_short: bool,
}

impl Outcome {
    /// Whether everything that was probed holds.
    ///
    /// # Errors
    /// The run could not be carried out, and why.
    pub fn verdict(&self) -> Result<bool, String> {
        let holds = |probe: &Probe| probe.verdict != Verdict::DoesNotHold;
        let all_hold = self.report.probes.iter().all(holds);
        if let Some(why) = &self.halted
            && (self.is_cut_short || all_hold)
        {
            return Err(why.clone());
        }
        let deletable = self.report.verdict(Assumption::OrderingDeletable);
        if !self.left.is_empty() && deletable != Verdict::DoesNotHold {
            return Err("not everything that was made could be deleted".to_owned());
        }
        Ok(all_hold)
    }
}

/// Carries the probes out, and deletes everything that they made. `say` is told what is going on.
///
/// # Errors
/// What is made cannot be noted, or the file could not be removed.
pub async fn run(
    clients: &Clients,
    setup: &Setup,
    ground: &Ground,
    stop: Stop,
    say: &mut dyn FnMut(&str),
) -> Result<Outcome, MadeError> {
    let started_at = Timestamp::from_ms(clients.clock.now_ms()).to_string();
    let run = Uuid::new_v4().simple().to_string()[..12].to_owned();
    let head = Head {
        schema_version: String::new(),
        run,
        parent: setup.parent.to_string(),
        owner_account: setup.owner.to_string(),
        region: clients.settings.region.clone(),
        started_at: started_at.clone(),
        before: ground.before.clone(),
    };
    let mut session = Session {
        clients,
        setup,
        ground,
        made: Made::begin(&setup.made, head)?,
        findings: Findings::default(),
        stop,
        say,
        vlans: setup.vlans.iter().rev().map(|vlan| vlan.get()).collect(),
        is_no_parent: None,
        first_members: None,
    };
    let halt = session.probe().await.err();
    session.settle_times();
    let Session {
        mut made,
        mut findings,
        say,
        ..
    } = session;
    say("deleting what was made");
    // Not stopped by whoever stops the probes: what was made has to go.
    let left = clear(clients, &mut made, &ground.places, setup.wait_ms(), say).await;
    settle_what_appeared(&made, &mut findings);
    if left.is_empty() && made.is_empty() {
        made.end()?;
    }
    let halted = halt.as_ref().map(Halt::words);
    let why_not = halted.as_deref().unwrap_or("the probe was not reached");
    Ok(Outcome {
        report: findings.report(setup.parent.to_string(), started_at, why_not),
        halted,
        left,
        is_cut_short: match halt {
            Some(Halt::Stopped | Halt::File(_) | Halt::Denied(_)) => true,
            Some(Halt::Stuck(_)) | None => false,
        },
    })
}

/// Calls that were refused, and yet have made a connection.
fn settle_what_appeared(made: &Made, findings: &mut Findings) {
    let appeared = |call: &usize| made.entries.get(*call).is_some_and(|one| one.id.is_some());
    if let Some((no, of_an_allocation)) = findings.throttled.take() {
        if of_an_allocation {
            let had_no_effect = !findings.throttled_calls.iter().any(appeared);
            findings.holds(ThrottleCode, had_no_effect, no.seen());
        } else {
            let why = "only calls that allocate nothing were throttled";
            let mut seen = no.seen();
            seen.why = Some(why.to_owned());
            findings.settle(ThrottleCode, Verdict::NotKnown, seen);
        }
    }
    let throttled = std::mem::take(&mut findings.throttled_calls);
    let mut refused = made
        .entries
        .iter()
        .enumerate()
        .filter(|(_, one)| one.is_refused);
    if refused.any(|(call, one)| one.id.is_some() && !throttled.contains(&call)) {
        let why = "a call that was refused has made a connection";
        findings.holds(RefusalFinal, false, crate::findings::because(why));
    }
}
