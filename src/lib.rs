//! jalon runs a Kafka / MirrorMaker 2 test campaign gate by gate.
//!
//! A module uses only what stands below it; `tests/it/layers.rs` reads the `use crate::` lines against this table.
//!
//! | layer | modules |
//! | --- | --- |
//! | L7 | `cli` |
//! | L6 | `observe`, `report`, `prove`, then `page` |
//! | L5 | [`history`], then `engine`; `doctor`; `discover` |
//! | L4 | `plan` |
//! | L3 | [`action`] |
//! | L2 | [`store`], [`clients`], [`perf_output`], then [`load`] and `lab` on the clients, [`compare`] on the store |
//! | L1 | [`record`], then [`expression`] over it |
//! | L0 | [`support`] |

pub mod action;
pub mod cli;
pub mod clients;
pub mod compare;
pub mod discover;
pub mod doctor;
pub mod engine;
pub mod expression;
pub mod history;
pub mod lab;
pub mod load;
pub mod observe;
pub mod page;
pub mod perf_output;
pub mod plan;
pub mod prove;
pub mod record;
pub mod report;
pub mod store;
pub mod support;
