//! API Gateway's part for HTTP: a request becomes the event of payload version 2.0, the function's answer a response.

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, Response, StatusCode};
use lambda_runtime::Diagnostic;
use serde_json::{
    Map, Value, json,
    value::{RawValue, to_raw_value},
};
use uuid::Uuid;

/// Paths with a name in them, as template.yaml has them: prefix, route, parameter.
const NAMED: [(&str, &str, &str); 2] = [
    ("/allocations/", "/allocations/{key+}", "key"),
    ("/parents/", "/parents/{connectionId}", "connectionId"),
];

/// Who sends requests and messages here, unless somebody else is named: the id of an IAM user that there is not.
pub(crate) const SENDER: &str = "AIDALOCALCLOUDSENDER0";

/// The event that API Gateway would invoke a function with, after IAM has let `caller` through: an id or an ARN.
pub(crate) fn event(
    request: &Request<Bytes>,
    caller: &str,
) -> Result<Box<RawValue>, serde_json::Error> {
    let method = request.method().as_str();
    // An HTTP API decodes the path before anything else.
    let path = decoded(request.uri().path());
    let headers = headers(request);
    let named = NAMED.iter().find_map(|(prefix, route, parameter)| {
        let name = path.strip_prefix(prefix).filter(|name| !name.is_empty())?;
        Some((*route, json!({*parameter: name})))
    });
    let route = named.as_ref().map_or(path.as_str(), |(route, _)| route);
    let mut event = json!({
        "version": "2.0",
        "routeKey": format!("{method} {route}"),
        "rawPath": path,
        "rawQueryString": request.uri().query().unwrap_or_default(),
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "local",
            "authorizer": {"iam": {
                "accountId": "123456789012",
                "callerId": caller,
                "userArn": caller,
                "userId": caller,
            }},
            "domainName": headers.get("host"),
            "http": {
                "method": method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "127.0.0.1",
                "userAgent": headers.get("user-agent"),
            },
            "requestId": Uuid::new_v4().to_string(),
            "routeKey": format!("{method} {route}"),
            "stage": "$default",
        },
        "isBase64Encoded": false,
    });
    event["headers"] = Value::Object(headers);
    if let Some((_, parameters)) = named {
        event["pathParameters"] = parameters;
    }
    match std::str::from_utf8(request.body()) {
        // API Gateway leaves the member out.
        Ok("") => {}
        Ok(text) => event["body"] = json!(text),
        Err(_) => {
            event["body"] = json!(BASE64_STANDARD.encode(request.body()));
            event["isBase64Encoded"] = json!(true);
        }
    }
    to_raw_value(&event)
}

/// The path with its percent-encoded characters as they are. What is no encoding, or no UTF-8, stays as it was sent.
fn decoded(path: &str) -> String {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let digits = after.get(..2).filter(|_| *first == b'%');
        let encoded = digits
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(encoded.unwrap_or(*first));
        rest = &after[encoded.map_or(0, |_| 2)..];
    }
    String::from_utf8(bytes).unwrap_or_else(|_| path.to_owned())
}

/// Names in lower case; the values of a repeated header joined by commas, as API Gateway does.
fn headers(request: &Request<Bytes>) -> Map<String, Value> {
    let mut headers = Map::new();
    for name in request.headers().keys() {
        let values: Vec<_> = request
            .headers()
            .get_all(name)
            .iter()
            .map(|value| String::from_utf8_lossy(value.as_bytes()))
            .collect();
        headers.insert(name.as_str().to_owned(), json!(values.join(",")));
    }
    headers
}

/// What the caller gets for the function's answer. A failed invocation shows nothing of why.
pub(crate) fn response(answer: &Result<Box<RawValue>, Diagnostic>) -> Response<Bytes> {
    let answer = answer
        .as_ref()
        .ok()
        .and_then(|answer| serde_json::from_str(answer.get()).ok());
    answer.as_ref().and_then(translate).unwrap_or_else(|| {
        json_response(
            StatusCode::INTERNAL_SERVER_ERROR,
            &json!({"message": "Internal Server Error"}),
        )
    })
}

