//! How AWS behaves where it does not say, as options: one for each of the local cloud's switches.

use clap::{
    Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches,
    builder::{PossibleValue, PossibleValuesParser, ValueParser},
    parser::ValueSource,
};
use local_cloud::{Builder, SWITCHES, Switch, SwitchError, Values};

/// The switches that were set on the command line, in the order of the list.
#[derive(Debug, Clone, Default)]
pub(crate) struct Behaviour {
    given: Vec<Setting>,
}

/// A switch and what it is set to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Setting {
    /// Its name.
    pub(crate) switch: &'static str,
    /// As its option takes it.
    pub(crate) value: String,
}

impl Setting {
    /// As the option is written.
    pub(crate) fn option(&self) -> String {
        let is_flag = SWITCHES
            .iter()
            .any(|switch| switch.name == self.switch && switch.values == Values::Flag);
        match self.value.as_str() {
            "on" if is_flag => format!("--{}", self.switch),
            value if is_flag => format!("--{}={value}", self.switch),
            value if !value.is_empty() && value.chars().all(is_plain) => {
                format!("--{} {value}", self.switch)
            }
            value => format!("--{} '{}'", self.switch, value.replace('\'', "'\\''")),
        }
    }

    /// Sets it.
    ///
    /// # Errors
    /// The switch has no such value.
    pub(crate) fn apply(&self, builder: Builder) -> Result<Builder, SwitchError> {
        builder.switch(self.switch, &self.value)
    }
}

/// Whether every shell takes the character as it is.
fn is_plain(character: char) -> bool {
    character.is_ascii_alphanumeric() || "-_.,:=/".contains(character)
}

impl Behaviour {
    /// What was given.
    pub(crate) fn given(&self) -> &[Setting] {
        &self.given
    }
}

impl Args for Behaviour {
    fn augment_args(command: Command) -> Command {
        SWITCHES
            .iter()
            .fold(command, |command, switch| command.arg(option(switch)))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Behaviour {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut read = Self::default();
        read.update_from_arg_matches(matches)?;
        Ok(read)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        let given = SWITCHES.iter().filter_map(|switch| {
            let typed = matches.value_source(switch.name) == Some(ValueSource::CommandLine);
            let value = matches.get_one::<String>(switch.name).filter(|_| typed)?;
            Some(Setting {
                switch: switch.name,
                value: value.clone(),
            })
        });
        self.given = given.collect();
        Ok(())
    }
}

fn option(switch: &'static Switch) -> Arg {
    let mut help = switch.help.to_owned();
    if !switch.assumptions.is_empty() {
        help += &format!(" ({})", switch.assumptions.join(", "));
    }
    let arg = Arg::new(switch.name)
        .long(switch.name)
        .help(help)
        .help_heading(switch.heading.text())
        .action(ArgAction::Set);
    match switch.values {
        // `=off` is for what a profile has switched on.
        Values::Flag => arg
            .num_args(0..=1)
            .require_equals(true)
            .default_missing_value("on")
            .value_name("off")
            .value_parser(["on", "off"])
            .hide_possible_values(true),
        Values::OneOf(values) => {
            let values = values.iter();
            let values = values.map(|(name, help)| PossibleValue::new(*name).help(*help));
            arg.value_name("WHAT")
                .default_value(switch.default)
                .value_parser(PossibleValuesParser::new(values))
        }
        Values::Written(form) => {
            let check = move |text: &str| match switch.check(text) {
                Ok(()) => Ok(text.to_owned()),
                Err(SwitchError::NoSuchValue { problem, .. }) => Err(problem),
                Err(SwitchError::NoSuchSwitch(name)) => Err(name),
            };
            let arg = arg.value_name(form).value_parser(ValueParser::new(check));
            match switch.default {
                "" => arg,
                default => arg.default_value(default),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(arguments: &[&str]) -> Vec<String> {
        let command = Behaviour::augment_args(Command::new("serve").no_binary_name(true));
        let matches = command.try_get_matches_from(arguments).unwrap();
        let behaviour = Behaviour::from_arg_matches(&matches).unwrap();
        behaviour.given().iter().map(Setting::option).collect()
    }

    #[test]
    fn what_is_given_is_read_and_written_as_it_was_and_defaults_are_not_given() {
        assert_eq!(read(&[]), Vec::<String>::new());
        let given = [
            "--no-vlan-uniqueness",
            "--visible-after-ms",
            "20000",
            "--deleted-not-listed=off",
            "--lag-members-show",
            "nothing",
        ];
        assert_eq!(
            read(&given),
            [
                "--no-vlan-uniqueness",
                "--visible-after-ms 20000",
                "--deleted-not-listed=off",
                "--lag-members-show nothing",
            ]
        );
        assert_eq!(
            read(&["--bandwidths", "dxcon-ffabc123=50Mbps;1Gbps"]),
            ["--bandwidths 'dxcon-ffabc123=50Mbps;1Gbps'"]
        );
    }

    #[test]
    fn every_switch_is_in_the_readme_with_its_assumptions() {
        let readme = include_str!("../../README.md");
        for switch in &SWITCHES {
            let mut rows = readme.lines().filter(|line| line.starts_with('|'));
            let name = |row: &&str| {
                let after = row.split_once(&format!("`--{}", switch.name));
                after.is_some_and(|(_, after)| after.starts_with([' ', '`']))
            };
            let row = rows.find(name).unwrap_or_else(|| panic!("{}", switch.name));
            for id in switch.assumptions {
                assert!(row.contains(id), "{row} {id}");
            }
        }
    }

    #[test]
    fn every_switch_is_an_option_under_its_heading_with_its_assumptions() {
        let command = Behaviour::augment_args(Command::new("serve"));
        for switch in &SWITCHES {
            let mut options = command.get_arguments();
            let option = options.find(|arg| arg.get_id() == switch.name).unwrap();
            assert_eq!(option.get_help_heading(), Some(switch.heading.text()));
            let help = option.get_help().unwrap().to_string();
            for id in switch.assumptions {
                assert!(help.contains(id), "{help}");
            }
        }
    }
}
