//! What lies between the functions and the cloud: things happen there between two requests, and a safeguard is broken
//! there that a proof wants to do without.

mod answers;
mod broken;
mod json;
mod requests;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use local_cloud::Cloud;

use crate::happening::Happening;
use crate::sabotage::Sabotage;
use broken::Memory;

/// The wire of one world. Clones are the same wire.
#[derive(Debug, Clone)]
pub(crate) struct Wire {
    cloud: Cloud,
    sabotage: Option<Sabotage>,
    due: Arc<Mutex<Due>>,
}

#[derive(Debug, Default)]
struct Due {
    /// Requests since this was set.
    sent: u64,
    happenings: Vec<(u64, Happening)>,
    happened: Vec<(String, String)>,
}

impl Wire {
    pub(crate) fn new(cloud: Cloud) -> Self {
        Self {
            cloud,
            sabotage: None,
            due: Arc::default(),
        }
    }

    pub(crate) fn sabotaged(mut self, sabotage: Option<Sabotage>) -> Self {
        self.sabotage = sabotage;
        self
    }

    /// Has each of `happenings` happen just before its request is sent, counted from now, from 1.
    pub(crate) fn expect(&self, happenings: Vec<(u64, Happening)>) {
        *self.due() = Due {
            happenings,
            ..Due::default()
        };
    }

    /// What has happened since, each with the operation that came after it.
    pub(crate) fn happened(&self) -> Vec<(String, String)> {
        self.due().happened.clone()
    }

    /// The HTTP client of a process of that name.
    pub(crate) fn client(&self, worker: &str) -> SharedHttpClient {
        SharedHttpClient::new(Client {
            wire: self.clone(),
            cloud: self.cloud.http_client_as(worker),
            memory: Arc::default(),
        })
    }

    fn due(&self) -> MutexGuard<'_, Due> {
        self.due.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn before(&self, operation: &str) {
        let mut due = self.due();
        due.sent += 1;
        let k = due.sent;
        let now: Vec<_> = due.happenings.extract_if(.., |(at, _)| *at == k).collect();
        for (_, happening) in now {
            happening.happen(&self.cloud);
            let text = happening.to_string();
            due.happened.push((text, operation.to_owned()));
        }
    }
}

#[derive(Debug, Clone)]
struct Client {
    wire: Wire,
    cloud: SharedHttpClient,
    memory: Arc<Mutex<Memory>>,
}

impl HttpClient for Client {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(Line {
            wire: self.wire.clone(),
            cloud: self.cloud.http_connector(settings, components),
            memory: Arc::clone(&self.memory),
        })
    }
}

/// The line of one process to the cloud.
#[derive(Debug, Clone)]
struct Line {
    wire: Wire,
    cloud: SharedHttpConnector,
    /// What is remembered of this process in order to break a safeguard.
    memory: Arc<Mutex<Memory>>,
}

impl HttpConnector for Line {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let line = self.clone();
        HttpConnectorFuture::new(async move {
            match line.wire.sabotage {
                None => line.send(request).await,
                Some(sabotage) => line.send_without(sabotage, request).await,
            }
        })
    }
}

impl Line {
    /// Sends one request as it is.
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        self.wire.before(json::operation(&request));
        self.cloud.call(request).await
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
