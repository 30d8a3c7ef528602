//! Where the operator looks: at AWS, wherever `AWS_ENDPOINT_URL` points, or in a directory that the local cloud keeps.

use std::cell::RefCell;
use std::path::PathBuf;

use allocation::Deadline;
use aws::config::{self, Config, ConfigError};
use aws::{Clock, HttpClients};
use clap::Args;
use local_cloud::{Cloud, CloudError, DataLock};
use queues::Queues;
use recording::Recorder;

use super::failure::Failure;

/// Where to look.
#[derive(Debug, Clone, Args)]
pub(crate) struct Place {
    /// Use the directory of `local serve --data DIR` while it is not being served; without this option, use AWS or
    /// what AWS_ENDPOINT_URL names
    #[arg(long, value_name = "DIR", global = true)]
    data: Option<PathBuf>,
    /// Write all requests to AWS and their answers into FILE, a new one, with account ids, names, tags and connection ids
    /// replaced
    #[arg(long, value_name = "FILE", global = true)]
    record: Option<PathBuf>,
}

/// What is to be done there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// Look: a directory stays as it is, and others may look at the same time.
    Read,
    /// Change something: a directory is this process's alone.
    Change,
}

impl Access {
    /// Changes something if the command was told to.
    pub(crate) fn changing(is_told_to: bool) -> Self {
        match is_told_to {
            true => Self::Change,
            false => Self::Read,
        }
    }
}

/// The services, ready to be asked.
pub(crate) struct Services {
    /// Table, Direct Connect, event bus, clock.
    pub(crate) aws: ledger::Services,
    /// The settings that the functions would go by.
    pub(crate) config: Config,
    /// How AWS is reached.
    pub(crate) http: HttpClients,
    /// SQS.
    pub(crate) queues: Queues,
    /// The directory is ours until then.
    _lock: Option<DataLock>,
}

/// How long a command may take to do what it does to one order.
const PATIENCE_MS: u64 = 60_000;

impl Services {
    /// By when a command that begins now has to be done with its order.
    pub(crate) fn deadline(&self) -> Deadline {
        Deadline::at_ms(self.aws.clock.now_ms() + PATIENCE_MS)
    }
}

/// What came of opening a place.
struct Opened {
    services: Option<Services>,
    /// What is wrong with each variable.
    wrong: Vec<ConfigError>,
    /// Variables that are not set, and for which a default stood in.
    defaulted: Vec<String>,
}

/// The variable that names the event bus.
const EVENT_BUS: &str = "EVENT_BUS_NAME";

impl Place {
    /// Opens the place.
    ///
    /// # Errors
    /// The environment says too little, or the directory is unusable.
    pub(crate) fn open(&self, access: Access) -> Result<Services, Failure> {
        match self.open_leniently(access)? {
            (Some(services), _) => Ok(services),
            (None, wrong) => Err(Failure::Environment(wrong)),
        }
    }

    /// Opens the place without need of an event bus: with it, whether one is named.
    ///
    /// # Errors
    /// The environment says too little, or the directory is unusable.
    pub(crate) fn open_without_bus(&self, access: Access) -> Result<(Services, bool), Failure> {
        let default = |name: &str| (name == EVENT_BUS).then(|| "none".to_owned());
        let opened = self.open_defaulting(access, default)?;
        match opened.services {
            Some(services) => Ok((services, !opened.defaulted.contains(&EVENT_BUS.to_owned()))),
            None => Err(Failure::Environment(opened.wrong)),
        }
    }

    /// Opens the place, whatever the environment lacks: with it, what is wrong with each variable.
    ///
    /// # Errors
    /// The directory is unusable.
    pub(crate) fn open_leniently(
        &self,
        access: Access,
    ) -> Result<(Option<Services>, Vec<ConfigError>), Failure> {
        let opened = self.open_defaulting(access, |_| None)?;
        Ok((opened.services, opened.wrong))
    }

