//! Looking at the cloud without leaving a trace, for who shows it to people: such requests are neither remembered nor counted,
//! take no time, and no fault strikes them. Otherwise whoever watched would spend the fault that was meant for another.

use std::sync::atomic::Ordering;

use bytes::Bytes;
use http::Response;

use crate::{
    Cloud, RequestRecord,
    reply::{self, ApiError, Reply},
    request::{Call, Service},
};

impl Cloud {
    /// Takes one request aside. For reading only: what it changes is not told either.
    pub(crate) fn handle_aside(&self, request: &http::Request<Bytes>) -> Reply {
        let Some(call) = Call::recognise(request) else {
            let unknown = ApiError::unknown_operation("a request without a known X-Amz-Target");
            let answer = reply::response(Service::DirectConnect, &Err(unknown), "");
            return Reply::Answer(answer);
        };
        let answer = match call.service {
            Service::DynamoDb => self.ask_database(&call).0,
            Service::DirectConnect | Service::EventBridge | Service::Sqs => {
                self.dispatch(&call, &[])
            }
        };
        let response: Response<Bytes> = reply::response(call.service, &answer, "aside");
        Reply::Answer(response)
    }

    /// Counts what has been asked and switched so far: as long as it stays the same, nothing was changed but by time.
    pub fn stirs(&self) -> u64 {
        self.control().stirs.load(Ordering::Relaxed)
    }

    /// Notes that something has, or may have, been changed.
    pub(crate) fn stir(&self) {
        self.control().stirs.fetch_add(1, Ordering::Relaxed);
    }

    /// What was asked after the request of this sequence, as far as it is remembered.
    pub fn requests_after(&self, sequence: u64) -> Vec<RequestRecord> {
        let control = self.control();
        let requests = control.requests.iter().rev();
        let new = requests.take_while(|request| request.sequence > sequence);
        let mut new: Vec<_> = new.cloned().collect();
        new.reverse();
        new
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{Fault, FaultKind};

    fn describe() -> http::Request<Bytes> {
        let body = json!({"connectionId": "dxcon-ffabc123"}).to_string();
        http::Request::post("/")
            .header("x-amz-target", "OvertureService.DescribeHostedConnections")
            .header("authorization", "AWS4-HMAC-SHA256 x")
            .body(Bytes::from(body))
            .unwrap()
    }

    #[tokio::test]
    async fn who_looks_aside_spends_no_fault_and_is_not_remembered() {
        let cloud = Cloud::builder().build().unwrap();
        cloud.inject(Fault::on_request(FaultKind::Throttle, 1));
        let before = cloud.stirs();
        let Reply::Answer(answer) = cloud.handle_aside(&describe()) else {
            panic!("no answer");
        };
        assert_eq!(answer.status(), 200);
        assert_eq!((cloud.requests().len(), cloud.stirs()), (0, before));
        assert_eq!(cloud.pending_faults().len(), 1);
        let Reply::Answer(answer) = cloud.handle(describe()).await else {
            panic!("no answer");
        };
        assert_eq!(answer.status(), 400);
        assert!(cloud.stirs() > before);
        assert_eq!(cloud.requests_after(0).len(), 1);
        assert_eq!(cloud.requests_after(1).len(), 0);
    }

    #[test]
    fn a_switch_stirs_and_a_poll_of_a_queue_does_not() {
        let cloud = Cloud::builder().build().unwrap();
        let queue = cloud.create_queue(crate::QueueSettings::new("q")).unwrap();
        let before = cloud.stirs();
        queue.next_batch(1).unwrap();
        assert_eq!(cloud.stirs(), before);
        let made = cloud
            .insert_connection("dxcon-ffabc123", 7, "111122223333", "50Mbps", "a")
            .unwrap();
        let after = cloud.stirs();
        assert!(after > before);
        cloud.confirm(&made.id).unwrap();
        assert!(cloud.stirs() > after);
        assert_eq!(cloud.living_on("dxcon-ffabc123").len(), 1);
        assert_eq!(cloud.living_on("dxcon-ffabc456").len(), 0);
    }
}
