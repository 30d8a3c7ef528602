//! Pages, parts and assets: what they answer, and what they refuse.

use http::{Method, Request};

use crate::site::{HOST, PARENT, Site, order, request};

const PAGES: [&str; 13] = [
    "/",
    "/console/orders",
    "/console/orders?state=allocated&parent=dxcon-ffabc123&key=a",
    "/console/parent?id=dxcon-ffabc123",
    "/console/vlan?parent=dxcon-ffabc123&vlan=1",
    "/console/events",
    "/console/letters",
    "/console/parts?have=map.0,troubles.&parent=dxcon-ffabc123&watch=",
    "/console/parts?have=figures.0",
    "/console/customer?id=dxcon-x&watch=a",
    "/console/console.css",
    "/console/console.js",
    "/console/icon.svg",
];

#[tokio::test(start_paused = true)]
async fn every_page_answers_and_keeps_others_out() {
    let site = Site::local();
    site.until("/", "dxlag-ffabc789").await;
    for page in PAGES {
        let told = site.get(page).await;
        assert_eq!(told.status, 200, "{page}");
        let policy = told.header("content-security-policy");
        assert!(policy.starts_with("default-src 'self';"), "{page}");
        assert!(!policy.contains("unsafe"), "{page}");
        for (header, value) in [
            ("x-content-type-options", "nosniff"),
            ("x-frame-options", "DENY"),
            ("referrer-policy", "same-origin"),
            ("cache-control", "no-cache"),
        ] {
            assert_eq!(told.header(header), value, "{page}");
        }
        for inline in ["<style", " style=", "javascript:", " onclick", "<script>"] {
            let is_page = told.header("content-type").starts_with("text/html");
            assert!(
                !is_page || !told.body.contains(inline),
                "{page} has {inline}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_wrong_method_is_told_the_right_ones() {
    let site = Site::local();
    for page in PAGES {
        for method in [Method::PUT, Method::DELETE, Method::PATCH, Method::POST] {
            let told = site.ask(request(method.clone(), page, "")).await;
            if (&method, page) == (&Method::POST, "/console/letters") {
                // A form, but not one of the page.
                assert_eq!(told.status, 403, "{method} {page}");
                continue;
            }
            assert_eq!(told.status, 405, "{method} {page}");
            assert!(
                told.header("allow").starts_with("GET,HEAD"),
                "{method} {page}"
            );
        }
        let head = site.ask(request(Method::HEAD, page, "")).await;
        assert_eq!((head.status, head.body.as_str()), (200, ""), "HEAD {page}");
    }
    for form in ["/console/break", "/console/by-hand", "/console/act"] {
        let told = site.get(form).await;
        assert_eq!((told.status, told.header("allow")), (405, "POST"), "{form}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_not_there_or_makes_no_sense_is_said_to_be_so() {
    let site = Site::local();
    site.until("/", PARENT).await;
    for (path, status) in [
        ("/console/nothing", 404),
        ("/console/parts?have=%ff", 200),
        ("/console/parts?have=nothing.0,..,,map", 200),
        ("/console/parts?parent=dxcon-nosuch00&have=map.0", 200),
        ("/elsewhere", 404),
        ("/console/order", 400),
        ("/console/order?key=", 400),
        ("/console/order?key=%00", 400),
        ("/console/order?key=%ff", 400),
        ("/console/order?key=no-such-order", 404),
        ("/console/order?key=..%2F..%2Fetc", 404),
        ("/console/parent?id=dxcon-nosuch00", 404),
        ("/console/parent?id=%3Cscript%3E", 404),
        ("/console/parent?id=dxcon-ffabc123&page=minus", 400),
        ("/console/vlan?parent=dxcon-ffabc123&vlan=0", 400),
        ("/console/vlan?parent=dxcon-ffabc123&vlan=4095", 400),
        ("/console/vlan?parent=dxcon-ffabc123&vlan=99999", 400),
        ("/console/vlan?parent=nobody&vlan=1", 404),
        ("/console/orders?state=nonsense", 400),
        ("/console/orders?parent=nonsense", 400),
        ("/console/orders?parent=dxcon-ffabc123&after=nonsense", 400),
        (
            "/console/orders?after=%7B%22pk%22%3A%22secret%22%2C%22sk%22%3A%22x%22%7D",
            400,
        ),
        ("/console/confirm", 400),
        ("/console/confirm?do=explode", 400),
        ("/console/confirm?do=release&key=", 400),
        (
            "/console/confirm?do=policy&parent=dxcon-ffabc123&policy=%7B%22x%22%3A1%7D",
            400,
        ),
        ("/?note=nonsense", 200),
        ("/?note=-1&parent=dxcon-nosuch00", 200),
        ("/console/parent?id=dxcon-ffabc123&note=nonsense", 200),
    ] {
        let told = site.get(path).await;
        assert_eq!(told.status, status, "{path}: {}", told.body);
        assert!(!told.body.contains("<script>"), "{path}");
        assert!(
            told.header("content-security-policy")
                .starts_with("default-src"),
            "{path}"
        );
    }
    // A page number of any size is a page.
    let far = site
        .get("/console/parent?id=dxcon-ffabc123&page=99999999")
        .await;
    assert_eq!(far.status, 200);
}

#[tokio::test(start_paused = true)]
async fn another_host_gets_nothing_from_any_route() {
    let site = Site::local();
    for page in PAGES {
        for host in [
            "evil.example:4599",
            "127.0.0.1:80",
            "4599",
            "localhost.evil.example:4599",
        ] {
            let mut foreign = request(Method::GET, page, "");
            foreign.headers_mut().insert("host", host.parse().unwrap());
            let told = site.ask(foreign).await;
            assert_eq!(told.status, 403, "{host} {page}");
            assert!(told.body.contains("--allow-host"), "{}", told.body);
        }
    }
    let none = Request::get("/").body(axum::body::Body::empty()).unwrap();
    assert_eq!(site.ask(none).await.status, 403);
    let good = Request::get("/").header("host", HOST.to_uppercase());
    let good = site
        .ask(good.body(axum::body::Body::empty()).unwrap())
        .await;
    assert_eq!(good.status, 200);
}

#[tokio::test(start_paused = true)]
async fn a_part_that_is_known_is_not_sent_again() {
    let site = Site::local();
    site.until("/", "dxlag-ffabc789").await;
    let first = site.get("/console/parts?have=parents.0").await.body;
    assert_eq!(first.matches("data-tag=").count(), 1, "{first}");
    let (_, tag) = first.split_once("data-tag=\"").unwrap();
    let tag = &tag[..16];
    let again = |have: &str| format!("/console/parts?have={have}");
    let known = site.get(&again(&format!("parents.{tag}"))).await;
    assert_eq!((known.status, known.body.as_str()), (200, ""));
    assert!(known.header("server-timing").starts_with("draw;dur="));
    // One that changes is sent, and nothing beside it.
    site.place(&order("order-1", 101, "n")).await;
    site.until("/", "order-1").await;
    let news = site.get(&again(&format!("parents.{tag},orders.0"))).await;
    assert!(news.body.contains("id=\"part-orders\""), "{}", news.body);
    assert!(!news.body.contains("id=\"part-map\""), "{}", news.body);
    let none = site.get("/console/parts").await;
    assert_eq!((none.status, none.body.as_str()), (200, ""));
}

#[tokio::test(start_paused = true)]
async fn at_aws_nothing_can_be_broken_and_without_being_allowed_nothing_changed() {
    let site = Site::new(false, false);
    let page = site.until("/", PARENT).await;
    assert!(page.body.contains("read-only"));
    assert!(!page.body.contains("<form method=\"post\""));
    assert!(
        !site
            .get("/console/order?key=order-1")
            .await
            .body
            .contains("/console/confirm")
    );
    for (method, path) in [
        (Method::POST, "/console/order"),
        (Method::POST, "/console/break"),
        (Method::POST, "/console/by-hand"),
        (Method::POST, "/console/act"),
        (
            Method::GET,
            "/console/confirm?do=finish&parent=dxcon-ffabc123",
        ),
        (Method::GET, "/console/customer"),
    ] {
        let told = site.ask(request(method, path, "")).await;
        assert!([404, 405].contains(&told.status), "{path}: {}", told.status);
    }
    let may_act = Site::new(false, true);
    may_act.until("/", PARENT).await;
    assert_eq!(
        may_act
            .post("/console/break", &[("do", "lose")])
            .await
            .status,
        404
    );
}
