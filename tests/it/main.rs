//! Integration tests: the real binary on real campaigns, one module a topic.

mod crash;
mod faults;
mod gates;
mod layers;
mod plan_errors;
mod support;
