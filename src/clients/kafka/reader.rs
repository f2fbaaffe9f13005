//! [`Reader`]: a consumer that is kept from one look to the next.

use super::{logged::Logged, reports::Reports};
use rdkafka::consumer::BaseConsumer;
use std::{
    fmt,
    sync::{Arc, Mutex},
};

/// A consumer that is made when first asked for and kept: a watch looks every few seconds.
#[derive(Clone, Default)]
pub(super) struct Reader(pub(super) Arc<Mutex<Option<Logged<BaseConsumer<Reports>>>>>);

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Reader")
    }
}
