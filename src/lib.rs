//! jalon
