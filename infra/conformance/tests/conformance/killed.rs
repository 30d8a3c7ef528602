//! A run whose process dies: `--cleanup` finishes, and touches nothing else.

use local_cloud::{Cloud, Fault, FaultKind};

use crate::partner::Partner;

#[tokio::test(start_paused = true)]
async fn killed_at_any_request_cleanup_leaves_nothing_and_touches_nothing_else() {
    let partner = Partner::new(Cloud::builder(), "killed").await;
    partner.cloud.forget_requests();
    partner.run().await.unwrap();
    let requests = partner.cloud.requests().len() as u64;
    for kind in [FaultKind::KillBefore, FaultKind::ApplyThenKill] {
        for k in 1..=requests {
            let partner = Partner::new(Cloud::builder(), "killed").await;
            partner
                .cloud
                .inject(Fault::on_request(kind.clone(), k).for_worker("run"));
            let cloud = partner.cloud.clone();
            let ended = cloud.run_until_killed("run", partner.run()).await;
            assert!(ended.is_none(), "{k} of {requests}: the run was not killed");
            if let Some(cleaned) = partner.clean_up().await {
                assert!(
                    cleaned.left.is_empty(),
                    "{kind:?} at {k}: {:?}",
                    cleaned.left
                );
            }
            partner.assert_clean(&format!("{kind:?} at {k}"));
        }
    }
}
