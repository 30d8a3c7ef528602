//! Documents as trees whose members stay in the order they are written in, and the few forms of schema there are.
//!
//! Only keywords that mean the same in JSON Schema 2020-12 and in draft 7, which AsyncAPI's own schemas build on.

pub(crate) use serde_norway::Value;

/// Where a file has the definitions that its schemas refer to.
const DEFINITIONS: &str = "#/$defs/";

/// Says which command brings a file up to date.
const NOTICE: &str = "# Made from the types by `cargo run -p contracts`; do not edit.\n";

/// An object, member by member.
macro_rules! members {
    ($($name:expr => $value:expr),* $(,)?) => {
        $crate::value::mapping([$(($name.into(), $crate::value::Value::from($value))),*])
    };
}

pub(crate) fn mapping(members: impl IntoIterator<Item = (String, Value)>) -> Value {
    let members = members.into_iter();
    Value::Mapping(members.map(|(name, value)| (name.into(), value)).collect())
}

pub(crate) fn list<T: Into<Value>>(items: impl IntoIterator<Item = T>) -> Value {
    Value::Sequence(items.into_iter().map(Into::into).collect())
}

/// The same object with more members.
pub(crate) fn with(mut value: Value, more: Value) -> Value {
    if let (Value::Mapping(members), Value::Mapping(more)) = (&mut value, more) {
        members.extend(more);
    }
    value
}

/// A text that is JSON as a tree; JSON is YAML.
pub(crate) fn read(json: &str) -> Value {
    serde_norway::from_str(json).unwrap_or_default()
}

/// What a definition is referred to by.
pub(crate) fn of(name: &str) -> Value {
    members! {"$ref" => format!("{DEFINITIONS}{name}")}
}

/// The same with every reference leading to `place`.
pub(crate) fn refer_to(place: &str, value: Value) -> Value {
    match value {
        Value::String(text) => match text.strip_prefix(DEFINITIONS) {
            Some(name) => format!("{place}{name}").into(),
            None => text.into(),
        },
        Value::Sequence(items) => list(items.into_iter().map(|item| refer_to(place, item))),
        Value::Mapping(members) => Value::Mapping(
            members
                .into_iter()
                .map(|(name, value)| (name, refer_to(place, value)))
                .collect(),
        ),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Tagged(_) => value,
    }
}

/// The names of the definitions that are referred to anywhere in it.
pub(crate) fn referred(value: &Value, names: &mut Vec<String>) {
    match value {
        Value::String(text) => names.extend(text.strip_prefix(DEFINITIONS).map(str::to_owned)),
        Value::Sequence(items) => items.iter().for_each(|item| referred(item, names)),
        Value::Mapping(members) => members.values().for_each(|value| referred(value, names)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Tagged(_) => {}
    }
}

/// The same without what closes objects: for those who read what we tell, a member more is no mistake.
pub(crate) fn opened(value: Value) -> Value {
    match value {
        Value::Sequence(items) => list(items.into_iter().map(opened)),
        Value::Mapping(members) => Value::Mapping(
            members
                .into_iter()
                .filter(|(name, value)| !(name == "additionalProperties" && *value == false))
                .map(|(name, value)| (name, opened(value)))
                .collect(),
        ),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Tagged(_) => {
            value
        }
    }
}

/// A member of an object's schema.
pub(crate) struct Member {
    name: String,
    schema: Value,
    is_required: bool,
}

pub(crate) fn must(name: &str, schema: Value) -> Member {
    Member {
        name: name.to_owned(),
        schema,
        is_required: true,
    }
}

pub(crate) fn may(name: &str, schema: Value) -> Member {
    Member {
        is_required: false,
        ..must(name, schema)
    }
}

/// An object that has these members and no others.
pub(crate) fn object(description: &str, of: Vec<Member>) -> Value {
    let required: Vec<_> = of.iter().filter(|member| member.is_required).collect();
    let required = list(required.into_iter().map(|member| member.name.as_str()));
    let is_any_required = required != list::<Value>([]);
    let properties = mapping(
        of.iter()
            .map(|member| (member.name.clone(), member.schema.clone())),
    );
    let object =
        members! {"type" => "object", "description" => description, "properties" => properties};
    let object = match is_any_required {
        true => with(object, members! {"required" => required}),
        false => object,
    };
    with(object, members! {"additionalProperties" => false})
}

/// Any text.
pub(crate) fn text(description: &str) -> Value {
    members! {"type" => "string", "description" => description}
}

/// One of these words.
pub(crate) fn one_of(description: &str, words: impl IntoIterator<Item = &'static str>) -> Value {
    with(text(description), members! {"enum" => list(words)})
}

/// This word.
pub(crate) fn only(word: &str) -> Value {
    members! {"type" => "string", "const" => word}
}

/// A whole number that is not negative.
pub(crate) fn count(description: &str) -> Value {
    members! {"type" => "integer", "minimum" => 0, "description" => description}
}

pub(crate) fn array(description: &str, items: Value) -> Value {
    members! {"type" => "array", "description" => description, "items" => items}
}

pub(crate) fn example(schema: Value, example: impl Into<Value>) -> Value {
    with(schema, members! {"examples" => list([example.into()])})
}

/// An instant as we write it.
pub(crate) fn instant(description: &str) -> Value {
    let pattern = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$";
    with(
        text(description),
        members! {"format" => "date-time", "pattern" => pattern},
    )
}

pub(crate) fn yaml(value: &Value) -> Result<String, serde_norway::Error> {
    Ok(format!("{NOTICE}{}", serde_norway::to_string(value)?))
}

pub(crate) fn json(value: &Value) -> Result<String, serde_json::Error> {
    Ok(format!("{}\n", serde_json::to_string_pretty(value)?))
}
