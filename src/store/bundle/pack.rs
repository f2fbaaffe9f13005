//! [`pack`]: a run, the notes and the plan into one file, while the run may be in progress.

use super::{BundleError, Entry, FORMAT, HASH, LEAD, MANIFEST, Manifest, disk, is_secret, seals_of};
use crate::{
    record::{Artifact, Event},
    store::{
        RunDir, Runs, artifacts,
        journal::{self, Mark},
    },
    support::{files, fingerprint},
};
use flate2::{Compression, GzBuilder};
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

/// The result of packing a run.
#[derive(Debug)]
pub struct Packed {
    /// First entry of the bundle: the run, its last record and every file.
    pub manifest: Manifest,
    /// Size of the bundle, in bytes.
    pub bytes: u64,
    /// Files of `plan` and `steps` that were left out, because they are hidden, links, or below a folder `secrets`.
    pub left_out: Vec<String>,
}

/// Where a file of the bundle comes from, and how much of it is taken: a journal may grow meanwhile.
struct Source {
    content: Content,
    bytes: u64,
    sha256: String,
}

enum Content {
    File(PathBuf),
    Text(String),
}

/// Packs a run of the campaign, with notes and imports, into the file `out`, which appears when it is whole. The journal is taken up to its last
/// whole record, and of the artifacts those that it names.
pub fn pack(campaign: &Path, run: &RunDir, out: &Path) -> Result<Packed, BundleError> {
    let mut sources = BTreeMap::new();
    let mut named: Vec<Artifact> = Vec::new();
    let journal =
        add_journal(&mut sources, run, |event| named.extend(event.artifacts().into_iter().cloned()))?;
    add_artifacts(&mut sources, run, named)?;
    let imports = Runs::of_campaign(campaign).imports();
    if imports.look()? {
        let mut named: Vec<Artifact> = Vec::new();
        add_journal(&mut sources, &imports, |event| named.extend(event.artifacts().into_iter().cloned()))?;
        add_artifacts(&mut sources, &imports, named)?;
    }
    let notes = Runs::of_campaign(campaign).notes();
    if notes.look()? {
        add_journal(&mut sources, &notes, |_| ())?;
    }
    let mut left_out = Vec::new();
    for folder in ["plan", "steps", &seals_of(&run.run)] {
        add_folder(&mut sources, &mut left_out, campaign, folder)?;
    }
    left_out.sort();
    let files = sources.iter().map(|(path, s)| Entry {
        path: path.clone(),
        bytes: s.bytes,
        sha256: s.sha256.clone(),
    });
    let manifest = Manifest {
        format: FORMAT,
        jalon: env!("CARGO_PKG_VERSION").to_owned(),
        run: run.run.clone(),
        journal,
        files: files.collect(),
    };
    let bytes = write(&manifest, &sources, out)?;
    Ok(Packed { manifest, bytes, left_out })
}

/// Takes a journal up to its last whole record, every one of them checked.
fn add_journal(
    sources: &mut BTreeMap<String, Source>,
    run: &RunDir,
    mut each: impl FnMut(&Event),
) -> Result<Mark, BundleError> {
    let path = run.journal();
    // Read before the journal: a writer at work is ahead of it.
    let written = journal::read_head(&path)?.map_or(0, |head| head.seq);
    let mut mark = Mark::default();
    journal::scan(&path, &mut mark, |record, _| each(&record.event))?;
    // A last record that is there in part would be whole records alone in the copy, and its loss no longer seen.
    if written > mark.seq {
        return Err(journal::JournalError::cut_off(&path, mark.seq, written).into());
    }
    let file = File::open(&path).map_err(disk("read", &path))?;
    let sha256 = fingerprint::of_reader(file.take(mark.offset)).map_err(disk("read", &path))?;
    // The head that stands there may be behind, or ahead of what is taken.
    let head = journal::head_text(mark.seq, &mark.hash);
    let name =
        |path: &Path| format!("artifacts/{}/{}", run.run, path.file_name().unwrap_or_default().display());
    let head_name = name(&journal::head_of(&path));
    let (bytes, hash) = (head.len() as u64, fingerprint::of_bytes(&head));
    sources.insert(head_name, Source { content: Content::Text(head), bytes, sha256: hash });
    sources.insert(name(&path), Source { content: Content::File(path), bytes: mark.offset, sha256 });
    Ok(mark)
}

/// Takes the files that a journal names, every one of them checked.
fn add_artifacts(
    sources: &mut BTreeMap<String, Source>,
    run: &RunDir,
    named: Vec<Artifact>,
) -> Result<(), BundleError> {
    for artifact in named {
        artifacts::verify(&run.path, &artifact)?;
        let content = Content::File(run.path.join(&artifact.path));
        let source = Source { content, bytes: artifact.bytes, sha256: artifact.sha256 };
        sources.insert(format!("artifacts/{}/{}", run.run, artifact.path), source);
    }
    Ok(())
}

