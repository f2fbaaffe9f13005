//! What every part of a Word file begins with, and how parts refer to each other.

use crate::report::forms::xml::escaped;
use std::collections::BTreeMap;

pub(super) const HEAD: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n";

pub(super) const TYPES: &str = "application/vnd.openxmlformats-officedocument.wordprocessingml.";

pub(super) const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

/// Parts of a package by name.
pub(super) type Parts = BTreeMap<String, Vec<u8>>;

pub(super) fn relation(id: &str, kind: &str, target: &str, more: &str) -> String {
    format!("<Relationship Id=\"{id}\" Type=\"{RELATIONS}/{kind}\" Target=\"{}\"{more}/>", escaped(target))
}
