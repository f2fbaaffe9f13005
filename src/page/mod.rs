//! The live page: a run of this process, of another one or of the past, shown in a browser while its journal grows.
//!
//! It reads what is on record and nothing else: `follow` reads a journal as it grows and keeps what the page shows,
//! `hub` knows which run is the newest, `routes` answers, and `listen` and `safety` bound who may ask and how
//! much. What a run in this process asks a person goes over the [`Desk`].

mod access;
mod chart;
mod decisions;
mod desk;
mod evidence;
mod follow;
mod hub;
mod listen;
pub mod metrics;
mod report;
mod routes;
mod safety;
mod site;
mod stream;
mod view;

pub use access::{Access, Token, TokenError};
pub use desk::{Desk, Hears};
pub use listen::serve;
