//! Watches the calls of one SDK client: how long each attempt takes, and whether the service asks for fewer requests.
//!
//! It sees every attempt, those that the SDK repeats on its own among them. It changes nothing about them.

use std::time::{Duration, SystemTime};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeTransmitInterceptorContextRef, FinalizerInterceptorContextRef,
};
use aws_smithy_runtime_api::client::interceptors::{Intercept, SharedInterceptor};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};

use super::{Meter, Service};
use crate::{Clock, failure};

/// What to tell about a service's calls.
#[derive(Debug, Clone)]
pub struct Watch {
    meter: Meter,
    clock: Clock,
    service: Service,
}

impl Watch {
    /// To be given to the client of `service`. Permanent: otherwise the SDK would ask before each hook whether this one
    /// has been switched off.
    pub fn over(service: Service, meter: &Meter, clock: &Clock) -> SharedInterceptor {
        SharedInterceptor::permanent(Self {
            meter: meter.clone(),
            clock: clock.clone(),
            service,
        })
    }
}

impl Intercept for Watch {
    fn name(&self) -> &'static str {
        "Watch"
    }

    fn read_before_transmit(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        state: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        state.interceptor_state().store_put(Stopwatch {
            started: self.clock.now(),
            watch: self.clone(),
        });
        Ok(())
    }

    fn read_after_attempt(
        &self,
        attempt: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        state: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        state.interceptor_state().unset::<Stopwatch>();
        if attempt.response().is_some_and(is_throttled) {
            self.meter.count(self.service.throttles());
        }
        Ok(())
    }

    fn read_after_execution(
        &self,
        call: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        // The answer to its last attempt.
        if call.response().is_some_and(is_throttled) {
            self.meter.call_throttled(self.service);
        }
        Ok(())
    }
}

/// Tells at its own end how long an attempt took. So an attempt that nobody waits for any more is told too: of all calls
/// those are the ones that take longest.
#[derive(Debug)]
struct Stopwatch {
    started: SystemTime,
    watch: Watch,
}

impl Storable for Stopwatch {
    type Storer = StoreReplace<Self>;
}

impl Drop for Stopwatch {
    fn drop(&mut self) {
        let Watch {
            meter,
            clock,
            service,
        } = &self.watch;
        let took = clock.now().duration_since(self.started);
        // The clock was set back.
        meter.time(*service, took.unwrap_or(Duration::ZERO));
    }
}

fn is_throttled(response: &HttpResponse) -> bool {
    let status = response.status();
    let is_error = status.is_client_error() || status.is_server_error();
    is_error && error_code(response).is_some_and(failure::is_throttling)
}

/// The error's code as the SDK finds it too: a header, or the member `__type`, which comes first.
fn error_code(response: &HttpResponse) -> Option<&str> {
    let code = match response.headers().get("x-amzn-errortype") {
        Some(code) => code,
        None => {
            let body = std::str::from_utf8(response.body().bytes()?).ok()?;
            let (_, member) = body.split_once("\"__type\"")?;
            member.split('"').nth(1)?
        }
    };
    // A namespace may stand before it and an address behind it.
    let code = code.rsplit('#').next()?;
    code.split(':').next()
}

#[cfg(test)]
mod tests {
    use aws_smithy_types::body::SdkBody;

    use super::*;

    fn response(status: u16, header: Option<&'static str>, body: &str) -> HttpResponse {
        let mut response =
            HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body.to_owned()));
        if let Some(code) = header {
            response.headers_mut().insert("x-amzn-errortype", code);
        }
        response
    }

    #[test]
    fn a_throttled_call_is_known_by_its_code_wherever_the_service_puts_it() {
        let long = r#"{"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException","message":"x"}"#;
        for (header, body) in [
            (None, r#"{"__type": "ThrottlingException"}"#),
            (None, long),
            (
                Some("ThrottlingException:http://internal.amazon.com/x/"),
                "{}",
            ),
            (Some("aws.x#TooManyRequestsException"), ""),
        ] {
            assert!(
                is_throttled(&response(400, header, body)),
                "{header:?} {body}"
            );
        }
    }

    #[test]
    fn nothing_else_is_a_throttled_call() {
        let names = r#"{"connectionName": "ThrottlingException", "__type": "x"}"#;
        for (status, header, body) in [
            (200, None, r#"{"__type": "ThrottlingException"}"#),
            (400, None, r#"{"__type": "LimitExceededException"}"#),
            (400, None, names),
            (
                400,
                Some("DirectConnectClientException"),
                r#"{"__type": "ThrottlingException"}"#,
            ),
            (500, None, ""),
            (400, None, "\"__type\""),
        ] {
            assert!(
                !is_throttled(&response(status, header, body)),
                "{status} {body}"
            );
        }
    }
}
