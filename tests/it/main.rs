//! Integration tests: the real binary on real campaigns, one module a topic.

mod layers;
mod support;
