//! Every help text of the program in one snapshot, so that its words are reviewed as words.

use crate::cli::args::Args;
use clap::{Command, CommandFactory};
use std::fmt::Write;

fn add(out: &mut String, command: &mut Command, name: &str) {
    let _ = writeln!(out, "$ {name} --help\n{}\n", command.render_long_help().to_string().trim_end());
    let subcommands: Vec<Command> =
        command.get_subcommands().filter(|s| s.get_name() != "help").cloned().collect();
    for mut subcommand in subcommands {
        let name = format!("{name} {}", subcommand.get_name());
        add(out, &mut subcommand, &name);
    }
}

#[test]
fn every_help_text_is_as_it_was_read() {
    let mut program = Args::command().term_width(80).mut_args(|arg| arg.hide_env_values(true));
    program.build();
    let mut out = String::new();
    add(&mut out, &mut program, "jalon");
    let out: String = out.lines().map(|line| format!("{}\n", line.trim_end())).collect();
    insta::assert_snapshot!(out);
}
