//! [`every_mistake`]: all that is wrong with values that serde reads, where it stops at the first itself.

use super::yaml::index;
use crate::{action::ParamError, record::Said, support::text};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A reader of values that is made to go on behind each mistake.
struct Reading {
    /// What is read, without what was wrong.
    json: Value,
    /// What stands for a key that is missing or was wrong, until what is behind it was read too: which was tried last.
    stand_ins: BTreeMap<Vec<String>, usize>,
    /// The places of entries that were taken out of lists, as they are written.
    removed: BTreeMap<Vec<String>, Vec<usize>>,
    found: Vec<ParamError>,
}

/// What `parse` makes of the values, and everything that it does not accept, in the order in which it was found. Each mistake
/// is there once, and none that only follows from another. Where there is any, what was made has stand-ins in it.
pub(super) fn every_mistake<T>(
    json: &Value,
    parse: impl Fn(&Value) -> Result<T, ParamError>,
) -> (Option<T>, Vec<ParamError>) {
    let mut reading = Reading {
        json: json.clone(),
        stand_ins: BTreeMap::new(),
        removed: BTreeMap::new(),
        found: Vec::new(),
    };
    loop {
        match parse(&reading.json) {
            Ok(parsed) => return (Some(parsed), reading.found),
            Err(error) => {
                if reading.go_on(error).is_none() {
                    return (None, reading.found);
                }
            }
        }
    }
}

impl Reading {
    /// Notes the mistake and makes what is behind it readable; `None` where nothing more can be found.
    fn go_on(&mut self, error: ParamError) -> Option<()> {
        let mut path = error.path.clone();
        if let Some(key) = unknown_field(&error.message) {
            // Some formats give the path to the key, some that of the map around it.
            if path.last() == Some(&key) {
                path.pop();
            }
            let known: Vec<&str> = error.message.split('`').skip(3).step_by(2).collect();
            let around = value_at(&mut self.json, &path).and_then(Value::as_object_mut);
            let taken = around.and_then(|around| {
                let value = around.shift_remove(&key)?;
                // A misspelt key is read as the one that was meant.
                if let Some(meant) =
                    text::did_you_mean(&key, known).filter(|meant| !around.contains_key(*meant))
                {
                    around.insert(meant.to_owned(), value);
                }
                Some(())
            });
            self.note(&path, &error.message);
            return taken;
        }
        if self.stand_ins.contains_key(&path) {
            return self.stand_in_again(path);
        }
        // What is wrong with a whole of which a part is made up may be wrong because of that part.
        if self.stand_ins.keys().any(|made_up| made_up.starts_with(&path))
            && missing_field(&error.message).is_none()
        {
            return None;
        }
        if let Some(key) = missing_field(&error.message) {
            let here: Vec<String> = path.iter().chain([&key]).cloned().collect();
            if !self.stand_ins.contains_key(&here) {
                self.note(&path, &error.message);
            }
            value_at(&mut self.json, &path)?.as_object_mut()?.insert(key, json!(""));
            self.stand_ins.insert(here, 0);
            return Some(());
        }
        self.note(&path, &error.message);
        let last = path.pop()?;
        match value_at(&mut self.json, &path)? {
            Value::Object(map) => {
                map.shift_remove(&last)?;
                // Where it must be there, it is not missing as well.
                path.push(last);
                self.stand_ins.insert(path, 0);
            }
            Value::Array(items) => {
                let at = index(&last).filter(|at| *at < items.len())?;
                items.remove(at);
                let list = self.as_written(&path);
                let written = written(self.removed.get(&list).map_or(&[], Vec::as_slice), at);
                let removed = self.removed.entry(list).or_default();
                removed.push(written);
                removed.sort_unstable();
            }
            _ => return None,
        }
        Some(())
    }

    /// Tries another stand-in; where none fits, what it is a part of is taken out.
    fn stand_in_again(&mut self, mut path: Vec<String>) -> Option<()> {
        let next = self.stand_ins.get_mut(&path)?;
        let stand_in =
            [json!({}), json!([]), json!(0), json!(1), json!(false), json!("1s")].get(*next).cloned();
        *next += 1;
        match stand_in {
            Some(stand_in) => *value_at(&mut self.json, &path)? = stand_in,
            None => {
                path.pop();
                let holder = path.pop()?;
                value_at(&mut self.json, &path)?.as_object_mut()?.shift_remove(&holder)?;
                path.push(holder);
                self.stand_ins.insert(path, 0);
            }
        }
        Some(())
    }

