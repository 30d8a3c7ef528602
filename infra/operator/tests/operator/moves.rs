//! `operator move`, and `operator resolve --adopt`.

use local_cloud::{Fault, FaultKind};

use crate::site::{PARENT, Site, finish, minutes, order};

const OTHER: &str = "dxcon-ffabc456";

#[tokio::test]
async fn a_connection_is_moved_by_one_command_and_the_next_one_calls_nothing() {
    let site = Site::new().await;
    site.place(&order("order-1", 101), minutes(30)).await;
    let (status, answer) = site.run_json(&["move", "order-1", "--to", OTHER]).await;
    assert_eq!(
        (status, &answer["status"]),
        (0, &"moved".into()),
        "{answer}"
    );
    assert_eq!(site.cloud.living_connections(OTHER).len(), 1);
    let again = site.run(&["move", "order-1", "--to", OTHER]).await;
    assert_eq!(again.status, 0);
    assert!(again.words().contains("nothing was called"), "{again:?}");
    assert_eq!(site.cloud.count("AssociateHostedConnection"), 1);
    let moved = site.cloud.events().pop().unwrap();
    assert_eq!(moved.detail_type, "Hosted Connection Moved");
    let (_, listed) = site.run_json(&["list", "--parent", OTHER]).await;
    assert_eq!(listed["allocations"][0]["parentConnectionId"], OTHER);
    let (status, _) = site.run_json(&["reconcile"]).await;
    assert_eq!(status, 0, "nothing differs");
}

#[tokio::test]
async fn a_move_that_cannot_be_says_why_and_wrong_arguments_are_told() {
    let site = Site::new().await;
    site.place(&order("order-1", 101), minutes(30)).await;
    for (to, why) in [
        ("dxcon-ffnowhere", "shows no interconnect or LAG"),
        (PARENT, "already"),
    ] {
        let told = site.run(&["move", "order-1", "--to", to]).await;
        assert!(told.words().contains(why), "{told:?}");
    }
    site.cloud
        .inject(Fault::on(FaultKind::Throttle, "AssociateHostedConnection"));
    let told = site.run(&["move", "order-1", "--to", OTHER]).await;
    assert_eq!(told.status, 1, "{told:?}");
    assert!(told.words().contains("Retry in"), "{told:?}");
    assert_eq!(
        site.run(&["move", "unknown", "--to", OTHER]).await.status,
        1
    );
    for wrong in [
        vec!["move", "order-1"],
        vec!["move", "order-1", "--to", "dxvif-1"],
    ] {
        assert_eq!(site.run(&wrong).await.status, 2, "{wrong:?}");
    }
}

#[tokio::test]
async fn a_quarantine_ends_with_the_connection_that_was_looked_at() {
    let site = Site::new().await;
    let id = site
        .quarantine(&order("order-1", 101), 102, minutes(30))
        .await;
    let story = site.run(&["explain", "order-1"]).await.words();
    assert!(
        story.contains(&format!("operator resolve order-1 --adopt {id}")),
        "{story}"
    );
    let nowhere = site
        .run(&["resolve", "order-1", "--adopt", "dxcon-nowhere"])
        .await;
    assert_eq!(nowhere.status, 1);
    site.cloud.move_connection(&id, OTHER).unwrap();
    let elsewhere = site.run(&["resolve", "order-1", "--adopt", &id]).await;
    let back = format!("--connection-id {id} --parent-connection-id {PARENT}`");
    assert_eq!(elsewhere.status, 1, "{elsewhere:?}");
    assert!(elsewhere.words().contains(&back), "{elsewhere:?}");
    site.cloud.move_connection(&id, PARENT).unwrap();
    for words in ["is its connection", "nothing was changed"] {
        let told = site.run(&["resolve", "order-1", "--adopt", &id]).await;
        assert_eq!(told.status, 0, "{told:?}");
        assert!(told.words().contains(words), "{told:?}");
    }
    assert_eq!(site.cloud.events().len(), 1);
    let both = ["resolve", "order-1", "--adopt", &id, "--reject", "no"];
    assert_eq!(site.run(&both).await.status, 2);
    assert_eq!(
        site.run(&["resolve", "order-1", "--adopt", "order-1"])
            .await
            .status,
        2
    );
}

#[tokio::test]
async fn a_decision_that_frees_a_vlan_waits_until_no_call_can_land_on_it() {
    let settle_s = 2;
    let site = Site::new().await;
    let clock = site.aws(minutes(0)).clock;
    let began_ms = clock.now_ms();
    let id = site
        .quarantine(&order("order-1", 101), 102, minutes(0))
        .await;
    let mut command = site.command(&["resolve", "order-1", "--adopt", &id]);
    command.env("SETTLE_SECONDS", settle_s.to_string());
    let told = finish(command).await;
    assert_eq!(told.status, 0, "{told:?}");
    assert!(clock.now_ms() >= began_ms + 1000 * settle_s, "{told:?}");
}
