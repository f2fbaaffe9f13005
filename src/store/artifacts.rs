//! Artifacts: files written to a temporary name, synced, renamed, and their folder synced, before anything names them.

use super::large_json;
use crate::{
    record::{Arg, Artifact, Said, Speaks, display_by_said, messages},
    support::{
        files::{self, Stamp},
        fingerprint, redact, text,
    },
};
use flate2::{
    Compression,
    read::{MultiGzDecoder, ZlibDecoder},
    write::{GzEncoder, ZlibEncoder},
};
use jiff::Timestamp;
use sha2::{Digest, Sha256};
use std::{
    borrow::Cow,
    collections::BTreeMap,
    fs::{self, File},
    io::{self, BufWriter, Read, Write},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

/// What stands behind the name of an artifact until it is whole.
pub(super) const PARTIAL: &str = ".partial";

/// An artifact could not be stored.
#[derive(Debug, thiserror::Error)]
pub struct ArtifactError {
    /// File or folder on which it failed.
    pub path: PathBuf,
    /// Error of the operating system.
    #[source]
    pub cause: io::Error,
}

/// What the files of a run's artifacts were when their writers closed them, by path below the run's folder: from then on
/// nobody may touch them, however long the action goes on.
#[derive(Debug, Clone, Default)]
pub(super) struct Stamps(Arc<Mutex<BTreeMap<String, Option<Stamp>>>>);

impl Stamps {
    /// The stamp of the file as its writer left it. It has none where somebody else wrote to it before that. Nothing at
    /// all is known of a file that was not written here.
    pub(super) fn of(&self, path: &str) -> Option<Option<Stamp>> {
        self.0.lock().ok()?.get(path).copied()
    }

    fn take(&self, path: &str, stamp: Option<Stamp>) {
        if let Ok(mut stamps) = self.0.lock() {
            stamps.insert(path.to_owned(), stamp);
        }
    }
}

/// The folder of one action's artifacts, and the list of those that are durable.
#[derive(Debug)]
pub struct ArtifactDir {
    run_dir: PathBuf,
    below_run: String,
    stored: Mutex<Vec<Artifact>>,
    stamps: Stamps,
}

impl ArtifactDir {
    /// The folder `below_run` (with `/`) of the run in `run_dir`. It is made with the first artifact.
    pub fn new(run_dir: impl Into<PathBuf>, below_run: impl Into<String>) -> Self {
        Self::stamped_in(run_dir, below_run, Stamps::default())
    }

    /// As [`ArtifactDir::new`], whose writers say in `stamps` what they leave.
    pub(super) fn stamped_in(
        run_dir: impl Into<PathBuf>,
        below_run: impl Into<String>,
        stamps: Stamps,
    ) -> Self {
        Self { run_dir: run_dir.into(), below_run: below_run.into(), stored: Mutex::default(), stamps }
    }

    /// Returns the folder on disk.
    pub fn path(&self) -> PathBuf {
        self.run_dir.join(&self.below_run)
    }

    /// Stores `bytes`, secrets masked.
    pub fn write(&self, name: &str, media_type: &str, bytes: &[u8]) -> Result<Artifact, ArtifactError> {
        let mut writer = self.create(name, media_type)?;
        let path = writer.temporary.clone();
        writer.write_all(&masked(media_type, bytes)).map_err(|cause| ArtifactError { path, cause })?;
        writer.finish()
    }

    /// Stores a value as indented JSON, secrets masked.
    pub fn write_json(&self, name: &str, value: &impl serde::Serialize) -> Result<Artifact, ArtifactError> {
        let mut text = serde_json::to_string_pretty(value)
            .map_err(|e| ArtifactError { path: self.path().join(name), cause: io::Error::other(e) })?;
        text.push('\n');
        self.write(name, "application/json", text.as_bytes())
    }

    /// Opens an artifact to be written bit by bit. What is written is not masked: for generated figures only.
    /// Until [`ArtifactWriter::finish`], the bytes stand under the name with `.partial` behind it.
    pub fn create(&self, name: &str, media_type: &str) -> Result<ArtifactWriter<'_>, ArtifactError> {
        let folder = self.path();
        fs::create_dir_all(&folder).map_err(|cause| ArtifactError { path: folder.clone(), cause })?;
        let temporary = folder.join(format!("{name}{PARTIAL}"));
        let file =
            File::create(&temporary).map_err(|cause| ArtifactError { path: temporary.clone(), cause })?;
        Ok(ArtifactWriter {
            dir: self,
            name: name.to_owned(),
            media_type: media_type.to_owned(),
            temporary,
            out: BufWriter::new(file),
            hash: Sha256::new(),
            bytes: 0,
        })
    }

    /// The bytes of an artifact of this run, which are those that were stored.
    pub fn read(&self, artifact: &Artifact) -> Result<Vec<u8>, ArtifactError> {
        let path = self.run_dir.join(&artifact.path);
        let fault = |cause| ArtifactError { path: path.clone(), cause };
        let bytes = files::read(&path, files::LARGEST).map_err(fault)?;
        match fingerprint::hex(&Sha256::digest(&bytes)) == artifact.sha256 {
            true => Ok(bytes),
            false => {
                Err(fault(io::Error::new(io::ErrorKind::InvalidData, "it was changed since it was stored")))
            }
        }
    }

    /// The folder `name` in it, with a list of its own until [`ArtifactDir::adopt`].
    #[must_use]
    pub fn within(&self, name: &str) -> Self {
        Self::stamped_in(&self.run_dir, format!("{}/{name}", self.below_run), self.stamps.clone())
    }

    /// Takes over the list of a folder within it.
    pub fn adopt(&self, within: &Self) {
        let theirs = within.take_stored();
        if let Ok(mut stored) = self.stored.lock() {
            stored.extend(theirs);
        }
    }

    /// The artifacts stored since the last call; the caller journals them.
    pub fn take_stored(&self) -> Vec<Artifact> {
        self.stored.lock().map(|mut stored| std::mem::take(&mut *stored)).unwrap_or_default()
    }
}

