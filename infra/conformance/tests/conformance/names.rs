//! Where names are refused: which ones is found out, with no more connections than were announced.

use assumptions::Assumption::NameLimits;
use assumptions::Seen;
use assumptions::Verdict::DoesNotHold;
use local_cloud::{Cloud, Fault, FaultKind};

use crate::partner::Partner;

/// What is seen of names on a cloud with these settings, by a run with so many VLANs.
async fn seen(settings: &[(&str, &str)], vlans: &str) -> Seen {
    let cloud = settings
        .iter()
        .fold(Cloud::builder(), |cloud, (switch, value)| {
            cloud.switch(switch, value).unwrap()
        });
    let mut partner = Partner::new(cloud, "names").await;
    partner.setup.vlans = vlans.parse().unwrap();
    let before = partner.cloud.connections().len();
    let outcome = partner.run().await.unwrap();
    assert!(outcome.left.is_empty(), "{:?}", outcome.left);
    partner.assert_clean("names");
    let most = partner.setup.plan("bus").connections + 8;
    let made = partner.cloud.connections().len() - before;
    assert!(made <= most, "{made} were made, {most} were announced");
    assert_eq!(outcome.report.verdict(NameLimits), DoesNotHold);
    let seen = outcome.report.probe(NameLimits).unwrap().seen.clone();
    // Which character it names is AWS's business.
    Seen {
        message: None,
        ..seen
    }
}

#[tokio::test(start_paused = true)]
async fn how_long_a_name_may_be_is_found_to_the_character() {
    for longest in [40, 60, 64, 99] {
        let found = seen(&[("longest-name", &longest.to_string())], "4000-4019").await;
        assert_eq!(found.longest_name, Some(longest));
        assert_eq!(found.refused_characters, None, "{longest}");
        assert_eq!(found.refused, ["100 characters"], "{longest}");
    }
}

#[tokio::test(start_paused = true)]
async fn which_kinds_of_characters_are_refused_is_found_out() {
    for (refuses, kinds, characters) in [
        ("/", &["usual punctuation"][..], "_.,:/()"),
        (" 日", &["spaces", "letters outside ASCII"], " äß日"),
        ("𝄞", &["characters outside the basic plane"], "𝄞"),
    ] {
        let found = seen(&[("name-refuses", refuses)], "4000-4019").await;
        assert_eq!(found.longest_name, None);
        assert_eq!(found.refused[1..], *kinds, "{refuses}");
        assert_eq!(found.refused_characters.as_deref(), Some(characters));
        // A cloud that is set to what was seen is seen to be the same.
        let again = seen(&[("name-refuses", characters)], "4000-4019").await;
        assert_eq!(again, found, "{refuses}");
    }
    let both = [("longest-name", "64"), ("name-refuses", "(")];
    let found = seen(&both, "4000-4019").await;
    assert_eq!(found.longest_name, Some(64));
    assert_eq!(found.refused_characters.as_deref(), Some("_.,:/()"));
}

#[tokio::test(start_paused = true)]
async fn with_too_few_vlans_what_is_found_is_accepted_and_it_is_said_that_there_may_be_more() {
    let found = seen(&[("longest-name", "60")], "4000-4003").await;
    let longest = found.longest_name.unwrap();
    assert!((26..=60).contains(&longest), "{longest}");
    let why = found.why.unwrap();
    assert!(why.contains("VLAN") || why.contains("too long"), "{why}");
}

#[tokio::test(start_paused = true)]
async fn killed_while_it_tries_names_it_leaves_what_cleanup_deletes() {
    let cloud = || {
        Cloud::builder()
            .switch("longest-name", "60")
            .and_then(|cloud| cloud.switch("name-refuses", "/"))
            .unwrap()
    };
    let partner = Partner::new(cloud(), "names-killed").await;
    partner.cloud.forget_requests();
    partner.run().await.unwrap();
    let requests = partner.cloud.requests().len() as u64;
    for k in (1..=requests).step_by(3) {
        let partner = Partner::new(cloud(), "names-killed").await;
        let fault = Fault::on_request(FaultKind::ApplyThenKill, k).for_worker("run");
        partner.cloud.inject(fault);
        let cloud = partner.cloud.clone();
        let ended = cloud.run_until_killed("run", partner.run()).await;
        assert!(ended.is_none(), "{k} of {requests}: the run was not killed");
        if let Some(cleaned) = partner.clean_up().await {
            assert!(cleaned.left.is_empty(), "{k}: {:?}", cleaned.left);
        }
        partner.assert_clean(&format!("killed at {k}"));
    }
}
