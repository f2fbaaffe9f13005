//! Command lines of Kafka's tools in the words of `jalon perf`: abbreviations are written out, and the arguments of
//! `kafka-e2e-latency` that have no names get them, as Kafka 4.2 does itself.

use crate::perf_output::option_of_tool;
use std::ffi::OsString;

/// The arguments of `kafka-e2e-latency` by position; the last one may be left out.
const POSITIONS: [&str; 6] =
    ["bootstrap-server", "topic", "num-records", "producer-acks", "record-size", "command-config"];

/// The arguments of `program`, those of a `perf` as its options.
pub(in crate::cli) fn written_out(
    args: impl IntoIterator<Item = OsString>,
    program: clap::Command,
) -> Vec<OsString> {
    let mut args: Vec<OsString> = args.into_iter().collect();
    let load = args.windows(2).position(|pair| pair[0] == "perf" && tool(&pair[1]).is_some());
    let Some(at) = load.map(|perf| perf + 1) else { return args };
    let given = args.split_off(at + 1);
    let known = options(program, &args[at]);
    let tool = tool(&args[at]).unwrap_or_default();
    args.extend(topics(named(tool, given).into_iter().map(|arg| whole(tool, &known, arg)).collect()));
    args
}

/// Kafka's tool in whose place a load is.
fn tool(load: &OsString) -> Option<&'static str> {
    match load.to_str()? {
        "produce" => Some("kafka-producer-perf-test"),
        "consume" => Some("kafka-consumer-perf-test"),
        "end-to-end" => Some("kafka-e2e-latency"),
        _ => None,
    }
}

/// The options of a load under all of their names.
fn options(mut program: clap::Command, load: &OsString) -> Vec<String> {
    program.build();
    let load = program.find_subcommand("perf").and_then(|perf| perf.find_subcommand(load));
    let names = load.into_iter().flat_map(clap::Command::get_arguments).flat_map(|option| {
        option.get_long().into_iter().chain(option.get_all_aliases().unwrap_or_default()).map(str::to_owned)
    });
    names.collect()
}

/// Names for arguments that have none.
fn named(tool: &str, args: Vec<OsString>) -> Vec<OsString> {
    let bare = args.iter().take_while(|arg| !arg.as_encoded_bytes().starts_with(b"-")).count();
    if tool != "kafka-e2e-latency" || !(5..=6).contains(&bare) {
        return args;
    }
    let named = |(n, arg)| match POSITIONS.get(n).filter(|_| n < bare) {
        Some(name) => vec![OsString::from(format!("--{name}")), arg],
        None => vec![arg],
    };
    args.into_iter().enumerate().flat_map(named).collect()
}

/// An option of Kafka's tool that was abbreviated, as its parser takes it, by its whole name.
fn whole(tool: &str, known: &[String], arg: OsString) -> OsString {
    let Some(option) = arg.to_str().and_then(|arg| arg.strip_prefix("--")) else { return arg };
    let (name, value) = option.find('=').map_or((option, ""), |at| option.split_at(at));
    match option_of_tool(tool, name) {
        Some(whole) if !known.iter().any(|known| known == name) => format!("--{whole}{value}").into(),
        _ => arg,
    }
}

/// `--include NAME` is that topic. A regular expression is handed on, with a topic, so that the load refuses it.
fn topics(args: Vec<OsString>) -> Vec<OsString> {
    let is = |arg: &OsString, name: &str| {
        arg.to_str()
            .and_then(|arg| arg.strip_prefix(name))
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('='))
    };
    let Some(at) = args.iter().position(|arg| is(arg, "--include")) else { return args };
    if args.iter().any(|arg| is(arg, "--topic")) {
        return args;
    }
    let inline = args[at].to_str().and_then(|arg| arg.split_once('=')).map(|(_, regex)| regex.to_owned());
    let next = || args.get(at + 1).and_then(|arg| arg.to_str()).map(str::to_owned);
    let length = if inline.is_some() { 1 } else { 2 };
    let Some(regex) = inline.or_else(next) else { return args };
    let name = regex.trim_start_matches('^').trim_end_matches('$').replace("\\.", ".");
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'));
    let mut args = args;
    if plain {
        args.splice(at..at + length, ["--topic".into(), name.into()]);
    } else {
        args.extend(["--topic".into(), regex.into()]);
    }
    args
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::args::Args;
    use clap::CommandFactory;

    fn line(text: &str) -> String {
        let args = written_out(text.split(' ').map(OsString::from), Args::command());
        args.iter().map(|arg| arg.to_str().unwrap()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn abbreviations_are_those_of_kafkas_parsers() {
        for (given, expected) in [
            (
                "jalon perf produce --to t --num 5 --record 100 --th=-1 --producer-p acks=1",
                "jalon perf produce --topic t --num-records 5 --record-size 100 --throughput=-1 --producer-props acks=1",
            ),
            (
                "jalon -C x perf consume --boot b:9092 --mess 5",
                "jalon -C x perf consume --bootstrap-server b:9092 --messages 5",
            ),
            (
                "jalon perf end-to-end --num-r 5 --producer a",
                "jalon perf end-to-end --num-records 5 --producer-acks a",
            ),
        ] {
            assert_eq!(line(given), expected);
        }
        // Two may be meant, or it is an option of this program, or of another command.
        for same in [
            "jalon perf produce --t t --records 5 --payload zeros",
            "jalon perf consume --num-r 5 --records 6 --json",
            "jalon perf capacity --num 5",
            "jalon run --num 5",
            "jalon perf",
        ] {
            assert_eq!(line(same), same.replace("--num-r ", "--num-records "));
        }
    }

    #[test]
    fn arguments_by_position_get_their_names() {
        assert_eq!(
            line("jalon perf end-to-end b:9092 t 5000 all 100 c.properties --json"),
            "jalon perf end-to-end --bootstrap-server b:9092 --topic t --num-records 5000 --producer-acks all --record-size \
             100 --command-config c.properties --json"
        );
        assert!(
            line("jalon perf end-to-end b:9092 t 5000 1 100")
                .ends_with("--producer-acks 1 --record-size 100")
        );
        assert_eq!(line("jalon perf end-to-end b:9092 t"), "jalon perf end-to-end b:9092 t");
    }

    #[test]
    fn one_topic_may_be_given_as_kafkas_regular_expression() {
        assert_eq!(
            line("jalon perf consume --include ^a\\.b$ --json"),
            "jalon perf consume --topic a.b --json"
        );
        assert_eq!(line("jalon perf consume --incl=load"), "jalon perf consume --topic load");
        assert_eq!(line("jalon perf consume --include a.*"), "jalon perf consume --include a.* --topic a.*");
        assert_eq!(
            line("jalon perf consume --include a --topic b"),
            "jalon perf consume --include a --topic b"
        );
    }
}