/// The bytes without secrets. JSON is masked value by value, so that it stays JSON; what is compressed is masked within.
fn masked<'b>(media_type: &str, bytes: &'b [u8]) -> Cow<'b, [u8]> {
    if let Some(inner) = unpacked(bytes) {
        return match inner.as_deref().map(|inner| masked(media_type, inner)) {
            Some(Cow::Borrowed(_)) => Cow::Borrowed(bytes),
            Some(Cow::Owned(inner)) => packed(bytes, &inner),
            None => Cow::Borrowed(NOT_SEARCHED.as_bytes()),
        };
    }
    if media_type.contains("json")
        && bytes.len() > large_json::PIECE
        && let Some(masked) = large_json::masked(bytes)
    {
        return match masked {
            Cow::Borrowed(bytes) => redact::mask_known(bytes),
            Cow::Owned(masked) => redact::mask_known(&masked).into_owned().into(),
        };
    }
    let json = media_type.split(';').next().is_some_and(|kind| kind.trim().ends_with("json"));
    let parsed = json.then(|| serde_json::from_slice(bytes).ok()).flatten();
    let Some(original): Option<serde_json::Value> = parsed else { return redact::mask_bytes(bytes) };
    let mut masked = original.clone();
    redact::mask_json(&mut masked);
    match masked == original {
        true => redact::mask_known(bytes),
        false => Cow::Owned(format!("{masked:#}\n").into_bytes()),
    }
}

/// What stands in place of something compressed in which no secret can be looked for.
const NOT_SEARCHED: &str = "[compressed and unreadable, or too large once unpacked: not kept, as no secret can be looked for in it]\n";
/// How large something compressed may become.
const UNPACKED_LIMIT: u64 = 256 << 20;

