use doors::event::{Event, recognise};
use serde_json::json;

use super::*;

/// The route of a GET.
fn get(path: &str, query: &str) -> Result<Route, Refusal> {
    route("GET", path, query)
}

fn route(method: &str, path: &str, query: &str) -> Result<Route, Refusal> {
    let event = json!({"version": "2.0", "rawPath": path, "rawQueryString": query,
        "requestContext": {"http": {"method": method}}})
    .to_string();
    match recognise(serde_json::from_str(&event).unwrap(), "").unwrap() {
        Event::Http(request) => Route::of(&request),
        other => panic!("no request: {other:?}"),
    }
}

/// Where something is wrong, and what kind of wrong.
fn wrong(route: Result<Route, Refusal>) -> Vec<(String, String)> {
    let problem = serde_json::to_value(route.unwrap_err().into_problem("r-1")).unwrap();
    let violations = problem["violations"].as_array().unwrap().iter();
    violations
        .map(|violation| {
            let text = |member: &str| violation[member].as_str().unwrap().to_owned();
            (text("field"), text("code"))
        })
        .collect()
}

#[test]
fn each_question_has_its_path() {
    assert!(
        matches!(get("/allocations/a/b?", ""), Ok(Route::Allocation(key)) if key.as_str() == "a/b?")
    );
    assert!(matches!(
        get("/parents/dxlag-ffabc789", ""),
        Ok(Route::Parent(ParentConnection::Lag(_)))
    ));
    assert!(matches!(get("/allocations", ""), Ok(Route::Allocations(_))));
    for elsewhere in [
        "",
        "/",
        "/allocations/",
        "/parents",
        "/parents/",
        "/Allocations",
        "/x",
    ] {
        assert_eq!(
            get(elsewhere, "").unwrap_err().code(),
            Code::NotFound,
            "{elsewhere}"
        );
    }
}

#[test]
fn a_method_that_only_reads_is_taken_and_any_other_told_what_the_route_takes() {
    for (path, allow) in [
        ("/allocations", "GET, HEAD, POST"),
        ("/allocations/k", "DELETE, GET, HEAD"),
        ("/parents/dxcon-ffabc123", "GET, HEAD"),
    ] {
        for method in ["PUT", "PATCH", "OPTIONS", "POST", "DELETE", "get", ""] {
            let refusal = route(method, path, "").unwrap_err();
            assert_eq!(
                (refusal.code(), refusal.allow()),
                (Code::MethodNotAllowed, Some(allow))
            );
        }
        assert!(route("HEAD", path, "").is_ok());
    }
}

#[test]
fn a_list_is_narrowed_by_parent_and_state() {
    let Ok(Route::Allocations(question)) =
        get("/allocations", "parent=dxcon-ffabc123&state=inProgress")
    else {
        panic!("no list");
    };
    assert_eq!(question.parent.unwrap().as_str(), "dxcon-ffabc123");
    assert_eq!(
        (question.status, question.after),
        (Some(OrderStatus::InProgress), None)
    );
    for state in ["calling", "InProgress", "", "allocated "] {
        let query = format!("state={}", state.replace(' ', "%20"));
        assert_eq!(
            wrong(get("/allocations", &query)),
            [("/state".into(), "Malformed".into())]
        );
    }
}

#[test]
fn everything_that_is_wrong_with_a_query_is_said_at_once() {
    let query = "parent=x&state=nowhere&cursor=!!&limit=5&limit=6&size=2&a/b";
    let expected = [
        ("/size", "UnknownField"),
        ("/a~1b", "UnknownField"),
        ("/limit", "Duplicate"),
        ("/parent", "Malformed"),
        ("/state", "Malformed"),
        ("/cursor", "Malformed"),
    ];
    let expected = expected.map(|(field, code)| (field.to_owned(), code.to_owned()));
    assert_eq!(wrong(get("/allocations", query)), expected);
    let twice = wrong(get("/allocations", "state=waiting&state=waiting"));
    assert_eq!(twice, [("/state".into(), "Duplicate".into())]);
    let alone = wrong(get("/parents/dxcon-ffabc123", "state=waiting"));
    assert_eq!(alone, [("/state".into(), "UnknownField".into())]);
}

#[test]
fn a_page_has_as_many_as_are_wanted_and_never_more_than_fifty() {
    for (query, most) in [("", 50), ("limit=1", 1), ("limit=50", 50)] {
        assert!(
            matches!(get("/allocations", query), Ok(Route::Allocations(question)) if question.most == most),
            "{query}"
        );
    }
    for limit in ["0", "51", "-1", "1.5", "many", ""] {
        let refused = wrong(get("/allocations", &format!("limit={limit}")));
        assert_eq!(refused, [("/limit".into(), "OutOfRange".into())], "{limit}");
    }
}

#[test]
fn a_cursor_goes_on_in_its_own_list_only() {
    let position: Position =
        serde_json::from_value(json!({"pk": "allocation#k", "sk": "allocation",
        "ofParent": {"id": "dxcon-ffabc123", "claimedAtMs": 1}}))
        .unwrap();
    let cursor = cursor::write(&position).unwrap();
    let of = |parent: &str| get("/allocations", &format!("{parent}cursor={cursor}"));
    assert!(
        matches!(of("parent=dxcon-ffabc123&"), Ok(Route::Allocations(question)) if question.after == Some(position))
    );
    for elsewhere in ["", "parent=dxcon-ffabc456&"] {
        assert_eq!(
            wrong(of(elsewhere)),
            [("/cursor".into(), "Malformed".into())]
        );
    }
}

#[test]
fn a_name_that_nothing_can_have_is_refused_with_its_violation() {
    assert_eq!(
        wrong(get("/parents/dxcon-X", "")),
        [("/connectionId".into(), "Malformed".into())]
    );
    let long = format!("/allocations/{}", "k".repeat(256));
    assert_eq!(
        wrong(get(&long, "")),
        [("/idempotencyKey".into(), "OutOfRange".into())]
    );
}
