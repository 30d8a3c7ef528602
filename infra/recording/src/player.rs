//! Answers from a recording: to the same question in the order recorded, and then the last one again.
//!
//! A name says nothing in a recording, and so does a tag: two requests that differ in no more are the same question.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use serde_json::Value;

use crate::file::{Exchange, Recording};

/// Direct Connect, as `X-Amz-Target` calls it.
const DIRECT_CONNECT: &str = "OvertureService";
/// Members that are not compared.
const NOT_COMPARED: [&str; 2] = ["connectionName", "tags"];
/// Characters of a question in an error.
const MOST_OF_A_QUESTION: usize = 200;

/// An operation and what was asked of it.
type Question = (String, String);

/// Answers the questions of a recording.
#[derive(Debug)]
pub struct Player {
    exchanges: Vec<Exchange>,
    /// By operation and question: the exchanges that answer it, and how many have been played.
    questions: Mutex<BTreeMap<Question, (Vec<usize>, usize)>>,
    is_cut: bool,
}

/// What the recording says to a question.
#[derive(Debug, Clone, PartialEq)]
pub enum Said {
    /// This was answered.
    Answer {
        /// HTTP status.
        status: u16,
        /// The body.
        body: Value,
    },
    /// Nothing was answered.
    Lost(String),
    /// Nobody asked that.
    Unknown(String),
}

impl Player {
    /// Plays the answers of Direct Connect.
    #[must_use]
    pub fn of(recording: Recording) -> Self {
        let is_direct_connect = |exchange: &Exchange| exchange.service == DIRECT_CONNECT;
        let exchanges = recording.exchanges.into_iter().filter(is_direct_connect);
        let exchanges: Vec<_> = exchanges.collect();
        let mut questions: BTreeMap<_, (Vec<usize>, usize)> = BTreeMap::new();
        for (index, exchange) in exchanges.iter().enumerate() {
            let question = (exchange.operation.clone(), compared(&exchange.request));
            questions.entry(question).or_default().0.push(index);
        }
        Self {
            exchanges,
            questions: Mutex::new(questions),
            is_cut: recording.is_cut,
        }
    }

    /// The next answer to this question.
    #[must_use]
    pub fn answer(&self, operation: &str, request: &Value) -> Said {
        let question = (operation.to_owned(), compared(request));
        let mut questions = self
            .questions
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let Some((answers, played)) = questions.get_mut(&question) else {
            return Said::Unknown(self.nearest(operation, request));
        };
        let index = (*played).min(answers.len().saturating_sub(1));
        *played += 1;
        let exchange = answers
            .get(index)
            .and_then(|index| self.exchanges.get(*index));
        match exchange {
            Some(exchange) => said(exchange),
            None => Said::Unknown(self.nearest(operation, request)),
        }
    }

    /// How many exchanges with Direct Connect there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.exchanges.len()
    }

    /// Whether there is nothing to play.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.exchanges.is_empty()
    }

    /// Whether the recording ends in the middle of a line.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// The values that requests have for this member, each once, in the order in which they first appear: what to ask for.
    #[must_use]
    pub fn asked(&self, operation: &str, member: &str) -> Vec<String> {
        let mut asked: Vec<String> = Vec::new();
        for exchange in &self.exchanges {
            let value = match &exchange.request[member] {
                Value::String(text) => text.clone(),
                Value::Number(number) => number.to_string(),
                Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => continue,
            };
            if exchange.operation == operation && !asked.contains(&value) {
                asked.push(value);
            }
        }
        asked
    }

    /// Why there is no answer: the request of this operation that has most in common with it.
    fn nearest(&self, operation: &str, request: &Value) -> String {
        let of_it = self
            .exchanges
            .iter()
            .filter(|one| one.operation == operation);
        let nearest = of_it.max_by_key(|one| in_common(&one.request, request));
        match nearest {
            None => format!("the recording has no {operation}"),
            Some(nearest) => format!(
                "the recording has no {operation} with {}; the nearest has {}",
                shortened(&compared(request)),
                shortened(&compared(&nearest.request))
            ),
        }
    }
}

fn said(exchange: &Exchange) -> Said {
    match exchange.status {
        Some(status) => Said::Answer {
            status,
            body: exchange.answer.clone(),
        },
        None => Said::Lost(exchange.lost.clone().unwrap_or_default()),
    }
}

/// What two requests have to have in common to be the same question, as one text. Members are in one order.
fn compared(request: &Value) -> String {
    let mut request = request.clone();
    if let Some(members) = request.as_object_mut() {
        members.retain(|name, value| !NOT_COMPARED.contains(&name.as_str()) && !value.is_null());
    }
    request.to_string()
}

fn in_common(one: &Value, other: &Value) -> usize {
    let (Some(one), Some(other)) = (one.as_object(), other.as_object()) else {
        return 0;
    };
    let is_same = |(name, value): &(&String, &Value)| other.get(*name) == Some(value);
    one.iter().filter(is_same).count()
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(MOST_OF_A_QUESTION) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests;
