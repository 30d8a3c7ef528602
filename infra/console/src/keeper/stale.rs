//! What has to be read again, from what the local cloud was asked.

use std::collections::{BTreeMap, BTreeSet};

use hosted_connection::IdempotencyKey;
use local_cloud::{RequestRecord, Service};

use super::apart;
use crate::snapshot::Known;

/// Ids of parents.
#[derive(Default)]
pub(super) struct Stale {
    /// Whose VLANs may have changed.
    pub(super) parents: BTreeSet<String>,
    /// Whose newest orders may have changed.
    pub(super) orders: BTreeSet<String>,
    /// Orders that were written and are in no parent's list.
    pub(super) unlisted: BTreeSet<IdempotencyKey>,
}

impl Stale {
    /// All of them, in both ways.
    pub(super) fn everything<'a>(&mut self, parents: impl Iterator<Item = &'a String> + Clone) {
        self.parents.extend(parents.clone().cloned());
        self.orders(parents);
    }

    /// The orders of all of them.
    pub(super) fn orders<'a>(&mut self, parents: impl Iterator<Item = &'a String>) {
        self.orders.extend(parents.cloned());
    }

    /// What `requests` have touched.
    pub(super) fn note(&mut self, requests: &[RequestRecord], known: &BTreeMap<String, Known>) {
        for request in requests.iter().filter(|request| changes(request)) {
            self.unlisted.extend(apart::named(&request.body, known));
            let text = request.body.to_string();
            let mut is_placed = false;
            for (id, parent) in known {
                if text.contains(id.as_str()) {
                    is_placed = true;
                    self.parents.insert(id.clone());
                    self.orders.insert(id.clone());
                }
                let mut keys = parent.newest.iter().map(|record| record.key.as_str());
                if keys.any(|key| text.contains(&format!("allocation#{key}\""))) {
                    is_placed = true;
                    self.orders.insert(id.clone());
                }
            }
            if !is_placed {
                // An order that is on no list yet, or a connection that goes by its own id.
                self.everything(known.keys());
            }
        }
    }
}

/// Whether it may have changed what is shown.
fn changes(request: &RequestRecord) -> bool {
    match request.service {
        Service::DirectConnect => !request.operation.starts_with("Describe"),
        Service::DynamoDb => {
            let reads = [
                "Get",
                "Query",
                "Scan",
                "BatchGet",
                "TransactGet",
                "Describe",
                "List",
            ];
            !reads.iter().any(|read| request.operation.starts_with(read))
                // What tracking notes about its own turns.
                && request.body["Key"]["pk"]["S"].as_str() != Some("tracking")
        }
        Service::EventBridge | Service::Sqs => false,
    }
}
