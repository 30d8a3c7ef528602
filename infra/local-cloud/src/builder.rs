//! How a cloud is set up.

mod direct_connect;

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Arc, Mutex},
    time::Duration,
};

use dynoxide::Database;

pub use direct_connect::OF_PORTS;

use crate::{
    Clock, Cloud, CloudError, Parent,
    cloud::Parts,
    control::{Control, Kills},
    direct_connect::{DirectConnect, Rules},
    dynamodb,
    event_bus::EventBridge,
    random::Random,
    site::Site,
    sqs::Sqs,
    state::{DataDir, State},
    template,
};

/// Settings of a [`Cloud`]; see [`Cloud::builder`].
#[derive(Debug, Clone)]
pub struct Builder {
    pub(crate) template: Option<String>,
    pub(crate) table_name: String,
    pub(crate) bus_name: String,
    pub(crate) region: String,
    pub(crate) account: String,
    pub(crate) data_dir: Option<PathBuf>,
    pub(crate) seed: u64,
    pub(crate) clock: Clock,
    pub(crate) latency: Duration,
    pub(crate) latency_of: BTreeMap<String, Duration>,
    pub(crate) parents: Vec<Parent>,
    pub(crate) rules: Rules,
    pub(crate) most_requests: Option<usize>,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            template: None,
            table_name: "allocations".to_owned(),
            bus_name: "hosted-connections".to_owned(),
            region: "eu-central-1".to_owned(),
            account: "123456789012".to_owned(),
            data_dir: None,
            seed: 0,
            clock: Clock::system(),
            latency: Duration::ZERO,
            latency_of: BTreeMap::new(),
            parents: Parent::defaults(),
            rules: Rules::default(),
            most_requests: None,
        }
    }
}

impl Cloud {
    /// Starts the settings of a cloud.
    pub fn builder() -> Builder {
        Builder::default()
    }
}

impl Builder {
    /// Text of the SAM template that the table is created from. Default: the repository's.
    #[must_use]
    pub fn template(mut self, text: impl Into<String>) -> Self {
        self.template = Some(text.into());
        self
    }

    /// Name of the table. Default: `allocations`.
    #[must_use]
    pub fn table_name(mut self, name: impl Into<String>) -> Self {
        self.table_name = name.into();
        self
    }

    /// Name of the one event bus beside `default`. Default: `hosted-connections`.
    #[must_use]
    pub fn bus_name(mut self, name: impl Into<String>) -> Self {
        self.bus_name = name.into();
        self
    }

    /// Region of everything in the cloud. Default: `eu-central-1`.
    #[must_use]
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = region.into();
        self
    }

    /// The partner's account. Default: `123456789012`.
    #[must_use]
    pub fn account(mut self, account: impl Into<String>) -> Self {
        self.account = account.into();
        self
    }

    /// Directory to keep all state in between runs; created if absent. Default: state ends with the cloud.
    #[must_use]
    pub fn data_dir(mut self, path: impl Into<PathBuf>) -> Self {
        self.data_dir = Some(path.into());
        self
    }

    /// Where ids come from. State kept in a directory goes on from where it stopped instead. Default: 0.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Where timestamps come from. Default: the computer's clock.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// How long each request is under way before it is applied. Default: no time.
    #[must_use]
    pub fn latency(mut self, latency: Duration) -> Self {
        self.latency = latency;
        self
    }

    /// As [`latency`](Self::latency), for one operation, instead of the general one.
    #[must_use]
    pub fn latency_of(mut self, operation: impl Into<String>, latency: Duration) -> Self {
        self.latency_of.insert(operation.into(), latency);
        self
    }

    /// How many requests are remembered, the newest; the counts go on. Default: all, as tests want it.
    #[must_use]
    pub fn remember_requests(mut self, most: usize) -> Self {
        self.most_requests = Some(most);
        self
    }

    /// Sets the cloud up, or opens the one that an earlier run has left in the data directory.
    ///
    /// # Errors
    /// The template holds no usable table, or the data directory is not usable.
    pub fn build(self) -> Result<Cloud, CloudError> {
        let kept = self.data_dir.clone().map(DataDir::open).transpose()?;
        let database = match &kept {
            Some(dir) => dynamodb::open(&dir.database())?,
            None => Database::memory_with_clock(Arc::new(self.clock.clone()))?,
        };
        let state = kept.as_ref().map(DataDir::load).transpose()?.flatten();
        self.start(database, state, kept)
    }

    /// Opens a copy in memory of what an earlier run has left in the data directory. Whatever is done with the copy, the
    /// directory stays as it is; it may be read-only.
    ///
    /// # Errors
    /// Nothing is kept there, or it is damaged.
    pub fn build_copy(self) -> Result<Cloud, CloudError> {
        let kept = DataDir::kept(self.data_dir.clone().unwrap_or_default())?;
        let database = dynamodb::copy(&kept.database())?;
        let state = kept.load()?;
        self.start(database, state, None)
    }

    /// A cloud on `database`, which goes on from `kept`, and keeps its state in `data_dir`, if anywhere.
    fn start(
        self,
        database: Database,
        kept: Option<State>,
        data_dir: Option<DataDir>,
    ) -> Result<Cloud, CloudError> {
        let table = template::table(self.template.as_deref(), &self.table_name)?;
        dynamodb::create_table(&database, &table)?;
        let mut state = kept.unwrap_or_else(|| State {
            random: Random::seeded(self.seed),
            direct_connect: DirectConnect::new(self.parents),
            event_bridge: EventBridge::default(),
            sqs: Sqs::default(),
        });
        state.direct_connect.remember(self.rules.stale_for);
        let mut control = Control::new(self.seed);
        control.latency = self.latency;
        control.latency_of = self.latency_of;
        control.most_requests = self.most_requests;
        Ok(Cloud::of(Parts {
            table_name: self.table_name,
            bus_name: self.bus_name,
            site: Site {
                account: self.account,
                region: self.region,
            },
            rules: self.rules,
            clock: self.clock,
            database,
            data_dir,
            state: Mutex::new(state),
            control: Mutex::new(control),
            kills: Kills::default(),
        }))
    }
}