    fn open_defaulting(
        &self,
        access: Access,
        default: impl Fn(&str) -> Option<String>,
    ) -> Result<Opened, Failure> {
        let opened = self.cloud(access)?;
        let cloud = opened.as_ref().map(|(cloud, _)| cloud.clone());
        let mut wrong: Vec<ConfigError> = Vec::new();
        let defaulted = RefCell::new(Vec::new());
        let found = |name: &str| {
            lookup(cloud.as_ref(), name)
                .filter(|value| !value.is_empty())
                .or_else(|| {
                    let value = default(name)?;
                    defaulted.borrow_mut().push(name.to_owned());
                    Some(value)
                })
        };
        loop {
            let config = Config::from_lookup(|name| {
                // Nothing stands for the default. What has none, and is still wrong, needs something.
                match wrong.iter().filter(|error| error.name() == name).count() {
                    0 => found(name),
                    1 => None,
                    _ => Some("placeholder".to_owned()),
                }
            });
            match config {
                Ok(config) if wrong.is_empty() => {
                    let (http, lock) = match opened {
                        Some((cloud, lock)) => (cloud.http_client().into(), Some(lock)),
                        None => (HttpClients::new(&config), None),
                    };
                    let http = self.recorded(http)?;
                    let services = Some(Services::new(config, http, lock));
                    return Ok(Opened {
                        services,
                        wrong,
                        defaulted: defaulted.take(),
                    });
                }
                Ok(_) => {
                    wrong.dedup_by_key(|error| error.name());
                    return Ok(Opened {
                        services: None,
                        wrong,
                        defaulted: defaulted.take(),
                    });
                }
                Err(error) => wrong.push(error),
            }
        }
    }

    /// The same clients, with what passes through them recorded if that is asked for.
    fn recorded(&self, mut http: HttpClients) -> Result<HttpClients, Failure> {
        if let Some(path) = &self.record {
            let clock = Clock::system();
            let recorder = Recorder::begin(path, move || clock.now_ms())?;
            http.shared = recorder.client(http.shared);
            http.once = recorder.client(http.once);
        }
        Ok(http)
    }

    fn cloud(&self, access: Access) -> Result<Option<(Cloud, DataLock)>, Failure> {
        let Some(data) = &self.data else {
            return Ok(None);
        };
        let opened = open_directory(data, access);
        opened.map(Some).map_err(|error| match error {
            CloudError::NothingKept(dir) => Failure::NothingKept(dir),
            CloudError::InUse(dir) => Failure::InUse(dir),
            error => Failure::Directory(data.clone(), error),
        })
    }
}

fn open_directory(data: &PathBuf, access: Access) -> Result<(Cloud, DataLock), CloudError> {
    let builder = Cloud::builder().data_dir(data);
    match access {
        Access::Read => {
            let lock = DataLock::share(data)?;
            Ok((builder.build_copy()?, lock))
        }
        Access::Change => {
            // A cloud would be set up in an empty directory.
            drop(builder.clone().build_copy()?);
            let lock = DataLock::take(data)?;
            Ok((builder.build()?, lock))
        }
    }
}

impl Services {
    fn new(config: Config, http: HttpClients, lock: Option<DataLock>) -> Self {
        let clock = Clock::system();
        Self {
            queues: Queues::new(&config, http.shared.clone(), clock.clone()),
            aws: ledger::Services::new(&config, http.clone(), clock),
            http,
            config,
            _lock: lock,
        }
    }
}

/// A variable: of the cloud in the directory, where that has a say, or of the environment.
fn lookup(cloud: Option<&Cloud>, name: &str) -> Option<String> {
    let of_cloud = cloud.map(Cloud::environment).unwrap_or_default();
    let of_cloud = of_cloud.into_iter().find(|(known, _)| *known == name);
    of_cloud
        .map(|(_, value)| value)
        .or_else(|| config::variable(name))
}
