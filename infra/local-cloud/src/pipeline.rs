//! The one way through the cloud that every request takes, in-process or over HTTP:
//! recognise → remember → go wrong as injected → wait → apply → answer.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use http::Response;
use serde_json::json;

use crate::{
    Cloud, FaultKind, Gate, RequestRecord,
    reply::{self, Answer, ApiError, Reply},
    request::{Call, Service},
};

impl Cloud {
    /// Takes one request to any of the services, told apart by `X-Amz-Target`.
    pub async fn handle(&self, request: http::Request<Bytes>) -> Reply {
        self.handle_as("", request).await
    }

    /// As [`handle`](Self::handle), for a request that the client tagged `worker` has sent.
    pub async fn handle_as(&self, worker: &str, request: http::Request<Bytes>) -> Reply {
        let Some(call) = Call::recognise(&request) else {
            let answer = Err(ApiError::unknown_operation(
                "a request without a known X-Amz-Target",
            ));
            return Reply::Answer(reply::response(Service::DirectConnect, &answer, ""));
        };
        let witness = self.control().witness.clone();
        let seen = witness.map(|witness| witness.arrived(&target(&request), request.body()));
        let record = self.control().arrive(worker, &call, self.clock().now());
        self.stir();
        let reply = self.go_wrong(record.clone(), call).await;
        if let Some(seen) = seen {
            seen(reply.outcome());
        }
        if let Reply::Answer(response) | Reply::Cut(response) = &reply
            && let Some(record) = self.control().record(record.sequence)
        {
            record.status = Some(response.status().as_u16());
        }
        self.stir();
        reply
    }

    /// Treats the request as its fault says, or well.
    async fn go_wrong(&self, record: RequestRecord, call: Call) -> Reply {
        let service = call.service;
        let Some(fault) = record.fault.clone() else {
            return Reply::Answer(self.land(record, call, Duration::ZERO).await);
        };
        match fault.kind {
            FaultKind::RefuseBefore => Reply::Refused,
            FaultKind::ResetBefore => Reply::Reset,
            FaultKind::Throttle => self.turned_away(service, self.throttled(service)),
            FaultKind::Error { status, code } => self.turned_away(
                service,
                ApiError::new(status, &code, "injected by the local cloud"),
            ),
            FaultKind::ServerErrorBefore => self.turned_away(service, ApiError::internal(service)),
            FaultKind::ServerExceptionBefore => {
                self.turned_away(service, ApiError::direct_connect_server_exception())
            }
            FaultKind::ClientExceptionBefore => self.turned_away(service, client_exception()),
            FaultKind::ExpiredPageToken => {
                self.turned_away(service, ApiError::expired_page_token())
            }
            FaultKind::HangBefore => Reply::Hang,
            FaultKind::KillBefore => self.killed_by(&record),
            FaultKind::Delay(time) => Reply::Answer(self.land(record, call, time).await),
            FaultKind::LandLate(time) => {
                let cloud = self.clone();
                tokio::spawn(async move { cloud.land(record, call, time).await });
                Reply::Reset
            }
            FaultKind::PartialPutEvents(_) => {
                Reply::Answer(self.land(record, call, Duration::ZERO).await)
            }
            FaultKind::ApplyThen500
            | FaultKind::ApplyThenServerException
            | FaultKind::ApplyThenClientException
            | FaultKind::ApplyThenReset
            | FaultKind::ApplyThenCutBody
            | FaultKind::ApplyThenEmptyBody
            | FaultKind::ApplyThenWithoutList
            | FaultKind::ApplyThenHang
            | FaultKind::ApplyThenKill => {
                let answer = self.land(record.clone(), call, Duration::ZERO).await;
                self.lose(&record, &fault.kind, answer)
            }
        }
    }

