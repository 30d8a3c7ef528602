//! Reading only which VLANs a page of connections shows in use: an order that chooses its VLAN needs nothing else of four
//! thousand connections with thirty members each.
//!
//! The call is the SDK's, from request to body; only what is made of a successful answer is ours. Errors are read by the SDK.

use aws_sdk_directconnect::operation::describe_hosted_connections::DescribeHostedConnectionsOutput;
use aws_sdk_directconnect::types;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeDeserializationInterceptorContextMut, Error, Output,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpResponse, OrchestratorError};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_runtime_api::client::ser_de::{DeserializeResponse, SharedResponseDeserializer};
use aws_smithy_types::config_bag::ConfigBag;
use serde::Deserialize;

/// Has the pages of one call read for their VLANs alone.
#[derive(Debug)]
pub(super) struct Lean;

impl Intercept for Lean {
    fn name(&self) -> &'static str {
        "Lean"
    }

    fn modify_before_deserialization(
        &self,
        context: &mut BeforeDeserializationInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        state: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if context.response().status().is_success() {
            let reader = SharedResponseDeserializer::new(VlansOnly);
            state.interceptor_state().store_put(reader);
        }
        Ok(())
    }
}

#[derive(Debug)]
struct VlansOnly;

impl DeserializeResponse for VlansOnly {
    fn deserialize_nonstreaming_with_config(
        &self,
        response: &HttpResponse,
        _: &ConfigBag,
    ) -> Result<Output, OrchestratorError<Error>> {
        let body = response.body().bytes().unwrap_or_default();
        // Once for all of it; `from_slice` asks of each string that it reads whether it is UTF-8.
        let text =
            str::from_utf8(body).map_err(|error| OrchestratorError::response(error.into()))?;
        let page: Page = serde_json::from_str(text)
            .map_err(|error| OrchestratorError::response(error.into()))?;
        Ok(Output::erase(page.output()))
    }
}

/// What is read of a page.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    connections: Option<Vec<Shown>>,
    next_token: Option<String>,
}

/// What is read of a connection.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    vlan: Option<i32>,
    connection_state: Option<String>,
}

impl Page {
    fn output(self) -> DescribeHostedConnectionsOutput {
        let read = |shown: Vec<Shown>| shown.iter().map(Shown::read).collect();
        DescribeHostedConnectionsOutput::builder()
            .set_connections(self.connections.map(read))
            .set_next_token(self.next_token)
            .build()
    }
}

impl Shown {
    fn read(&self) -> types::Connection {
        let state = self.connection_state.as_deref();
        types::Connection::builder()
            .set_vlan(self.vlan)
            .set_connection_state(state.map(types::ConnectionState::from))
            .build()
    }
}