fn translate(answer: &Value) -> Option<Response<Bytes>> {
    let status = u16::try_from(answer.get("statusCode")?.as_u64()?).ok()?;
    let body = answer
        .get("body")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let body = match answer.get("isBase64Encoded") {
        Some(Value::Bool(true)) => BASE64_STANDARD.decode(body).ok()?,
        Some(_) | None => body.into(),
    };
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = StatusCode::from_u16(status).ok()?;
    for (name, value) in answer.get("headers")?.as_object()? {
        response.headers_mut().append(
            HeaderName::try_from(name).ok()?,
            HeaderValue::try_from(value.as_str()?).ok()?,
        );
    }
    Some(response)
}

/// A response of our own, for people: JSON, indented.
pub(crate) fn json_response(status: StatusCode, body: &Value) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(format!("{body:#}\n")));
    *response.status_mut() = status;
    let json = HeaderValue::from_static("application/json");
    response
        .headers_mut()
        .insert(http::header::CONTENT_TYPE, json);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event_of(body: &[u8]) -> Value {
        let request = Request::post("/allocations?x=1")
            .header("Idempotency-Key", "order-1")
            .header("X-Twice", "a")
            .header("X-Twice", "b")
            .body(Bytes::copy_from_slice(body))
            .unwrap();
        serde_json::from_str(event(&request, SENDER).unwrap().get()).unwrap()
    }

    #[test]
    fn a_request_becomes_the_event_that_api_gateway_would_send() {
        let event = event_of(b"{}");
        assert_eq!(event["version"], "2.0");
        assert_eq!(event["rawPath"], "/allocations");
        assert_eq!(event["requestContext"]["http"]["method"], "POST");
        assert_eq!(event["headers"]["idempotency-key"], "order-1");
        assert_eq!(event["headers"]["x-twice"], "a,b");
        assert_eq!(
            (&event["body"], &event["isBase64Encoded"]),
            (&json!("{}"), &json!(false))
        );
    }

    #[test]
    fn a_name_in_the_path_is_decoded_and_named_as_the_template_names_it() {
        for (uri, path, route, parameters) in [
            (
                "/allocations/a%2Fb%20c",
                "/allocations/a/b c",
                "/allocations/{key+}",
                json!({"key": "a/b c"}),
            ),
            (
                "/parents/dxcon-1",
                "/parents/dxcon-1",
                "/parents/{connectionId}",
                json!({"connectionId": "dxcon-1"}),
            ),
            (
                "/allocations/100%+%zz%ff",
                "/allocations/100%+%zz%ff",
                "/allocations/{key+}",
                json!({"key": "100%+%zz%ff"}),
            ),
            ("/allocations", "/allocations", "/allocations", Value::Null),
        ] {
            let request = Request::delete(uri).body(Bytes::new()).unwrap();
            let event: Value =
                serde_json::from_str(event(&request, SENDER).unwrap().get()).unwrap();
            assert_eq!(event["rawPath"], path);
            assert_eq!(event["routeKey"], format!("DELETE {route}"));
            assert_eq!(event["pathParameters"], parameters);
        }
    }

    #[test]
    fn a_body_that_is_no_text_travels_as_base64_and_an_empty_one_not_at_all() {
        let event = event_of(b"\xff");
        assert_eq!(
            (&event["body"], &event["isBase64Encoded"]),
            (&json!("/w=="), &json!(true))
        );
        assert!(event_of(b"").get("body").is_none());
    }

    #[test]
    fn the_functions_answer_becomes_the_response_and_a_failure_a_bare_500() {
        let answer = json!({"statusCode": 201, "headers": {"Location": "/allocations/a"}, "body": "é", "isBase64Encoded": false});
        let translated = response(&Ok(to_raw_value(&answer).unwrap()));
        assert_eq!(
            (
                translated.status().as_u16(),
                translated.headers()["location"].to_str().unwrap()
            ),
            (201, "/allocations/a")
        );
        assert_eq!(translated.body().as_ref(), "é".as_bytes());
        let failure = Diagnostic {
            error_type: "Secret".into(),
            error_message: "Secret".into(),
        };
        let translated = response(&Err(failure));
        assert_eq!(translated.status().as_u16(), 500);
        assert!(!String::from_utf8_lossy(translated.body()).contains("Secret"));
    }
}