/// What gzip or zlib have packed: `None` where the bytes are not packed, nothing where they cannot be unpacked.
fn unpacked(bytes: &[u8]) -> Option<Option<Vec<u8>>> {
    let read = |reader: &mut dyn Read| {
        let mut inner = Vec::new();
        let read = reader.take(UNPACKED_LIMIT + 1).read_to_end(&mut inner);
        (read.is_ok() && inner.len() as u64 <= UNPACKED_LIMIT).then_some(inner)
    };
    match bytes {
        [0x1F, 0x8B, ..] => Some(read(&mut MultiGzDecoder::new(bytes))),
        // A text may begin in the same way.
        [0x78, 0x01 | 0x5E | 0x9C | 0xDA, ..] => read(&mut ZlibDecoder::new(bytes)).map(Some),
        _ => None,
    }
}

/// `inner`, packed as `like` is.
fn packed<'b>(like: &[u8], inner: &[u8]) -> Cow<'b, [u8]> {
    let level = Compression::default();
    let done = match like {
        [0x1F, ..] => {
            let mut encoder = GzEncoder::new(Vec::new(), level);
            encoder.write_all(inner).and_then(|()| encoder.finish())
        }
        _ => {
            let mut encoder = ZlibEncoder::new(Vec::new(), level);
            encoder.write_all(inner).and_then(|()| encoder.finish())
        }
    };
    done.map_or(Cow::Borrowed(NOT_SEARCHED.as_bytes()), Cow::Owned)
}

/// An artifact that is being written.
#[derive(Debug)]
pub struct ArtifactWriter<'a> {
    dir: &'a ArtifactDir,
    name: String,
    media_type: String,
    temporary: PathBuf,
    out: BufWriter<File>,
    hash: Sha256,
    bytes: u64,
}

