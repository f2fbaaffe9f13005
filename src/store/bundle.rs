//! A run in one file, which another machine can verify, report on and resume.
//!
//! It is a gzipped tar that any tool unpacks. The same run makes the same bytes: entries are sorted, owners and times are
//! fixed. The comment of the gzip header has the SHA-256 of all that follows, so that a changed or missing byte anywhere
//! is seen before anything is unpacked; the first entry, `bundle.json`, lists every file with its own.

mod pack;
mod unpack;

pub(super) use pack::append;
pub use pack::{Packed, pack};
pub use unpack::{Unpacked, is_own_plan, unpack};

use super::{
    artifacts,
    journal::{self, Mark},
    own::is_own,
    seal,
};
use crate::{
    record::RunId,
    support::{files, text},
};
use serde::{Deserialize, Serialize};
use std::{
    io::{self, Read},
    path::{Component, Path, PathBuf},
};

/// Version of the form of a bundle.
const FORMAT: u32 = 1;

/// Name of the first entry.
const MANIFEST: &str = "bundle.json";

/// Longest manifest that is read: some hundred thousand files.
const MANIFEST_LIMIT: u64 = 256 << 20;

/// Where imports are below the campaign's folder.
const IMPORTS: &str = "artifacts/imports/";

/// What stands in the gzip header, with the hash behind it.
const LEAD: &str = "jalon bundle 1, sha256 of what follows: ";

/// Whether a file begins as a bundle does, which its version is part of.
pub fn is_bundle(path: &Path) -> bool {
    let mut start = [0; 10 + LEAD.len()];
    let is_read = files::open_no_link(path).is_ok_and(|mut file| file.read_exact(&mut start).is_ok());
    is_read && start.ends_with(LEAD.as_bytes())
}

/// Length of a SHA-256 in hexadecimal.
const HASH: usize = 64;

/// What is in a bundle; its first entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of the bundle's format.
    pub format: u32,
    /// Version of the program that made it.
    pub jalon: String,
    /// Name of the run that was packed, its folder below `artifacts/`.
    pub run: RunId,
    /// Its last record: what follows was not yet written when the bundle was made.
    pub journal: Mark,
    /// Every file, sorted by path.
    pub files: Vec<Entry>,
}

/// One file of a bundle, with its size and hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
pub struct Entry {
    /// Path below the campaign's folder, with `/`.
    pub path: String,
    /// Size of the content, in bytes.
    pub bytes: u64,
    /// SHA-256 of the content.
    pub sha256: String,
}

