//! Marking outcomes as published.

use aws_sdk_dynamodb::types::{BatchStatementErrorCodeEnum, BatchStatementResponse};
use futures_util::{StreamExt, stream};
use hosted_connection::{ClaimToken, IdempotencyKey};
use transitions::{Given, Name, State};

use crate::RETENTION;
use crate::draft::Brought;
use crate::item::{n, s};
use crate::ledger::Ledger;
use aws::failure::CallError;

/// A key whose outcome's event is out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// The key.
    pub key: IdempotencyKey,
    /// The state whose event it was.
    pub state: State,
    /// The token of the record whose event it was: the key may have got another record since.
    pub token: ClaimToken,
}

/// Statements that one batch takes. Source: BatchExecuteStatement API reference.
const MAX_STATEMENTS: usize = 25;

/// Marks that are written at the same time when each has to be written alone.
const SIDE_BY_SIDE: usize = 8;

impl Ledger {
    /// Marks all of `published`, many to a call; with it a rejected record's retention starts.
    ///
    /// # Errors
    /// When some stay unmarked, with why the first of them does. Their events will be published again, which is allowed.
    pub async fn mark_published(&self, published: &[Published]) -> Result<(), CallError> {
        let mut unmarked = Ok(());
        for marks in published.chunks(MAX_STATEMENTS) {
            unmarked = unmarked.and(self.mark_group(marks).await);
        }
        unmarked
    }

    /// One batch of statements for all of `marks`, each for itself: a transaction costs twice. A mark that is refused is not
    /// needed any more. One that fails, as all do whose role may not send statements, is written alone.
    async fn mark_group(&self, marks: &[Published]) -> Result<(), CallError> {
        let failed = match marks {
            [_] => marks.iter().collect(),
            several => self.mark_together(several).await,
        };
        let alone = failed.into_iter().map(|mark| self.mark_alone(mark));
        // Collected first: a future that maps over references as it goes is not `Send` to the compiler.
        let alone: Vec<_> = alone.collect();
        let marked: Vec<Result<(), CallError>> = stream::iter(alone)
            .buffer_unordered(SIDE_BY_SIDE)
            .collect()
            .await;
        marked.into_iter().collect()
    }

    /// Those of `marks` that could not be made.
    async fn mark_together<'a>(&self, marks: &'a [Published]) -> Vec<&'a Published> {
        let statement = |mark: &Published| {
            let (name, brought) = self.marking(mark);
            self.statement(name, &mark.key, &brought)
        };
        let statements: Option<Vec<_>> = marks.iter().map(statement).collect();
        let sent = self.client.batch_execute_statement();
        let answers = match sent.set_statements(statements).send().await {
            Ok(sent) => sent.responses.unwrap_or_default(),
            Err(error) => {
                let error = CallError::new("BatchExecuteStatement", &error);
                tracing::warn!(error = %error, "published events could not be marked together");
                return marks.iter().collect();
            }
        };
        let is_made = |answer: Option<&BatchStatementResponse>| {
            let error = answer.map(BatchStatementResponse::error);
            let code = error.map(|error| error.and_then(|error| error.code()));
            // One record has gone or moved on: there is nothing to mark.
            matches!(
                code,
                Some(None | Some(BatchStatementErrorCodeEnum::ConditionalCheckFailed))
            )
        };
        let each = marks.iter().enumerate();
        let failed = each.filter(|(index, _)| !is_made(answers.get(*index)));
        failed.map(|(_, mark)| mark).collect()
    }

    async fn mark_alone(&self, mark: &Published) -> Result<(), CallError> {
        let draft = || {
            let (name, brought) = self.marking(mark);
            self.draft(name).record(&mark.key, brought)
        };
        self.commit(draft).await.map(|_| ())
    }

    /// Which mark it is, and what it brings.
    fn marking(&self, published: &Published) -> (Name, Brought) {
        let name = match published.state {
            State::Rejected => Name::MarkRejected,
            // Only outcomes have events, and the transition does not come from another state.
            State::Allocated
            | State::Calling
            | State::Unresolved
            | State::Waiting
            | State::Quarantined => Name::MarkAllocated,
        };
        let expires = self.clock.now_ms() / 1000 + RETENTION.as_secs();
        let token = s(published.token.as_str());
        (
            name,
            vec![(Given::Token, token), (Given::Expires, n(expires))],
        )
    }
}
