//! What becomes of a request, as callers are told: receipts, and every kind of no.

use hosted_connection::{CandidateCode, Code, ReceiptStatus, Violation, ViolationCode};

use crate::samples;
use crate::value::{Value, array, example, list, may, must, object, of, one_of, only, text, with};

pub(crate) fn receipt() -> Value {
    let status = one_of(
        "Where the connection stands with us; its own state is `connectionState`.",
        ReceiptStatus::ALL.map(ReceiptStatus::as_str),
    );
    let schema = object(
        "The order has its hosted connection. A replay gives the first answer for ever; only `status` tells what came after.",
        vec![
            must("idempotencyKey", of("IdempotencyKey")),
            must("status", status),
            must("parentConnectionId", of("ParentConnectionId")),
            must("connection", of("Connection")),
        ],
    );
    example(schema, samples::receipt(ReceiptStatus::Allocated))
}

pub(crate) fn violation() -> Value {
    let field = with(
        text("JSON Pointer to what is wrong; empty for the body as a whole."),
        members! {"format" => "json-pointer"},
    );
    object(
        "One broken rule of the request.",
        vec![
            must("field", field),
            must(
                "code",
                one_of(
                    "The kind of rule.",
                    ViolationCode::ALL.map(ViolationCode::as_str),
                ),
            ),
            must(
                "message",
                said("The rule in words. It never repeats the caller's value."),
            ),
        ],
    )
}

/// A parent that cannot take an order by place.
pub(crate) fn candidate() -> Value {
    object(
        "An interconnect or LAG that cannot take an order by place, and why.",
        vec![
            must("connectionId", of("ParentConnectionId")),
            must(
                "code",
                one_of(
                    "The kind of reason.",
                    CandidateCode::ALL.map(CandidateCode::as_str),
                ),
            ),
            must("message", said("The reason in words.")),
        ],
    )
}

/// A parent that could take an order by place.
pub(crate) fn open_candidate() -> Value {
    let whole = |description: &str| members! {"type" => "integer", "description" => description};
    let share = members! {
        "type" => "number",
        "description" => "The part of its bandwidth that would be free after the order; absent where its bandwidth is not known.",
    };
    object(
        "An interconnect or LAG that could take an order by place.",
        vec![
            must("connectionId", of("ParentConnectionId")),
            must(
                "freeMbps",
                whole(
                    "What would be free of it after the order; less than nothing where more is sold than there is.",
                ),
            ),
            may(
                "ofMbps",
                whole("Of so many: its policy's limit; without one, its own bandwidth."),
            ),
            may("share", share),
        ],
    )
}

/// The parents that could not take an order by place, where that is the reason.
fn candidates() -> Value {
    with(
        array(
            "Why each interconnect and LAG could not take an order by place.",
            of("Candidate"),
        ),
        members! {"minItems" => 1},
    )
}

/// Violations, where there are any.
fn violations() -> Value {
    with(
        array(
            "Everything that is wrong with the request, where that is the reason.",
            of("Violation"),
        ),
        members! {"minItems" => 1, "maxItems" => Violation::MAX_LISTED},
    )
}

/// Words for a person.
fn said(description: &str) -> Value {
    with(text(description), members! {"minLength" => 1})
}

/// Whether a code can be a final no: what may be asked again, and what only HTTP has, is never one.
fn is_final(code: Code) -> bool {
    matches!(code.status(), 400 | 404 | 413 | 422)
}

pub(crate) fn rejection() -> Value {
    let codes = Code::ALL.into_iter().filter(|code| is_final(*code));
    object(
        "The final no. The same key gets the same one for ever after.",
        vec![
            must(
                "code",
                one_of("The kind of reason.", codes.map(Code::as_str)),
            ),
            must("message", said("The reason in words.")),
            may("violations", violations()),
            may("candidates", candidates()),
        ],
    )
}

/// A problem of any code, as one plain object: generators of clients make one type of it.
pub(crate) fn problem() -> Value {
    let schema = object(
        "Why there is no receipt (RFC 9457).",
        vec![
            must(
                "type",
                with(
                    text("Names the code, as a URI."),
                    members! {"format" => "uri"},
                ),
            ),
            must(
                "title",
                said("One sentence, the same for every problem of the code."),
            ),
            must(
                "status",
                members! {"type" => "integer", "description" => "The HTTP status.", "minimum" => 400, "maximum" => 599},
            ),
            must("detail", said("What happened, for a person's eyes.")),
            must(
                "instance",
                text("The request's id, as the gateway knows it."),
            ),
            must(
                "code",
                one_of(
                    "By this programs tell problems apart.",
                    Code::ALL.map(Code::as_str),
                ),
            ),
            may("violations", violations()),
            may("candidates", candidates()),
        ],
    );
    example(schema, samples::problem(Code::InvalidRequest))
}