/// Why there is no bundle, or nothing was unpacked.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// Its bytes are not what was written, or it is no bundle.
    #[error("{}: the bundle is damaged: {problem}", text::path(.path))]
    Damaged {
        /// Path of the bundle.
        path: PathBuf,
        /// What is wrong, and with which file of it.
        problem: String,
    },
    /// A newer program made it.
    #[error("{}: the bundle is of form {format}; this program reads form {FORMAT}", text::path(.path))]
    Newer {
        /// Path of the bundle.
        path: PathBuf,
        /// Version of the form that the bundle has.
        format: u32,
    },
    /// The run is there already, and is another one.
    #[error("the run {run} is already in {} and differs: {difference}", text::path(.folder))]
    Differs {
        /// Name of the run in the bundle.
        run: RunId,
        /// Folder of the run that is there already.
        folder: PathBuf,
        /// The first file or record that differs, in a sentence.
        difference: String,
    },
    /// The run's own evidence is not what was written.
    #[error(transparent)]
    Altered(#[from] artifacts::Altered),
    /// The journal of the run cannot be read.
    #[error(transparent)]
    Journal(#[from] journal::JournalError),
    /// Reading or writing a file failed.
    #[error("cannot {verb} {}: {cause}", text::path(.path))]
    Disk {
        /// What was tried, as a verb.
        verb: &'static str,
        /// File or folder on which it failed.
        path: PathBuf,
        /// Error of the operating system.
        #[source]
        cause: io::Error,
    },
}

fn disk(verb: &'static str, path: &Path) -> impl FnOnce(io::Error) -> BundleError {
    let path = path.to_owned();
    move |cause| BundleError::Disk { verb, path, cause }
}

/// Whether a path may be in the bundle of `run`: below the folder that it is unpacked to, and where evidence or the plan
/// belongs.
fn allowed(path: &str, run: &RunId) -> bool {
    let plain = !path.contains(['\\', '\0']) && !path.split('/').any(|part| matches!(part, "" | "." | ".."));
    let normal = Path::new(path).components().all(|c| matches!(c, Component::Normal(_)));
    plain && normal && belongs(path, run)
}

fn belongs(path: &str, run: &RunId) -> bool {
    let of_run = path.strip_prefix("artifacts/").and_then(|p| p.strip_prefix(run.as_str()));
    match of_run.and_then(|p| p.strip_prefix('/')) {
        Some(below) => !below.is_empty() && below != "lock" && is_name(run.as_str()),
        None => {
            ["artifacts/notes/journal.jsonl", "artifacts/notes/journal.head"].contains(&path)
                || path.strip_prefix(IMPORTS).is_some_and(|below| !below.is_empty() && below != "lock")
                || (["plan/", "steps/"].iter().any(|folder| path.starts_with(folder)) && !is_secret(path))
        }
    }
}

/// Where the seals of a run are below the campaign's folder.
fn seals_of(run: &RunId) -> String {
    format!("artifacts/{run}/{}", seal::FOLDER)
}

/// Whether a text is the name of a run's folder.
fn is_name(run: &str) -> bool {
    !run.starts_with('.') && !is_own(run) && !run.is_empty() && !run.contains(['/', '\\', '\0'])
}

/// Whether a path leads to what must not leave the machine: a folder `secrets`, or what is hidden.
fn is_secret(path: &str) -> bool {
    path.split('/').any(|part| part.eq_ignore_ascii_case("secrets") || part.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        record::{Attempt, Event, StepId},
        store::{ArtifactDir, Journal, RunDir, Runs},
        support::fingerprint,
    };
    use flate2::GzBuilder;
    use std::{fs, io::Write};

    #[test]
    fn a_bundle_holds_only_what_belongs_into_it() {
        let run = RunId::from("20250101-000000-lab");
        for good in [
            "artifacts/20250101-000000-lab/journal.jsonl",
            "artifacts/20250101-000000-lab/03/1/nominal/windows.csv",
            "artifacts/notes/journal.jsonl",
            "artifacts/notes/journal.head",
            "artifacts/imports/journal.jsonl",
            "artifacts/imports/2026-03-02-1/source.txt",
            "plan/environments/lab.yaml",
            "steps/00-a.md",
        ] {
            assert!(allowed(good, &run), "{good}");
        }
        for bad in [
            "/etc/passwd",
            "../x",
            "plan/../../x",
            "plan/./x",
            "plan//x",
            "artifacts/20250101-000000-lab/../other/journal.jsonl",
            "artifacts/20250101-000000-lab/lock",
            "artifacts/20250101-000000-lab",
            "artifacts/other/journal.jsonl",
            "artifacts/notes/lock",
            "artifacts/imports/lock",
            "artifacts/imports/",
            "plan/secrets/key.pem",
            "plan/.env",
            "plan\\x",
            "bundle.json",
            "Cargo.toml",
            "",
        ] {
            assert!(!allowed(bad, &run), "{bad}");
        }
        for run in ["..", ".lab.lock", "notes", "imports", "", "a/b"] {
            assert!(
                !allowed(&format!("artifacts/{run}/journal.jsonl"), &RunId::from(run)) || is_own(run),
                "{run}"
            );
        }
    }

    /// A run with one artifact and no plan.
    fn campaign(folder: &Path) -> RunDir {
        let run = Runs::of_campaign(folder).get(&RunId::from("20250101-000000-lab"));
        let dir = ArtifactDir::new(&run.path, "00/1/s");
        // What cannot be made smaller is stored as it is: such blocks have bits that mean nothing to a gzip reader.
        let noise: Vec<u8> =
            (0..2000_u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()).collect();
        let artifact = dir.write("noise.bin", "application/octet-stream", &noise).unwrap();
        let (step, attempt, action) = (StepId(0), Attempt::FIRST, "s".into());
        let stored = Event::ArtifactStored { step, attempt, action, artifact };
        Journal::create(&run.journal()).unwrap().append(jiff::Timestamp::now(), vec![stored]).unwrap();
        run
    }

    #[test]
    fn every_byte_counts() {
        let folder = tempfile::tempdir().unwrap();
        let run = campaign(folder.path());
        let bundle = folder.path().join("a.tar.gz");
        pack(folder.path(), &run, &bundle).unwrap();
        let good = std::fs::read(&bundle).unwrap();
        let bad_path = folder.path().join("bad.tar.gz");
        let into = folder.path().join("into");
        let refused = |bytes: &[u8], what: &str| {
            std::fs::write(&bad_path, bytes).unwrap();
            assert!(matches!(unpack(&bad_path, &into), Err(BundleError::Damaged { .. })), "{what}");
            assert!(!into.exists(), "{what}");
        };
        for at in 0..good.len() {
            let mut bad = good.clone();
            bad[at] ^= 1 << (at % 8);
            refused(&bad, &format!("byte {at}"));
        }
        (0..good.len()).for_each(|length| refused(&good[..length], &format!("cut to {length}")));
        let unpacked = unpack(&bundle, &into).unwrap();
        assert!(!unpacked.was_there && !into.join("plan").exists());
        assert!(unpack(&bundle, &into).unwrap().was_there);
        std::fs::write(Runs::of_campaign(&into).get(&run.run).path.join("00/1/s/noise.bin"), "x").unwrap();
        assert!(matches!(unpack(&bundle, &into), Err(BundleError::Differs { .. })));
    }

    #[test]
    fn a_journal_whose_last_record_is_cut_is_not_packed() {
        let folder = tempfile::tempdir().unwrap();
        let run = campaign(folder.path());
        let journal = fs::OpenOptions::new().write(true).open(run.journal()).unwrap();
        journal.set_len(journal.metadata().unwrap().len() - 1).unwrap();
        let error = pack(folder.path(), &run, &folder.path().join("a.tar.gz")).unwrap_err();
        assert!(matches!(error, BundleError::Journal(journal::JournalError::Damaged { .. })), "{error}");
    }

    /// A bundle as somebody would make it who knows the form.
    fn forged(folder: &Path, journal: Mark, files: &[(&str, tar::EntryType, &str)]) -> PathBuf {
        let entry = |(path, _, content): &(&str, tar::EntryType, &str)| Entry {
            path: (*path).into(),
            bytes: content.len() as u64,
            sha256: fingerprint::of_bytes(content),
        };
        let manifest = Manifest {
            format: FORMAT,
            jalon: "0".into(),
            run: "20250101-000000-lab".into(),
            journal,
            files: files.iter().map(entry).collect(),
        };
        let mut tar = tar::Builder::new(Vec::new());
        let text = serde_json::to_string(&manifest).unwrap();
        for (name, kind, content) in
            std::iter::once(&(MANIFEST, tar::EntryType::Regular, text.as_str())).chain(files)
        {
            let mut header = tar::Header::new_old();
            // The builder refuses such names itself.
            header.as_old_mut().name[..name.len()].copy_from_slice(name.as_bytes());
            header.set_entry_type(*kind);
            header.set_size(content.len() as u64);
            if *kind == tar::EntryType::Symlink {
                header.set_link_name("/etc/passwd").unwrap();
            }
            header.set_cksum();
            tar.append(&header, content.as_bytes()).unwrap();
        }
        let mut content = Vec::new();
        let gzip = GzBuilder::new().mtime(0).operating_system(255).comment("c");
        let mut gzip = gzip.write(&mut content, flate2::Compression::default());
        gzip.write_all(&tar.into_inner().unwrap()).unwrap();
        gzip.finish().unwrap();
        let body = &content[12..];
        let mut bytes = content[..10].to_vec();
        bytes.extend_from_slice(format!("{LEAD}{}\0", fingerprint::of_bytes(body)).as_bytes());
        bytes.extend_from_slice(body);
        let bundle = folder.join("forged.tar.gz");
        std::fs::write(&bundle, bytes).unwrap();
        bundle
    }

    #[test]
    fn a_journal_that_was_cut_is_found_by_its_head() {
        use crate::record::event::{Note, NoteKind};
        let folder = tempfile::tempdir().unwrap();
        let runs = Runs::of_campaign(folder.path());
        let run = runs.get(&RunId::from("20250101-000000-lab"));
        for dir in [&run, &runs.notes()] {
            std::fs::create_dir_all(&dir.path).unwrap();
            let note = |text: &str| Event::NoteAdded(Note::new(NoteKind::Risk, "ana", text));
            let mut journal = Journal::create(&dir.journal()).unwrap();
            journal.append(jiff::Timestamp::now(), vec![note("a"), note("b")]).unwrap();
        }
        let names = ["20250101-000000-lab/journal.head", "20250101-000000-lab/journal.jsonl"]
            .into_iter()
            .chain(["notes/journal.head", "notes/journal.jsonl"])
            .map(|name| format!("artifacts/{name}"))
            .collect::<Vec<_>>();
        let unpacked = |cut: &str, without: &str| {
            let mut texts = Vec::new();
            for name in names.iter().filter(|name| **name != without) {
                let text = std::fs::read_to_string(folder.path().join(name)).unwrap();
                let lines = if name == cut { 1 } else { 2 };
                let text: String = text.split_inclusive('\n').take(lines).collect();
                texts.push((name.as_str(), tar::EntryType::Regular, text));
            }
            let journal = &texts.iter().find(|(name, ..)| *name == names[1]).unwrap().2;
            let last: serde_json::Value = serde_json::from_str(journal.lines().last().unwrap()).unwrap();
            let mark = Mark {
                offset: journal.len() as u64,
                seq: last["seq"].as_u64().unwrap(),
                hash: last["hash"].as_str().unwrap().to_owned(),
            };
            let files: Vec<_> =
                texts.iter().map(|(name, kind, text)| (*name, *kind, text.as_str())).collect();
            let bundle = forged(folder.path(), mark, &files);
            let into = tempfile::tempdir_in(folder.path()).unwrap();
            unpack(&bundle, into.path())
        };
        unpacked("", "").unwrap();
        for (cut, without) in
            [(&names[1], ""), (&names[3], ""), (&names[1], &names[0]), (&names[3], &names[2])]
        {
            let error = unpacked(cut, without).unwrap_err();
            assert!(matches!(error, BundleError::Damaged { .. }), "{cut}: {error}");
        }
        // What is packed has the heads.
        let bundle = folder.path().join("b.tar.gz");
        let packed = pack(folder.path(), &run, &bundle).unwrap();
        assert_eq!(packed.manifest.files.iter().map(|e| e.path.clone()).collect::<Vec<_>>(), names);
        let into = folder.path().join("into/deeper");
        unpack(&bundle, &into).unwrap();
        let there = Runs::of_campaign(&into);
        for dir in [there.get(&run.run), there.notes()] {
            assert_eq!(journal::read(&dir.journal()).unwrap().records.len(), 2);
        }
    }

    #[test]
    fn what_may_come_out_is_bounded() {
        assert_eq!(unpack::allowed_of(1), 64 << 20);
        assert_eq!(unpack::allowed_of(1 << 20), 100 << 20);
    }

    #[test]
    fn nothing_is_written_outside_of_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let into = folder.path().join("into");
        for (path, kind, why) in [
            ("../x", tar::EntryType::Regular, "does not belong"),
            ("/tmp/x", tar::EntryType::Regular, "does not belong"),
            ("plan/../../x", tar::EntryType::Regular, "does not belong"),
            ("plan/secrets/x", tar::EntryType::Regular, "does not belong"),
            ("plan/x", tar::EntryType::Symlink, "is not a file"),
            ("plan/x", tar::EntryType::Directory, "is not a file"),
        ] {
            let error = unpack(&forged(folder.path(), Mark::default(), &[(path, kind, "x")]), &into)
                .unwrap_err()
                .to_string();
            assert!(error.contains(why) && error.contains(path), "{path}: {error}");
            assert!(!into.exists(), "{path}");
            assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "{path}");
        }
    }
}
