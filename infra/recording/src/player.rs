//! Answers from a recording: to the same question in the order recorded, and then the last one again.
//!
//! A name says nothing in a recording, and so does a tag: two requests that differ in no more are the same question. Whoever
//! allocates gives a name of their own, and finds the connection under it.

mod names;
mod nobodys;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use crate::file::{Exchange, Recording};
use names::Names;

/// Direct Connect, as `X-Amz-Target` calls it.
const DIRECT_CONNECT: &str = "OvertureService";
/// Members that are not compared.
const NOT_COMPARED: [&str; 2] = ["connectionName", "tags"];
/// The code of a refusal by the recording itself, which is none of AWS's.
pub const NOT_IN_THE_RECORDING: &str = "NotInTheRecordingException";
/// Characters of a question in an error.
const MOST_OF_A_QUESTION: usize = 200;

/// An operation and what was asked of it.
type Question = (String, String);

/// Answers the questions of a recording.
#[derive(Debug)]
pub struct Player {
    exchanges: Vec<Exchange>,
    progress: Mutex<Progress>,
    /// Ids that the recording knows.
    known: BTreeSet<String>,
    /// Ids that were asked about, and of which nothing is known.
    nobodys: Vec<String>,
    is_cut: bool,
}

#[derive(Debug)]
struct Progress {
    /// By operation and question: the exchanges that answer it, and how many have been played.
    questions: BTreeMap<Question, (Vec<usize>, usize)>,
    names: Names,
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
            known: nobodys::known(&exchanges),
            nobodys: nobodys::asked_about(&exchanges),
            exchanges,
            progress: Mutex::new(Progress {
                questions,
                names: Names::default(),
            }),
            is_cut: recording.is_cut,
        }
    }

    /// The next answer to this question.
    #[must_use]
    pub fn answer(&self, operation: &str, request: &Value) -> Said {
        let mut progress = self.progress();
        let found = self.next(&mut progress, operation, request).or_else(|| {
            // Of an id that nobody has, AWS says what it said of another one that nobody has.
            let mut others = self.others(operation, request);
            others.find_map(|other| self.next(&mut progress, operation, &other))
        });
        match found {
            Some(exchange) => {
                progress.names.learn(&exchange.request, request);
                said(exchange, &progress.names)
            }
            None => Said::Unknown(self.nearest(operation, request)),
        }
    }

    /// The next answer as one of Direct Connect, whatever the recording says. What it does not know is refused by a code of
    /// its own; an answer that was lost is a server's error, because here somebody answers.
    #[must_use]
    pub fn reply(&self, operation: &str, request: &Value) -> (u16, Value) {
        let error = |status, code: &str, message: String| {
            (status, json!({"__type": code, "message": message}))
        };
        match self.answer(operation, request) {
            Said::Answer { status, body } => (status, body),
            Said::Lost(why) => {
                let message = format!("the recording has no answer here: {why}");
                error(500, "InternalFailure", message)
            }
            Said::Unknown(why) => error(400, NOT_IN_THE_RECORDING, why),
        }
    }

    fn next(&self, progress: &mut Progress, operation: &str, request: &Value) -> Option<&Exchange> {
        let question = (operation.to_owned(), compared(request));
        let (answers, played) = progress.questions.get_mut(&question)?;
        let index = (*played).min(answers.len().saturating_sub(1));
        *played += 1;
        self.exchanges.get(*answers.get(index)?)
    }

    /// The same question about each id of which the recording knows nothing, if it is about such an id.
    fn others(&self, operation: &str, request: &Value) -> impl Iterator<Item = Value> {
        let asked = request[nobodys::MEMBER].as_str();
        let is_nobodys = operation == nobodys::OPERATION
            && asked.is_some_and(|asked| !self.known.contains(asked));
        let others = self.nobodys.iter().filter(move |_| is_nobodys);
        others.map(|other| {
            let mut request = request.clone();
            request[nobodys::MEMBER] = json!(other);
            request
        })
    }

    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
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

fn said(exchange: &Exchange, names: &Names) -> Said {
    match exchange.status {
        Some(status) => Said::Answer {
            status,
            body: names.put_into(exchange.answer.clone()),
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
