//! Who hears what happens: the console. An observer cannot fail a run.

mod console;

pub use console::Console;
