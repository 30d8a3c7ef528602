//! Reads the table out of the SAM template, so that the table the tests use and the one deployed cannot disagree.
//! Does not evaluate intrinsic functions: what the table's shape rests on has to be written out in the template.

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use crate::CloudError;

/// The repository's own template, parsed once: thousands of stories each have a cloud of their own.
static REPOSITORY: LazyLock<Result<serde_norway::Value, String>> =
    LazyLock::new(|| parse(include_str!("../../../template.yaml")));

/// What DynamoDB is asked to create.
#[derive(Debug)]
pub(crate) struct TableDefinition {
    /// A CreateTable request.
    pub(crate) create: Value,
    /// The attribute that DynamoDB takes an item's expiry from, if there is one.
    pub(crate) ttl_attribute: Option<String>,
}

/// Turns the one `AWS::DynamoDB::Table` of `template`, or of the repository's own, into requests for a table called
/// `table_name`.
pub(crate) fn table(
    template: Option<&str>,
    table_name: &str,
) -> Result<TableDefinition, CloudError> {
    match template {
        Some(template) => definition(&parse(template).map_err(CloudError::Template)?, table_name),
        None => match &*REPOSITORY {
            Ok(template) => definition(template, table_name),
            Err(error) => Err(CloudError::Template(error.clone())),
        },
    }
}

fn parse(template: &str) -> Result<serde_norway::Value, String> {
    serde_norway::from_str(template).map_err(|error| error.to_string())
}

fn definition(
    template: &serde_norway::Value,
    table_name: &str,
) -> Result<TableDefinition, CloudError> {
    let properties = table_properties(template)?;
    let mut create = Map::new();
    create.insert("TableName".into(), json!(table_name));
    create.insert("BillingMode".into(), json!("PAY_PER_REQUEST"));
    for (name, required) in [
        ("AttributeDefinitions", true),
        ("KeySchema", true),
        ("GlobalSecondaryIndexes", false),
    ] {
        match properties.get(name) {
            Some(value) => {
                create.insert(name.into(), literal(name, value)?);
            }
            None if required => {
                return Err(CloudError::Template(format!("the table has no {name}")));
            }
            None => {}
        }
    }
    let ttl_attribute = properties
        .get("TimeToLiveSpecification")
        .and_then(|ttl| ttl.get("AttributeName"))
        .and_then(|name| name.as_str())
        .map(str::to_owned);
    Ok(TableDefinition {
        create: Value::Object(create),
        ttl_attribute,
    })
}

fn table_properties(template: &serde_norway::Value) -> Result<&serde_norway::Value, CloudError> {
    let resources = template
        .get("Resources")
        .and_then(|resources| resources.as_mapping())
        .ok_or_else(|| CloudError::Template("no Resources".into()))?;
    let mut tables = resources.values().filter(|resource| {
        resource.get("Type").and_then(|kind| kind.as_str()) == Some("AWS::DynamoDB::Table")
    });
    match (tables.next(), tables.next()) {
        (Some(table), None) => table
            .get("Properties")
            .ok_or_else(|| CloudError::Template("the table has no Properties".into())),
        (None, _) => Err(CloudError::Template("no AWS::DynamoDB::Table".into())),
        (Some(_), Some(_)) => Err(CloudError::Template(
            "more than one AWS::DynamoDB::Table".into(),
        )),
    }
}

/// The value as JSON, refusing `!Ref` and its like: guessing what they stand for would let the two tables differ.
fn literal(name: &str, value: &serde_norway::Value) -> Result<Value, CloudError> {
    use serde_norway::Value as Yaml;
    match value {
        Yaml::Tagged(tagged) => Err(CloudError::Template(format!(
            "{name} uses {}, which the local cloud does not evaluate; write it out",
            tagged.tag
        ))),
        Yaml::Sequence(items) => items.iter().map(|item| literal(name, item)).collect(),
        Yaml::Mapping(members) => members
            .iter()
            .map(|(key, value)| {
                let key = key.as_str().ok_or_else(|| {
                    CloudError::Template(format!("{name} has a key that is no string"))
                })?;
                Ok((key.to_owned(), literal(name, value)?))
            })
            .collect::<Result<Map<_, _>, _>>()
            .map(Value::Object),
        Yaml::Null | Yaml::Bool(_) | Yaml::Number(_) | Yaml::String(_) => {
            serde_json::to_value(value).map_err(|error| CloudError::Template(error.to_string()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_repositorys_template_holds_a_table_that_can_be_created() {
        let table = table(None, "orders").unwrap();
        assert_eq!(table.create["TableName"], "orders");
        assert!(!table.create["KeySchema"].as_array().unwrap().is_empty());
    }

    #[test]
    fn short_tags_elsewhere_in_the_template_do_not_matter() {
        let template = "
Resources:
  Role: !GetAtt Other.Arn
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: !Sub '${AWS::StackName}-table'
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      TimeToLiveSpecification: {AttributeName: gone, Enabled: true}
";
        let table = table(Some(template), "t").unwrap();
        assert_eq!(table.create["KeySchema"][0]["AttributeName"], "id");
        assert_eq!(table.ttl_attribute.as_deref(), Some("gone"));
    }

    #[test]
    fn a_key_that_is_not_written_out_is_refused() {
        let template = "
Resources:
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      AttributeDefinitions: [{AttributeName: !Ref Key, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
";
        let error = table(Some(template), "t").unwrap_err().to_string();
        assert!(error.contains("write it out"), "{error}");
    }
}
