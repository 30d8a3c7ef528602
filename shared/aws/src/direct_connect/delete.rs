//! DeleteConnection: unlike the call that allocates it may be sent again, because a connection's id names it for good.

use aws_sdk_directconnect::error::SdkError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;

use super::{DirectConnect, is_4xx};
use crate::failure::CallError;

/// How a deletion ended.
#[derive(Debug)]
pub enum Deletion {
    /// Direct Connect deletes the connection, or has.
    Accepted,
    /// Direct Connect looked at the request and said no: the connection is unknown, or still has virtual interfaces.
    /// Which of the two is not in its words, but in what it shows on the parent.
    Refused {
        /// Direct Connect's own words, for people.
        message: String,
    },
    /// It may have been deleted or not; ask again.
    Failed(CallError),
}

impl DirectConnect {
    /// Deletes the hosted connection of that id.
    pub async fn delete(&self, connection_id: &str) -> Deletion {
        let call = self.reader.delete_connection().connection_id(connection_id);
        match call.send().await {
            Ok(_) => Deletion::Accepted,
            Err(error) if is_refused(&error) => Deletion::Refused {
                message: error.message().unwrap_or_default().to_owned(),
            },
            Err(error) => Deletion::Failed(CallError::without_words("DeleteConnection", &error)),
        }
    }
}

fn is_refused<E: ProvideErrorMetadata>(error: &SdkError<E, HttpResponse>) -> bool {
    error.code() == Some("DirectConnectClientException") && is_4xx(error)
}
