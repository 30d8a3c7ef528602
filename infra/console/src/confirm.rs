//! Before anything is done at AWS: a page that names what will be done, and a form that only that page has.

use hosted_connection::{ParentConnection, ParentPolicy};
use maud::{Markup, html};
use serde::Deserialize;
use story::forecast::Which;

use crate::actions::Action;
use crate::breaking::key;
use crate::texts::foreign;

/// What is asked for, as address and form have it.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Asked {
    #[serde(default, rename = "do")]
    what: String,
    #[serde(default)]
    key: String,
    #[serde(default)]
    queue: String,
    #[serde(default)]
    parent: String,
    #[serde(default)]
    policy: String,
    /// A hosted connection.
    #[serde(default)]
    id: String,
    #[serde(default)]
    reason: String,
}

impl Asked {
    /// Understands it.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn read(&self) -> Result<Action, String> {
        let parent = || {
            let parent = ParentConnection::parse(&self.parent);
            parent.map_err(|violation| format!("The parent {}", violation.message))
        };
        match self.what.as_str() {
            "release" => key(&self.key).map(Action::Release),
            "redrive" => match self.queue.as_str() {
                "orders" => Ok(Action::Redrive(Which::Orders)),
                "releases" => Ok(Action::Redrive(Which::Releases)),
                _ => Err("The queue must be orders or releases.".to_owned()),
            },
            "finish" => parent().map(Action::Finish),
            "adopt" => parent().map(Action::Adopt),
            "move" => Ok(Action::Move(key(&self.key)?, parent()?)),
            "take" => Ok(Action::Take(key(&self.key)?, connection(&self.id)?)),
            "reject" => Ok(Action::Reject(key(&self.key)?, reason(&self.reason)?)),
            "policy" => {
                let policy = ParentPolicy::parse(self.policy.as_bytes()).map_err(|violations| {
                    let wrong = violations.iter();
                    let wrong =
                        wrong.map(|violation| format!("{} {}", violation.field, violation.message));
                    format!(
                        "That is no policy: {}",
                        wrong.collect::<Vec<_>>().join("; ")
                    )
                })?;
                Ok(Action::Policy(parent()?, Box::new(policy)))
            }
            _ => Err("There is no such action. There are release, move, take, reject, redrive, finish, adopt, policy.".to_owned()),
        }
    }

    /// The page that asks again. `place` is where it would be done.
    pub(crate) fn page(
        &self,
        action: &Action,
        forecast: Option<&Markup>,
        place: &str,
        token: &str,
    ) -> Markup {
        let (label, lines) = consequences(action);
        html! {
            p { "At: " b { (place) } "." }
            ul { @for line in &lines { li { (foreign(line)) } } }
            @if let Some(forecast) = forecast { (forecast) }
            @if let Action::Policy(_, policy) = action { pre tabindex="0" { (policy.to_json()) } }
            form method="post" action="/console/act" class="buttons" {
                input type="hidden" name="token" value=(token);
                input type="hidden" name="do" value=(self.what);
                input type="hidden" name="key" value=(self.key);
                input type="hidden" name="queue" value=(self.queue);
                input type="hidden" name="parent" value=(self.parent);
                input type="hidden" name="policy" value=(self.policy);
                input type="hidden" name="id" value=(self.id);
                input type="hidden" name="reason" value=(self.reason);
                button class="danger" { (label) }
                a href=(self.back()) { "No, go back" }
            }
        }
    }

    /// Where somebody comes from who asks for this.
    pub(crate) fn back(&self) -> String {
        let encoded = crate::texts::encoded;
        match self.what.as_str() {
            "release" | "move" | "take" | "reject" => {
                format!("/console/order?key={}", encoded(&self.key))
            }
            "redrive" => "/console/letters".to_owned(),
            "finish" | "policy" | "adopt" => {
                format!("/console/parent?id={}", encoded(&self.parent))
            }
            _ => "/".to_owned(),
        }
    }
}

fn consequences(action: &Action) -> (&'static str, Vec<String>) {
    match action {
        Action::Release(key) => (
            "Delete the connection",
            vec![
                format!("The hosted connection of order {key} is deleted at Direct Connect. That cannot be undone."),
                "Its VLAN is free afterwards, and `Hosted Connection Released` is published.".to_owned(),
                "Your role needs the rights of the release function.".to_owned(),
            ],
        ),
        Action::Move(key, to) => (
            "Move the connection",
            vec![
                format!("The connection of order {key} is moved to {to}. The customer's connectivity is interrupted for a moment."),
                "VLAN, bandwidth and the order's parent follow in the table, and `Hosted Connection Moved` is published.".to_owned(),
                "Your role needs the rights of the operator's role (the stack's output OperatorRoleArn).".to_owned(),
            ],
        ),
        Action::Take(key, id) => (
            "It is the order's connection",
            vec![
                format!("The quarantine of order {key} ends: the connection {id} is its own, and that is published."),
                "The order's parent has to show the connection, no other order may have it, and its owner has to be the one that was ordered.".to_owned(),
            ],
        ),
        Action::Reject(key, reason) => (
            "Reject the order",
            vec![
                format!("The order {key} is rejected for good. The customer's system reads the reason in the event: {reason}"),
                "Nothing is deleted at Direct Connect. The VLAN becomes free if nothing living is on it.".to_owned(),
                "It is refused while the order's call may still take effect, or an attempt owns the order.".to_owned(),
            ],
        ),
        Action::Adopt(parent) => (
            "Adopt them",
            vec![
                format!("Every connection on {parent} that no record knows gets a record, with its own id as key."),
                "Nothing is allocated, changed or deleted at Direct Connect. `Hosted Connection Adopted` is published for each.".to_owned(),
                "Your role needs the rights of the track function.".to_owned(),
            ],
        ),
        Action::Redrive(which) => (
            "Move the dead letters back",
            vec![
                format!("All messages in the dead-letter queue of {} go back to their queue.", letters(*which)),
                "The functions take them up again, which may allocate or delete what they ask for.".to_owned(),
                "A message that comes twice does no harm: its key makes it a replay.".to_owned(),
            ],
        ),
        Action::Finish(parent) => (
            "Try them now",
            vec![
                format!("Every unfinished order and release on {parent} is tried now, as a run of track does it."),
                "That may allocate, delete and publish what orders and releases have asked for.".to_owned(),
                "Your role needs the rights of the track function.".to_owned(),
            ],
        ),
        Action::Policy(parent, _) => (
            "Set the policy",
            vec![
                format!("From now on, orders on {parent} are judged by this policy. It replaces the one that is there."),
                "Nothing that is sold already is deleted. A policy cannot be removed; {} limits nothing.".to_owned(),
            ],
        ),
    }
}

fn connection(text: &str) -> Result<String, String> {
    let name = text.trim().strip_prefix("dxcon-").unwrap_or_default();
    let is_known = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    match !name.is_empty() && name.chars().all(is_known) {
        true => Ok(format!("dxcon-{name}")),
        false => Err(
            "A hosted connection's id begins with dxcon-, for example dxcon-fgh0abcd.".to_owned(),
        ),
    }
}

fn reason(text: &str) -> Result<String, String> {
    let text = text.trim();
    match (1..=500).contains(&text.chars().count()) {
        true => Ok(text.to_owned()),
        false => Err("The reason must have 1 to 500 characters.".to_owned()),
    }
}

fn letters(which: Which) -> &'static str {
    crate::letters::name(which)
}
