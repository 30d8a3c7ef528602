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
            _ => Err("There is no such action: release, redrive, finish, policy.".to_owned()),
        }
    }

    /// The page that asks again. `place` is where it would be done.
    pub(crate) fn page(&self, action: &Action, place: &str, token: &str) -> Markup {
        let (label, lines) = consequences(action);
        html! {
            p { "At: " b { (place) } "." }
            ul { @for line in &lines { li { (foreign(line)) } } }
            @if let Action::Policy(_, policy) = action { pre tabindex="0" { (policy.to_json()) } }
            form method="post" action="/console/act" class="buttons" {
                input type="hidden" name="token" value=(token);
                input type="hidden" name="do" value=(self.what);
                input type="hidden" name="key" value=(self.key);
                input type="hidden" name="queue" value=(self.queue);
                input type="hidden" name="parent" value=(self.parent);
                input type="hidden" name="policy" value=(self.policy);
                button class="danger" { (label) }
                a href=(self.back()) { "No, go back" }
            }
        }
    }

    /// Where somebody comes from who asks for this.
    pub(crate) fn back(&self) -> String {
        let encoded = crate::texts::encoded;
        match self.what.as_str() {
            "release" => format!("/console/order?key={}", encoded(&self.key)),
            "redrive" => format!("/console/letters?queue={}", encoded(&self.queue)),
            "finish" | "policy" => {
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

fn letters(which: Which) -> &'static str {
    crate::letters::name(which)
}
