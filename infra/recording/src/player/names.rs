//! Names of connections: whoever allocates finds the connection under the name that they gave it, not under the one that
//! stands in the file in place of another's.

use std::collections::BTreeMap;

use serde_json::Value;

const MEMBER: &str = "connectionName";

/// By the name in the file, the one that was given now.
#[derive(Debug, Default)]
pub(super) struct Names {
    given: BTreeMap<String, String>,
}

impl Names {
    /// A request is answered with what was answered to another one. The first name that is given stays: the connection is
    /// then called so.
    pub(super) fn learn(&mut self, recorded: &Value, asked: &Value) {
        if let (Some(recorded), Some(asked)) = (recorded[MEMBER].as_str(), asked[MEMBER].as_str()) {
            let given = self.given.entry(recorded.to_owned());
            given.or_insert_with(|| asked.to_owned());
        }
    }

    /// The answer with the names that were given now.
    pub(super) fn put_into(&self, mut answer: Value) -> Value {
        self.replace(&mut answer);
        answer
    }

    fn replace(&self, value: &mut Value) {
        match value {
            Value::Array(all) => all.iter_mut().for_each(|one| self.replace(one)),
            Value::Object(members) => {
                for (name, value) in members.iter_mut() {
                    let given = value.as_str().filter(|_| name == MEMBER);
                    match given.and_then(|recorded| self.given.get(recorded)) {
                        Some(given) => *value = given.as_str().into(),
                        None => self.replace(value),
                    }
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
}
