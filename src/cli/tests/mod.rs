//! The command line against what is written about it.

mod book;
mod help;
mod reference;
mod reference_pages;

use super::args::Args;
use clap::CommandFactory;

#[test]
fn the_command_line_is_sound() {
    Args::command().debug_assert();
}
