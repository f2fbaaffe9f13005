//! [`Site`]: the two clusters and the connectors between them, as a mutant finds them.

use super::{
    super::{
        ActionContext, ActionError,
        kafka_access::Access,
        load_client::{self, Properties},
        service::{self, endpoint},
    },
    connectors::Connectors,
};
use crate::clients::kafka::Role;
use rdkafka::ClientConfig;

/// What a mutant works on.
pub struct Site<'a> {
    pub(super) cx: &'a ActionContext,
    /// The cluster that is copied.
    pub(super) source: Side,
    /// The cluster with the copies.
    pub(super) target: Side,
    /// What copies.
    pub(super) connectors: Connectors,
}

/// One cluster.
pub(super) struct Side {
    pub(super) access: Access,
    pub(super) consumer: ClientConfig,
    pub(super) producer: ClientConfig,
}

impl<'a> Site<'a> {
    /// Finds everything.
    pub(super) async fn of(cx: &'a ActionContext, source: &str, target: &str) -> Result<Self, ActionError> {
        let endpoint = endpoint(cx, "connect", |environment| &environment.connect)?;
        let connect = service::connect(cx, endpoint).await?;
        Ok(Self {
            cx,
            source: Side::of(cx, source).await?,
            target: Side::of(cx, target).await?,
            connectors: Connectors::of(connect).await?,
        })
    }
}

impl Side {
    async fn of(cx: &ActionContext, cluster: &str) -> Result<Self, ActionError> {
        let none = Properties::default();
        Ok(Self {
            access: Access::to(cx, cluster).await?,
            consumer: load_client::settings(cx, cluster, Role::Consumer, &none).await?.config,
            producer: load_client::settings(cx, cluster, Role::Producer, &none).await?.config,
        })
    }
}
