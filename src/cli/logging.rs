//! [`Logging`]: the log of what the program does, for who looks for a fault. It goes to stderr, and only where it is
//! asked for.

use super::CommandError;
use crate::support::{redact, text};
use clap::{ArgAction, Args};
use std::io::{self, Write};
use tracing_subscriber::EnvFilter;

/// Name of the environment variable that filters the log.
const VARIABLE: &str = "JALON_LOG";

/// Whether and how much is logged; options of every command.
#[derive(Debug, Args)]
pub(super) struct Logging {
    /// Log to stderr; `-vv` also logs every request and librdkafka's messages.
    ///
    /// `JALON_LOG` filters by module and level, alone or beside `-v`: `JALON_LOG=jalon::clients=debug`, and
    /// `JALON_LOG=librdkafka=debug` for the log of connections, log-ins and groups (`trace` for all of librdkafka's
    /// messages). Secrets are masked.
    #[arg(short, long, global = true, action = ArgAction::Count, help_heading = "Log")]
    verbose: u8,
}

impl Logging {
    /// Starts the log, where it is asked for.
    pub(super) fn start(&self) -> Result<(), CommandError> {
        let asked = std::env::var(VARIABLE).unwrap_or_default();
        let Some(filter) = filter(self.verbose, &asked)? else { return Ok(()) };
        tracing_subscriber::fmt()
            .with_env_filter(filter)
            // A style between a name and its value would hide the shape of a secret.
            .with_ansi(false)
            .with_writer(|| Stderr)
            .init();
        Ok(())
    }
}

/// What is logged; of two directives for one module the one from the environment counts.
fn filter(verbose: u8, asked: &str) -> Result<Option<EnvFilter>, CommandError> {
    let own = match verbose {
        0 => "",
        1 => "jalon=info,librdkafka=warn",
        _ => "jalon=debug,librdkafka=info",
    };
    let directives: Vec<&str> = [own, asked.trim()].into_iter().filter(|part| !part.is_empty()).collect();
    if directives.is_empty() {
        return Ok(None);
    }
    EnvFilter::builder().parse(directives.join(",")).map(Some).map_err(|cause| CommandError::Usage {
        message: format!("invalid {VARIABLE} `{asked}`: {cause}"),
        hint: format!("write `{VARIABLE}=jalon=debug` or `{VARIABLE}=jalon::clients=trace,librdkafka=debug`"),
    })
}

/// Standard error behind the redactor. The subscriber writes each event at once, as one line.
struct Stderr;

impl Write for Stderr {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        io::stderr().lock().write_all(shown(line).as_bytes())?;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

/// A line with its secrets masked, which can neither steer a terminal nor look like two.
fn shown(line: &[u8]) -> String {
    let line = String::from_utf8_lossy(line);
    format!("{}\n", text::one_line(redact::mask(line.trim_end()).as_ref()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directives(verbose: u8, asked: &str) -> Option<String> {
        let mut parts: Vec<String> =
            filter(verbose, asked).unwrap()?.to_string().split(',').map(str::to_owned).collect();
        parts.sort();
        Some(parts.join(","))
    }

    #[test]
    fn nothing_is_logged_that_was_not_asked_for() {
        assert_eq!(directives(0, " "), None);
        assert_eq!(directives(1, "").as_deref(), Some("jalon=info,librdkafka=warn"));
        assert_eq!(directives(3, "").as_deref(), Some("jalon=debug,librdkafka=info"));
        assert_eq!(directives(0, "librdkafka=debug").as_deref(), Some("librdkafka=debug"));
        assert_eq!(directives(1, "librdkafka=trace").as_deref(), Some("jalon=info,librdkafka=trace"));
        let error = filter(0, "jalon=loud").unwrap_err().to_string();
        assert!(error.contains("JALON_LOG") && error.contains("jalon=loud"), "{error}");
    }

    #[test]
    fn a_line_of_the_log_is_masked_and_is_one_line() {
        assert_eq!(
            shown(b"a sasl.password=hunter2 b\nINFO c\x1b[31m http://u:hunter2@h/\n"),
            "a sasl.password=*** b INFO c[31m http://u:***@h/\n"
        );
    }
}