impl Write for ArtifactWriter<'_> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let written = self.out.write(buffer)?;
        self.hash.update(&buffer[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl ArtifactWriter<'_> {
    /// Makes it durable under its final name.
    pub fn finish(mut self) -> Result<Artifact, ArtifactError> {
        let fault = |path: &Path| {
            let path = path.to_owned();
            move |cause| ArtifactError { path, cause }
        };
        self.out.flush().map_err(fault(&self.temporary))?;
        self.out.get_ref().sync_all().map_err(fault(&self.temporary))?;
        let folder = self.dir.path();
        let path = folder.join(&self.name);
        fs::rename(&self.temporary, &path).map_err(fault(&path))?;
        // Taken from the open file, whatever stands under its name by now, and after the rename, which changes it.
        let left = self.out.get_ref().metadata().map_err(fault(&path))?;
        sync_dir(&folder).map_err(fault(&folder))?;
        let artifact = Artifact {
            path: format!("{}/{}", self.dir.below_run, self.name),
            sha256: fingerprint::hex(&self.hash.finalize()),
            bytes: self.bytes,
            media_type: self.media_type,
        };
        let whole = left.len() == artifact.bytes;
        self.dir.stamps.take(&artifact.path, whole.then(|| Stamp::of(&left)));
        if let Ok(mut stored) = self.dir.stored.lock() {
            stored.push(artifact.clone());
        }
        Ok(artifact)
    }
}

/// Why an artifact is not what the journal says.
#[derive(Debug, thiserror::Error)]
pub enum Altered {
    /// The content is not what was stored, at that path.
    Changed(String),
    /// No file at that path below the run's folder.
    Gone(String),
    /// It, or a folder that it lies in, is a link now.
    Linked(String),
    /// The file is there and cannot be read.
    Unreadable {
        /// Its path below the run's folder.
        path: String,
        /// Error of the operating system.
        #[source]
        cause: io::Error,
    },
}

impl Speaks for ArtifactError {
    fn said(&self) -> Said {
        not_written(Arg::text(text::path(&self.path)), Arg::text(&self.cause))
    }
}

impl Speaks for Altered {
    fn said(&self) -> Said {
        match self {
            Self::Changed(path) => changed(&*text::name(path)),
            Self::Gone(path) => gone(&*text::name(path)),
            Self::Linked(path) => linked(&*text::name(path)),
            Self::Unreadable { path, cause } => unreadable(&*text::name(path), cause.to_string()),
        }
    }
}

display_by_said!(Altered, ArtifactError);

messages! {
    area "artifact";
    changed(path) => "artifact {path} changed after it was stored" / "l'artefact {path} a été modifié après son enregistrement";
    gone(path) => "artifact {path} is missing" / "l'artefact {path} est absent";
    linked(path) => "artifact {path} was replaced by a link after it was stored" / "l'artefact {path} a été remplacé par un lien après son enregistrement";
    not_written(path, cause) => "cannot write {path}: {cause}" / "impossible d'écrire {path} : {cause}";
    unreadable(path, cause) => "artifact {path} could not be read: {cause}" / "l'artefact {path} ne peut pas être lu : {cause}";
}

/// Opens an artifact to read it, where it is a file of the size that was stored. What lies behind a link is not: what the
/// link leads to may be changed without a trace.
pub fn open(run_dir: &Path, artifact: &Artifact) -> Result<File, Altered> {
    let mut place = run_dir.to_owned();
    for part in Path::new(&artifact.path) {
        place.push(part);
        if place.is_symlink() {
            return Err(Altered::Linked(artifact.path.clone()));
        }
    }
    let file = files::open(&run_dir.join(&artifact.path)).map_err(|cause| unread(artifact, cause))?;
    match file.metadata().map_err(|cause| unread(artifact, cause))?.len() == artifact.bytes {
        true => Ok(file),
        false => Err(Altered::Changed(artifact.path.clone())),
    }
}

/// What the system said of an artifact that was to be read.
pub fn unread(artifact: &Artifact, cause: io::Error) -> Altered {
    match cause.kind() {
        io::ErrorKind::NotFound => Altered::Gone(artifact.path.clone()),
        _ => Altered::Unreadable { path: artifact.path.clone(), cause },
    }
}

/// Checks that an artifact is still what was stored.
pub fn verify(run_dir: &Path, artifact: &Artifact) -> Result<(), Altered> {
    let file = open(run_dir, artifact)?;
    match fingerprint::of_reader(file).map_err(|cause| unread(artifact, cause))? == artifact.sha256 {
        true => Ok(()),
        false => Err(Altered::Changed(artifact.path.clone())),
    }
}

/// Whether an artifact seems to be what was stored and put on record `at` that time: its content is read only where somebody
/// touched the file since, and no more than `left` bytes in all.
pub(super) fn glance(
    run_dir: &Path,
    artifact: &Artifact,
    at: Timestamp,
    left: &mut u64,
) -> Result<(), Altered> {
    let file = open(run_dir, artifact)?;
    let there = file.metadata().map_err(|cause| unread(artifact, cause))?;
    let changed = i32::try_from(there.ctime_nsec()).ok();
    let changed = changed.and_then(|nanoseconds| Timestamp::new(there.ctime(), nanoseconds).ok());
    if changed.is_some_and(|changed| changed <= at) || artifact.bytes > *left {
        return Ok(());
    }
    *left -= artifact.bytes;
    verify(run_dir, artifact)
}

/// Makes the names in a folder durable.
pub(crate) fn sync_dir(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_artifact_is_named_only_when_it_is_whole() {
        let root = tempfile::tempdir().unwrap();
        let dir = ArtifactDir::new(root.path(), "03/1/nominal");
        let mut writer = dir.create("windows.csv", "text/csv").unwrap();
        writer.write_all(b"a,b\n").unwrap();
        assert!(!dir.path().join("windows.csv").exists());
        let artifact = writer.finish().unwrap();
        assert_eq!(artifact.path, "03/1/nominal/windows.csv");
        assert_eq!(artifact.bytes, 4);
        assert_eq!(std::fs::read(root.path().join(&artifact.path)).unwrap(), b"a,b\n");
        assert_eq!(dir.take_stored(), std::slice::from_ref(&artifact));
        verify(root.path(), &artifact).unwrap();
        std::fs::remove_file(root.path().join(&artifact.path)).unwrap();
        let gone = verify(root.path(), &artifact).unwrap_err().to_string();
        assert_eq!(gone, "artifact 03/1/nominal/windows.csv is missing");
    }

    #[test]
    fn what_lies_behind_a_link_is_not_what_was_stored() {
        let root = tempfile::tempdir().unwrap();
        let dir = ArtifactDir::new(root.path(), "01/1/a");
        let artifact = dir.write("x.txt", "text/plain", b"x").unwrap();
        verify(root.path(), &artifact).unwrap();
        let moved = root.path().join("elsewhere");
        std::fs::rename(root.path().join("01/1/a"), &moved).unwrap();
        std::os::unix::fs::symlink(&moved, root.path().join("01/1/a")).unwrap();
        assert!(matches!(verify(root.path(), &artifact), Err(Altered::Linked(_))));
        std::fs::remove_file(root.path().join("01/1/a")).unwrap();
        std::fs::create_dir(root.path().join("01/1/a")).unwrap();
        std::os::unix::fs::symlink(moved.join("x.txt"), root.path().join("01/1/a/x.txt")).unwrap();
        let said = verify(root.path(), &artifact).unwrap_err().to_string();
        assert_eq!(said, "artifact 01/1/a/x.txt was replaced by a link after it was stored");
    }

    #[test]
    fn masked_json_stays_json() {
        let root = tempfile::tempdir().unwrap();
        let dir = ArtifactDir::new(root.path(), "01/1/x");
        let config = serde_json::json!({"ssl.key.password": "hunter22", "password": null, "sasl.jaas.config": "m p=\"x\";"});
        dir.write_json("config.json", &config).unwrap();
        let text = std::fs::read_to_string(dir.path().join("config.json")).unwrap();
        let read: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(read["ssl.key.password"], redact::MASK);
        assert_eq!(read["sasl.jaas.config"], redact::MASK);
        assert!(read["password"].is_null());
    }

    #[test]
    fn what_is_compressed_is_searched_or_not_kept() {
        let root = tempfile::tempdir().unwrap();
        let dir = ArtifactDir::new(root.path(), "01/1/x");
        let kept = |name: &str, bytes: &[u8]| {
            dir.write(name, "text/plain", bytes).unwrap();
            fs::read(dir.path().join(name)).unwrap()
        };
        let text = b"password=hunter22 and more";
        for (name, like) in [("a.gz", &[0x1F][..]), ("a.zz", &[0x78])] {
            let whole = packed(like, text);
            let inner = unpacked(&kept(name, &whole)).unwrap().unwrap();
            assert_eq!(inner, b"password=*** and more");
            assert_eq!(kept("cut.gz", &packed(&[0x1F], text)[..20]), NOT_SEARCHED.as_bytes());
        }
        assert_eq!(kept("b.gz", &packed(&[0x1F], b"nothing")), *packed(&[0x1F], b"nothing"));
        assert_eq!(kept("c.txt", b"x^2 password=hunter22"), b"x^2 password=***");
    }

    #[test]
    fn what_json_says_twice_is_masked_twice() {
        redact::learn("said-twice-in-json");
        let root = tempfile::tempdir().unwrap();
        let dir = ArtifactDir::new(root.path(), "01/1/x");
        let text = r#"{"a": "said-twice-in-json", "a": "x"}"#;
        dir.write("a.json", "application/vnd.x+json; charset=utf-8", text.as_bytes()).unwrap();
        let kept = fs::read_to_string(dir.path().join("a.json")).unwrap();
        assert_eq!(kept, r#"{"a": "***", "a": "x"}"#);
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_named_in_the_error() {
        let root = tempfile::tempdir().unwrap();
        std::fs::write(root.path().join("03"), "a file in the way").unwrap();
        let dir = ArtifactDir::new(root.path(), "03/1/x");
        let error = dir.write("a.txt", "text/plain", b"x").unwrap_err();
        assert!(error.to_string().contains("03/1/x"), "{error}");
    }
}