/// A problem of one of these codes with the type, title and status of that code; for checks.
pub(crate) fn problem_of(codes: &[Code]) -> Value {
    let combinations = codes.iter().map(|code| {
        members! {"properties" => members! {
            "type" => members! {"const" => code.urn()},
            "title" => members! {"const" => code.title()},
            "status" => members! {"const" => code.status()},
            "code" => members! {"const" => code.as_str()},
        }}
    });
    members! {"allOf" => list([of("Problem"), members! {"oneOf" => list(combinations)}])}
}

/// What API Gateway itself answers, before any function of ours is asked.
pub(crate) fn gateway_message() -> Value {
    let message = members! {"message" => "Forbidden"};
    let schema = object(
        "What API Gateway answers by itself: the caller may not call it, or it is throttled, or the function gave no answer.",
        vec![must("message", text("The reason in a word or two."))],
    );
    example(schema, message)
}

/// What a dry run says the order would come to.
pub(crate) fn forecast() -> Value {
    let sample = members! {
        "dryRun" => true,
        "idempotencyKey" => samples::KEY,
        "parentConnectionId" => samples::PARENT,
        "wouldBe" => "allocated",
        "vlan" => samples::VLAN,
    };
    let shapes = forecasts().map(|(name, _)| of(name));
    example(
        members! {
            "type" => "object",
            "description" => "What an order would come to.",
            "oneOf" => list(shapes),
        },
        sample,
    )
}

/// Its shapes, each by the name that generators of clients call its type by.
pub(crate) fn forecasts() -> [(&'static str, Value); 5] {
    let yes = members! {"type" => "boolean", "const" => true, "description" => "Nothing was written, and nothing allocated."};
    let shape = |description: &str, would_be: &str, besides: Vec<crate::value::Member>| {
        let is_chosen = would_be == "allocated";
        let mut all = vec![
            must("dryRun", yes.clone()),
            must("idempotencyKey", of("IdempotencyKey")),
            match is_chosen {
                true => must("parentConnectionId", of("ParentConnectionId")),
                // Of an order by place there need be none.
                false => may("parentConnectionId", of("ParentConnectionId")),
            },
            must("wouldBe", only(would_be)),
        ];
        all.extend(besides);
        let either = list([of("OpenCandidate"), of("Candidate")]);
        let candidates = array(
            "Of an order by place every candidate: first those that could take it, best first, and then those that could not.",
            members! {"oneOf" => either},
        );
        all.push(may("candidates", candidates));
        object(description, all)
    };
    let rejection = || vec![must("rejection", of("Rejection"))];
    [
        (
            "ForecastAllocated",
            shape(
                "It would be allocated on this VLAN; on another one, perhaps, if the order leaves it to us.",
                "allocated",
                vec![must("vlan", of("Vlan"))],
            ),
        ),
        (
            "ForecastRejected",
            shape("The final no that it would be.", "rejected", rejection()),
        ),
        (
            "ForecastInProgress",
            shape("The key is being worked on.", "inProgress", vec![]),
        ),
        (
            "ForecastReplayed",
            shape(
                "The key has its connection.",
                "replayed",
                vec![must("connection", of("Connection"))],
            ),
        ),
        (
            "ForecastReplayedRejection",
            shape("The key has its final no.", "replayed", rejection()),
        ),
    ]
}

/// What goes back to a queue; for checks, as only Lambda reads it.
pub(crate) fn batch_response() -> Value {
    let failure = object(
        "A message that goes back.",
        vec![must("itemIdentifier", said("Its message id."))],
    );
    object(
        "Which messages of a batch go back to their queue.",
        vec![must("batchItemFailures", array("", failure))],
    )
}

/// What an asynchronous invocation ends with; for checks, as only a destination of the function's would read it.
pub(crate) fn outcomes() -> Value {
    let code = one_of("The kind of reason.", Code::ALL.map(Code::as_str));
    let shapes = [
        object(
            "An order that has its hosted connection.",
            vec![
                must("status", only("allocated")),
                must("idempotencyKey", of("IdempotencyKey")),
                must("connectionId", text("The hosted connection.")),
            ],
        ),
        object(
            "A final no.",
            vec![must("status", only("rejected")), must("code", code)],
        ),
        object(
            "An event of our own.",
            vec![must("status", only("ignored"))],
        ),
    ];
    let outcome = members! {"oneOf" => list(shapes)};
    object(
        "What became of each order in the event.",
        vec![must("outcomes", array("", outcome))],
    )
}
