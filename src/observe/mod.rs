//! Who hears what happens: the console, and those who are told elsewhere. An observer cannot fail a run.

mod console;
mod notices;

pub use console::Console;
pub use notices::Notices;