    /// The request has been applied; its answer does not arrive as it should.
    fn lose(&self, record: &RequestRecord, kind: &FaultKind, mut answer: Response<Bytes>) -> Reply {
        match kind {
            FaultKind::ApplyThen500 => {
                self.turned_away(record.service, ApiError::internal(record.service))
            }
            FaultKind::ApplyThenServerException => {
                self.turned_away(record.service, ApiError::direct_connect_server_exception())
            }
            FaultKind::ApplyThenClientException => {
                self.turned_away(record.service, client_exception())
            }
            FaultKind::ApplyThenReset => Reply::Reset,
            FaultKind::ApplyThenCutBody => Reply::Cut(answer),
            FaultKind::ApplyThenEmptyBody => {
                *answer.body_mut() = Bytes::new();
                Reply::Answer(answer)
            }
            FaultKind::ApplyThenWithoutList => {
                Reply::Answer(self.respond(record.service, &Ok(json!({}))))
            }
            FaultKind::ApplyThenHang => Reply::Hang,
            FaultKind::ApplyThenKill => self.killed_by(record),
            FaultKind::RefuseBefore
            | FaultKind::ResetBefore
            | FaultKind::Throttle
            | FaultKind::Error { .. }
            | FaultKind::ServerErrorBefore
            | FaultKind::ServerExceptionBefore
            | FaultKind::ClientExceptionBefore
            | FaultKind::ExpiredPageToken
            | FaultKind::HangBefore
            | FaultKind::Delay(_)
            | FaultKind::LandLate(_)
            | FaultKind::KillBefore
            | FaultKind::PartialPutEvents(_) => Reply::Answer(answer),
        }
    }

    /// How this cloud's services say that they are asked too much.
    fn throttled(&self, service: Service) -> ApiError {
        match service {
            Service::DirectConnect => self.rules().throttle_error.with("Rate exceeded"),
            Service::DynamoDb | Service::EventBridge | Service::Sqs => ApiError::throttled(service),
        }
    }

    fn turned_away(&self, service: Service, error: ApiError) -> Reply {
        Reply::Answer(self.respond(service, &Err(error)))
    }

    fn killed_by(&self, record: &RequestRecord) -> Reply {
        self.kill(&record.worker);
        Reply::Killed
    }

    /// Waits as long as the request is under way, then applies it. What waits is a task of its own: a sender that
    /// gives up, or dies, does not call back what it has sent.
    async fn land(&self, record: RequestRecord, call: Call, extra: Duration) -> Response<Bytes> {
        let service = call.service;
        let (wait, gate) = {
            let control = self.control();
            (
                control.latency(&call.operation) + extra,
                control.gate.clone(),
            )
        };
        let answer = if wait.is_zero() && gate.is_none() {
            self.apply(&record, &call)
        } else {
            let landing = tokio::spawn(self.clone().land_after(wait, gate, record, call));
            landing
                .await
                .unwrap_or_else(|_| Err(ApiError::internal(service)))
        };
        self.respond(service, &answer)
    }

    async fn land_after(
        self,
        wait: Duration,
        gate: Option<Arc<dyn Gate>>,
        record: RequestRecord,
        call: Call,
    ) -> Answer {
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
        if let Some(gate) = gate {
            gate.pass(&record).await;
        }
        self.apply(&record, &call)
    }

    /// Has the service do what is asked, in one step that nothing can come between.
    fn apply(&self, record: &RequestRecord, call: &Call) -> Answer {
        if let Some(record) = self.control().record(record.sequence) {
            record.applied = true;
        }
        self.stir();
        if !call.signed {
            return Err(ApiError::unsigned(call.service));
        }
        if !call.body.is_object() {
            return Err(ApiError::unreadable());
        }
        if call.service == Service::DynamoDb {
            let (answer, units) = self.ask_database(call);
            if let Some(record) = self.control().record(record.sequence) {
                record.units = units;
            }
            return answer;
        }
        if let Some(FaultKind::PartialPutEvents(failing)) =
            record.fault.as_ref().map(|fault| &fault.kind)
        {
            return self.dispatch(call, failing);
        }
        self.dispatch(call, &[])
    }

    fn respond(&self, service: Service, answer: &Answer) -> Response<Bytes> {
        let id = self.control().request_id();
        reply::response(service, answer, &id)
    }
}

/// What an injected refusal says. The product must not go by the text.
fn client_exception() -> ApiError {
    ApiError::direct_connect_client_exception("The request was refused.")
}

fn target(request: &http::Request<Bytes>) -> String {
    let target = request.headers().get("x-amz-target");
    let target = target.map(|target| String::from_utf8_lossy(target.as_bytes()));
    target.unwrap_or_default().into_owned()
}
