//! Where the operator looks: at AWS, wherever `AWS_ENDPOINT_URL` points, or in a directory that the local cloud keeps.

use std::path::PathBuf;

use aws::config::{self, Config, ConfigError};
use aws::{Clock, HttpClients};
use clap::Args;
use local_cloud::{Cloud, DataLock};
use queues::Queues;

use super::failure::Failure;

/// Where to look.
#[derive(Debug, Clone, Args)]
pub(crate) struct Place {
    /// The directory of `local serve --data DIR`, when nobody serves it; without it, AWS as the environment says
    #[arg(long, value_name = "DIR", global = true)]
    data: Option<PathBuf>,
}

/// The services, ready to be asked.
pub(crate) struct Services {
    /// Table, Direct Connect, event bus, clock.
    pub(crate) aws: ledger::Services,
    /// The settings that the functions would go by.
    pub(crate) config: Config,
    /// SQS.
    pub(crate) queues: Queues,
    /// The directory is ours until then.
    _lock: Option<DataLock>,
}

impl Place {
    /// Opens the place.
    ///
    /// # Errors
    /// The environment says too little, or the directory is unusable.
    pub(crate) fn open(&self) -> Result<Services, Failure> {
        let Some((cloud, lock)) = self.cloud()? else {
            let config = Config::from_env().map_err(Failure::Where)?;
            let http = HttpClients::new(&config);
            return Ok(Services::new(config, http, None));
        };
        let config = Config::from_lookup(|name| lookup(Some(&cloud), name));
        let config = config.map_err(Failure::Where)?;
        Ok(Services::new(
            config,
            cloud.http_client().into(),
            Some(lock),
        ))
    }

    /// Opens the place, whatever the environment lacks: with it, what is wrong with each variable.
    ///
    /// # Errors
    /// The directory is unusable.
    pub(crate) fn open_leniently(&self) -> Result<(Option<Services>, Vec<ConfigError>), Failure> {
        let opened = self.cloud()?;
        let cloud = opened.as_ref().map(|(cloud, _)| cloud.clone());
        let mut wrong: Vec<ConfigError> = Vec::new();
        loop {
            let config = Config::from_lookup(|name| {
                // Nothing stands for the default. What has none, and is still wrong, needs something.
                match wrong.iter().filter(|error| error.name() == name).count() {
                    0 => lookup(cloud.as_ref(), name),
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
                    return Ok((Some(Services::new(config, http, lock)), wrong));
                }
                Ok(_) => {
                    wrong.dedup_by_key(|error| error.name());
                    return Ok((None, wrong));
                }
                Err(error) => wrong.push(error),
            }
        }
    }

    fn cloud(&self) -> Result<Option<(Cloud, DataLock)>, Failure> {
        let Some(data) = &self.data else {
            return Ok(None);
        };
        // A cloud would be set up in an empty directory. Looking must not leave anything behind.
        if !data.is_dir() {
            return Err(Failure::NothingKept(data.clone()));
        }
        let lock = DataLock::take(data)?;
        let cloud = Cloud::builder().data_dir(data).build()?;
        Ok(Some((cloud, lock)))
    }
}

impl Services {
    fn new(config: Config, http: HttpClients, lock: Option<DataLock>) -> Self {
        let clock = Clock::system();
        Self {
            queues: Queues::new(&config, http.shared.clone(), clock.clone()),
            aws: ledger::Services::new(&config, http, clock),
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