    fn note(&mut self, path: &[String], message: &Said) {
        self.found.push(ParamError { path: self.as_written(path), message: message.clone() });
    }

    /// The path in the file: entries that were taken out of a list are still before others there.
    fn as_written(&self, path: &[String]) -> Vec<String> {
        let mut all: Vec<String> = Vec::new();
        for part in path {
            let place = index(part).zip(self.removed.get(&all));
            all.push(
                place.map_or_else(|| part.clone(), |(at, removed)| format!("[{}]", written(removed, at))),
            );
        }
        all
    }
}

/// The place of an entry in a list before these ones, in ascending order, were taken out.
fn written(removed: &[usize], at: usize) -> usize {
    removed.iter().fold(at, |at, removed| if *removed <= at { at + 1 } else { at })
}

/// The value that a path of keys and indices leads to.
fn value_at<'v>(json: &'v mut Value, path: &[String]) -> Option<&'v mut Value> {
    path.iter().try_fold(json, |at, part| match at {
        Value::Array(items) => index(part).and_then(|at| items.get_mut(at)),
        other => other.get_mut(part.as_str()),
    })
}

/// The key that serde's message calls missing.
pub(super) fn missing_field(message: &str) -> Option<String> {
    Some(message.strip_prefix("missing field `")?.split_once('`')?.0.to_owned())
}

/// The key that serde's message calls unknown.
pub(super) fn unknown_field(message: &str) -> Option<String> {
    Some(message.strip_prefix("unknown field `")?.split_once('`')?.0.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Params {
        #[expect(dead_code, reason = "read only")]
        name: String,
        #[expect(dead_code, reason = "read only")]
        size: u32,
        #[expect(dead_code, reason = "read only")]
        #[serde(default)]
        parts: Vec<Part>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Part {
        #[expect(dead_code, reason = "read only")]
        id: String,
        #[expect(dead_code, reason = "read only")]
        #[serde(default)]
        length: u8,
    }

    fn mistakes(params: Value) -> Vec<(String, String)> {
        let parse =
            |json: &Value| serde_path_to_error::deserialize::<_, Params>(json).map_err(ParamError::from);
        let (_, found) = every_mistake(&params, parse);
        let short = |error: ParamError| {
            let message = error.message.split(", expected").next().unwrap_or_default().to_owned();
            (error.path.join("."), message)
        };
        found.into_iter().map(short).collect()
    }

    #[test]
    fn one_mistake_hides_no_other() {
        assert_eq!(mistakes(json!({"name": "a", "size": 1})), []);
        let told = mistakes(json!({
            "nam": "a",
            "other": 1,
            "parts": [{"id": 7}, {"id": "b", "length": "long"}, {"length": 300, "colour": 1}, 5],
        }));
        let told: Vec<_> = told.iter().map(|(path, message)| (path.as_str(), message.as_str())).collect();
        for expected in [
            ("", "unknown field `nam`"),
            ("", "unknown field `other`"),
            ("", "missing field `size`"),
            ("parts.[0].id", "invalid type: integer `7`"),
            ("parts.[1].length", "invalid type: string \"long\""),
            ("parts.[2].length", "invalid value: integer `300`"),
            ("parts.[2]", "unknown field `colour`"),
            ("parts.[2]", "missing field `id`"),
            ("parts.[3]", "invalid type: integer `5`"),
        ] {
            assert!(told.contains(&expected), "{expected:?} in {told:?}");
        }
        assert_eq!(told.len(), 9, "{told:?}");
    }

    #[test]
    fn the_places_of_later_entries_of_a_list_stay_right() {
        let told = mistakes(json!({"name": "a", "size": 1, "parts": [1, {"id": "b"}, 2, 3, {"id": 4}]}));
        let paths: Vec<_> = told.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(paths, ["parts.[0]", "parts.[2]", "parts.[3]", "parts.[4].id"]);
    }

    #[test]
    fn what_is_missing_is_told_each() {
        let told = mistakes(json!({"parts": "none"}));
        let messages: Vec<_> = told.iter().map(|(_, message)| message.as_str()).collect();
        assert_eq!(
            messages,
            ["invalid type: string \"none\"", "missing field `name`", "missing field `size`"]
        );
    }
}
