//! What goes wrong during a run: any one request, credentials that expire, somebody who stops it, a file that cannot be
//! written.

use assumptions::Assumption;
use assumptions::Verdict::{DoesNotHold, NotKnown};
use conformance::{Clients, Ground, Outcome, Stopper};
use local_cloud::{Cloud, Fault, FaultKind};

use crate::partner::{Partner, usual, verdicts};

fn assert_right(outcome: &Outcome, what: &str) {
    for (assumption, verdict) in verdicts(&outcome.report) {
        let is_right = match assumption {
            // A refusal that comes after the connection was made is one.
            Assumption::RefusalFinal => true,
            Assumption::ThrottleCode | Assumption::AssociateIdempotent => verdict != DoesNotHold,
            // A list that fails for a moment, or a call that does, is late by that.
            _ => verdict == usual(assumption) || verdict == NotKnown,
        };
        assert!(is_right, "{what}: {:?}", outcome.report.probe(assumption));
    }
}

async fn requests_of_a_run() -> u64 {
    let partner = Partner::new(Cloud::builder(), "count").await;
    partner.cloud.forget_requests();
    partner.run().await.unwrap();
    partner.cloud.requests().len() as u64
}

#[tokio::test(start_paused = true)]
async fn whatever_happens_to_any_one_request_nothing_is_left_and_every_verdict_is_right_or_not_known()
 {
    let requests = requests_of_a_run().await;
    for kind in [
        FaultKind::ResetBefore,
        FaultKind::Throttle,
        FaultKind::ApplyThen500,
        FaultKind::ApplyThenClientException,
        FaultKind::ApplyThenReset,
        FaultKind::ApplyThenWithoutList,
        FaultKind::ApplyThenHang,
        FaultKind::LandLate(std::time::Duration::from_secs(15)),
    ] {
        for k in 1..=requests {
            let what = format!("{kind:?} at {k}");
            let partner = Partner::new(Cloud::builder(), "fault").await;
            partner
                .cloud
                .inject(Fault::on_request(kind.clone(), k).for_worker("run"));
            // What is not fit for a run is not begun.
            if let Ok(outcome) = partner.run().await {
                assert_right(&outcome, &what);
                assert!(outcome.left.is_empty(), "{what}: {:?}", outcome.left);
            }
            partner.assert_clean(&what);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn after_credentials_have_expired_at_any_request_cleanup_finishes() {
    for k in 1..=requests_of_a_run().await {
        let partner = Partner::new(Cloud::builder(), "expired").await;
        let expired = FaultKind::Error {
            status: 400,
            code: "ExpiredTokenException".into(),
        };
        partner
            .cloud
            .inject(Fault::on_request(expired, k).for_worker("run").always());
        if let Ok(outcome) = partner.run().await {
            assert_right(&outcome, &format!("expired at {k}"));
            assert_eq!(outcome.left.is_empty(), !partner.setup.made.exists());
        }
        partner.cloud.clear_faults();
        if let Some(cleaned) = partner.clean_up().await {
            assert!(cleaned.left.is_empty(), "{k}: {:?}", cleaned.left);
        }
        partner.assert_clean(&format!("expired at {k}"));
    }
}

#[tokio::test(start_paused = true)]
async fn throttled_throughout_nothing_is_made_and_it_says_so() {
    let partner = Partner::new(Cloud::builder(), "throughout").await;
    let always = Fault::on(FaultKind::Throttle, "AllocateHostedConnection").always();
    partner.cloud.inject(always);
    let outcome = partner.run().await.unwrap();
    let why = outcome.verdict().unwrap_err();
    assert!(why.contains("ThrottlingException"), "{why}");
    assert_eq!(
        outcome.report.verdict(Assumption::ThrottleCode),
        assumptions::Verdict::Holds
    );
    partner.assert_clean("throttled throughout");
}

#[tokio::test(start_paused = true)]
async fn stopped_at_any_step_it_deletes_what_it_has_made() {
    for step in 1..=12 {
        let partner = Partner::new(Cloud::builder(), "stopped").await;
        let clients: Clients = partner.clients(partner.cloud.http_client());
        let ground = Ground::check(&clients, &partner.setup).await.unwrap();
        let (stopper, stop) = Stopper::new();
        let mut steps = 0;
        let mut say = |_: &str| {
            steps += 1;
            if steps == step {
                stopper.stop();
            }
        };
        let outcome = conformance::run(&clients, &partner.setup, &ground, stop, &mut say).await;
        let outcome = outcome.unwrap();
        assert_right(&outcome, &format!("stopped at {step}"));
        assert!(outcome.left.is_empty(), "{step}: {:?}", outcome.left);
        if outcome.halted.is_some() {
            assert!(outcome.verdict().unwrap_err().contains("stopped"), "{step}");
        }
        partner.assert_clean(&format!("stopped at {step}"));
    }
}

#[tokio::test(start_paused = true)]
async fn vlans_that_are_in_use_or_leased_are_refused_and_named() {
    let partner = Partner::new(Cloud::builder(), "taken").await;
    let lease = serde_json::json!({
        "pk": {"S": "parent#dxcon-ffabc123"}, "sk": {"S": "vlan#4005"},
    });
    partner.cloud.import_items(vec![lease]).unwrap();
    let mut setup = partner.setup.clone();
    setup.vlans = "3998-4009".parse().unwrap();
    let refused = partner.check(&setup).await.unwrap_err().to_string();
    for vlan in ["3998 (dxcon-", "3999 (dxcon-", "4005 ("] {
        assert!(refused.contains(vlan), "{refused}");
    }
    setup.parent = hosted_connection::ParentConnection::parse("dxcon-ffffffff").unwrap();
    let refused = partner.check(&setup).await.unwrap_err().to_string();
    assert!(refused.contains("there are dxcon-ffabc123"), "{refused}");
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_noted_is_not_made() {
    let mut partner = Partner::new(Cloud::builder(), "unnoted").await;
    let clients = partner.clients(partner.cloud.http_client());
    let ground = Ground::check(&clients, &partner.setup).await.unwrap();
    partner.setup.made = "no/such/directory/run.made".into();
    let (_stopper, stop) = Stopper::new();
    let refused = conformance::run(&clients, &partner.setup, &ground, stop, &mut |_| {}).await;
    let refused = refused.unwrap_err().to_string();
    assert!(refused.contains("no/such/directory/run.made"), "{refused}");
    assert_eq!(
        partner.cloud.count("AllocateHostedConnection"),
        2,
        "the others' alone"
    );
}

#[tokio::test(start_paused = true)]
async fn a_file_that_is_somebody_elses_or_of_another_run_is_left_alone() {
    let partner = Partner::new(Cloud::builder(), "foreign").await;
    let clients = partner.clients(partner.cloud.http_client());
    let made = &partner.setup.made;
    for text in [
        "dear diary\n",
        "{}\n",
        "dear diary",
        "{\"schemaVersion\":\"2\"}\n",
    ] {
        std::fs::write(made, text).unwrap();
        let wait = partner.setup.wait;
        let parent = &partner.setup.parent;
        let refused = conformance::cleanup(&clients, made, parent, wait, &mut |_| {}).await;
        let refused = refused.unwrap_err().to_string();
        assert!(refused.contains("is not a file of"), "{refused}");
        assert_eq!(std::fs::read_to_string(made).unwrap(), text);
        let ground = Ground::check(&clients, &partner.setup).await.unwrap();
        let (_stopper, stop) = Stopper::new();
        let run = conformance::run(&clients, &partner.setup, &ground, stop, &mut |_| {}).await;
        assert!(run.unwrap_err().to_string().contains("--cleanup"));
    }
    std::fs::remove_file(made).unwrap();
}
