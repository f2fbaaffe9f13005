//! What must be done: the step files compiled into one checked [`Plan`].

pub mod basis;
pub mod campaign;
mod causes;
mod check;
pub mod compile;
mod compiled;
pub mod criterion;
pub mod estimate;
pub mod explain;
pub mod file;
pub mod graph;
mod learn;
pub mod load;
pub mod markdown;
pub mod matrix;
mod mistakes;
pub mod notify;
pub mod schema;
pub mod scope;
mod secrets;
pub mod source;
pub mod step;
pub mod template;
mod typed;
pub mod yaml;

pub use campaign::Campaign;
pub use compile::Options;
pub use compiled::Plan;
pub use graph::Graph;
pub use learn::learn;
pub use load::Sources;
pub use scope::Scope;
pub use source::Problem;
pub use step::{ActionSpec, Condition, Step, Watch};
