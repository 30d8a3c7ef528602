//! The JSON Schemas that are files: each complete in itself, so that a registry or a consumer needs no second one.

use hosted_connection::DetailType;

use crate::definitions::{Form, alone};
use crate::event;
use crate::value::{Value, with};

const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// Each file's name, without its ending, and schema.
pub(crate) fn all() -> Vec<(&'static str, Value)> {
    let mut all = vec![
        ("order-request", "Order", "OrderMessage"),
        ("release-request", "Release", "ReleaseMessage"),
        ("receipt", "Receipt", "Receipt"),
        ("problem", "Problem", "Problem"),
    ];
    for detail_type in DetailType::ALL {
        let (definition, file) = event::names(detail_type);
        all.push((file, detail_type.as_str(), definition));
    }
    let file = |(file, title, definition): (&'static str, &str, &str)| {
        let head = members! {
            "$schema" => DIALECT,
            "$id" => format!("urn:hosted-connections:schema:{file}"),
            "title" => title,
        };
        (file, with(head, alone(definition, Form::Published)))
    };
    all.into_iter().map(file).collect()
}