fn add_folder(
    sources: &mut BTreeMap<String, Source>,
    left_out: &mut Vec<String>,
    campaign: &Path,
    below: &str,
) -> Result<(), BundleError> {
    let folder = campaign.join(below);
    let entries = match fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(e) => return Err(disk("read", &folder)(e)),
    };
    for entry in entries {
        let entry = entry.map_err(disk("read", &folder))?;
        let kind = entry.file_type().map_err(disk("read", &folder))?;
        let Ok(name) = entry.file_name().into_string() else {
            left_out.push(format!("{below}/{}", entry.file_name().to_string_lossy()));
            continue;
        };
        let path = format!("{below}/{name}");
        if is_secret(&path) || name.contains('\\') || !(kind.is_dir() || kind.is_file()) {
            left_out.push(path);
        } else if kind.is_dir() {
            add_folder(sources, left_out, campaign, &path)?;
        } else {
            let file = entry.path();
            let content = files::read(&file, files::LARGEST_TEXT).map_err(disk("read", &file))?;
            let sha256 = fingerprint::of_bytes(&content);
            let bytes = content.len() as u64;
            sources.insert(path, Source { content: Content::File(file), bytes, sha256 });
        }
    }
    Ok(())
}

/// Writes the archive, and then the hash of its content into its header.
fn write(manifest: &Manifest, sources: &BTreeMap<String, Source>, out: &Path) -> Result<u64, BundleError> {
    let folder = out.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(disk("make", folder))?;
    let mut file = tempfile::Builder::new()
        .prefix("bundle-")
        .suffix(".partial")
        .tempfile_in(folder)
        .map_err(disk("write", out))?;
    let gzip = GzBuilder::new()
        .mtime(0)
        .operating_system(255)
        .comment(format!("{LEAD}{}", "0".repeat(HASH)))
        .write(file.as_file_mut(), Compression::default());
    let mut tar = tar::Builder::new(gzip);
    let text = serde_json::to_string_pretty(manifest).map_err(|e| disk("write", out)(e.into()))? + "\n";
    append(&mut tar, MANIFEST, text.len() as u64, text.as_bytes()).map_err(disk("write", out))?;
    for (name, source) in sources {
        let path = match &source.content {
            Content::File(path) => path,
            Content::Text(text) => {
                append(&mut tar, name, source.bytes, text.as_bytes()).map_err(disk("write", out))?;
                continue;
            }
        };
        let file = File::open(path).map_err(disk("read", path))?;
        let mut checked = Checked { inner: file.take(source.bytes), hash: Sha256::new(), bytes: 0 };
        append(&mut tar, name, source.bytes, &mut checked).map_err(disk("write", out))?;
        if checked.bytes != source.bytes || fingerprint::hex(&checked.hash.finalize()) != source.sha256 {
            let cause = io::Error::other("it changed while it was read");
            return Err(disk("read", path)(cause));
        }
    }
    let sealed = tar.into_inner().and_then(|gzip| gzip.finish()).and_then(seal);
    let bytes = sealed.map_err(disk("write", out))?;
    file.as_file().sync_all().map_err(disk("write", out))?;
    readable(file.as_file()).map_err(disk("write", out))?;
    file.persist(out).map_err(|e| disk("write", out)(e.error))?;
    artifacts::sync_dir(folder).map_err(disk("write", folder))?;
    Ok(bytes)
}

/// Puts the hash of everything behind the header into it.
fn seal(file: &mut File) -> io::Result<u64> {
    // Behind ten bytes of gzip comes the comment, with a zero at its end.
    let hash_at = (10 + LEAD.len()) as u64;
    let content_at = hash_at + HASH as u64 + 1;
    file.seek(SeekFrom::Start(content_at))?;
    let hash = fingerprint::of_reader(&mut *file)?;
    let bytes = file.stream_position()?;
    file.seek(SeekFrom::Start(hash_at))?;
    file.write_all(hash.as_bytes())?;
    Ok(bytes)
}

/// A temporary file is its owner's alone; a bundle is to be handed on.
fn readable(file: &File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

/// Adds a file of so many bytes; the same content makes the same archive, whenever and by whomever it is made.
pub(in crate::store) fn append(
    tar: &mut tar::Builder<impl Write>,
    name: impl AsRef<Path>,
    bytes: u64,
    content: impl Read,
) -> io::Result<()> {
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(tar::EntryType::Regular);
    header.set_mode(0o644);
    header.set_mtime(0);
    header.set_uid(0);
    header.set_gid(0);
    header.set_size(bytes);
    tar.append_data(&mut header, name, content)
}

/// Hashes what passes through.
struct Checked<R> {
    inner: R,
    hash: Sha256,
    bytes: u64,
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.hash.update(&buffer[..read]);
        self.bytes += read as u64;
        Ok(read)
    }
}
