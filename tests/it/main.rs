//! Integration tests: the real binary on real campaigns, one module a topic.
#![allow(clippy::unwrap_used, reason = "a test ends where something is not as it must be")]

mod bad_metrics;
mod book;
mod change;
mod compare;
mod crash;
mod crash_platform;
mod faults;
mod forms;
mod gates;
mod histograms;
mod import;
mod init;
mod journals;
mod kafka_tools;
mod lab;
mod language;
mod layers;
mod logging;
mod manual;
mod perf;
mod plan_errors;
mod plan_show;
mod platform;
mod properties;
mod reading;
mod record;
mod refusals;
mod resume;
mod schemas;
mod secure;
mod shipped;
mod support;
mod terminal;
mod trogdor;
mod trust;
