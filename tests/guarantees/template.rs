//! The deployment says what the code does: names, times, attributes and rights of `template.yaml`.

mod alarms;
mod audit;
mod dashboard;
mod deployment;
mod encryption;
mod feeds;
mod names;
mod queues;
mod retention;
mod rights;
mod routes;
mod schemas;
mod settings;
mod table;
mod tags;

use ::template::{properties, template, texts};
use serde_json::{Value, json};

/// Every function of the deployment.
const FUNCTIONS: [&str; 4] = ["Allocate", "Track", "Inspect", "Release"];

/// Name and properties of every resource of this type.
fn all(kind: &str) -> Vec<(String, Value)> {
    let resources = template()["Resources"].take();
    let resources = resources.as_object().unwrap().iter();
    resources
        .filter(|(_, resource)| resource["Type"] == kind)
        .map(|(name, resource)| (name.clone(), resource["Properties"].clone()))
        .collect()
}

/// A function's properties over what all functions have in common, as SAM lays them.
fn function(name: &str) -> Value {
    let mut function = template()["Globals"]["Function"].take();
    lay(&mut function, properties(&format!("{name}Function")));
    function
}

fn lay(under: &mut Value, over: Value) {
    match (under, over) {
        (Value::Object(under), Value::Object(over)) => {
            for (name, value) in over {
                lay(under.entry(name).or_insert(Value::Null), value);
            }
        }
        (under, over) => *under = over,
    }
}

/// The text of `!Sub`, as it stands.
fn text_of_sub(value: &Value) -> &str {
    let text = &value["!Sub"];
    text.as_str()
        .or_else(|| text[0].as_str())
        .unwrap_or_else(|| panic!("{value} is no !Sub"))
}

/// `!GetAtt X.Arn`.
fn arn_of(resource: &str) -> Value {
    json!({"!GetAtt": format!("{resource}.Arn")})
}
