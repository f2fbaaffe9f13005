//! The report as a PDF file: the Word file, as LibreOffice prints it.

use super::{Renderer, ReportError, docx, templates::Templates};
use crate::report::{document::Document, model::ReportModel};
use rustix::process::{Pid, Signal, kill_process_group};
use std::{
    env, fs,
    io::{self, Read, Write},
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// Writes PDF.
pub(super) struct Pdf;

/// The names under which LibreOffice is installed.
const OFFICES: [&str; 2] = ["soffice", "libreoffice"];
/// What it may take for a report: a page takes some tens of milliseconds, its first start some seconds.
const LONGEST: Duration = Duration::from_secs(120);
/// So much of what it says is shown.
const SAID: u64 = 400;

impl Renderer for Pdf {
    fn name(&self) -> &'static str {
        "pdf"
    }

    fn extension(&self) -> &'static str {
        "pdf"
    }

    fn is_text(&self) -> bool {
        false
    }

    fn is_split(&self, _: &Templates) -> bool {
        true
    }

    fn render(
        &self,
        _: &ReportModel,
        document: &Document,
        house: &Templates,
        out: &mut dyn Write,
    ) -> Result<(), ReportError> {
        let word = docx::file(document, house.docx.as_ref())?;
        let folder = tempfile::tempdir().map_err(ReportError::Write)?;
        fs::write(folder.path().join("report.docx"), word).map_err(ReportError::Write)?;
        let said = convert(folder.path())?;
        let pdf = fs::read(folder.path().join("report.pdf"))
            .map_err(|_| ReportError::Office(format!("LibreOffice made no PDF: {said}")))?;
        out.write_all(&pdf).map_err(ReportError::Write)
    }
}

/// Has `report.docx` in the folder converted; what LibreOffice said.
fn convert(folder: &Path) -> Result<String, ReportError> {
    let mut child = start(folder)?;
    let begun = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(_)) => break,
            Ok(None) if begun.elapsed() < LONGEST => thread::sleep(Duration::from_millis(20)),
            ended => {
                // `soffice` is a script; what it started goes too.
                let _ = kill_process_group(Pid::from_child(&child), Signal::KILL);
                let _ = child.wait();
                let why = ended.err().map_or_else(|| format!("no PDF after {LONGEST:?}"), |e| e.to_string());
                return Err(ReportError::Office(format!("LibreOffice: {why}")));
            }
        }
    }
    let mut said = String::new();
    if let Some(stderr) = child.stderr {
        let _ = stderr.take(SAID).read_to_string(&mut said);
    }
    Ok(said.trim().to_owned())
}

fn start(folder: &Path) -> Result<Child, ReportError> {
    for office in OFFICES {
        let mut command = Command::new(office);
        // A profile of its own: an open window of the same user would take the work over and end at once.
        command
            .arg(format!("-env:UserInstallation=file://{}/profile", folder.display()))
            .args(["--headless", "--convert-to", "pdf", "report.docx"])
            .current_dir(folder)
            .env_clear()
            .envs(["PATH", "LANG"].into_iter().filter_map(|name| Some((name, env::var_os(name)?))))
            .env("HOME", folder)
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        match command.spawn() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            started => return started.map_err(|e| ReportError::Office(format!("LibreOffice: {e}"))),
        }
    }
    Err(ReportError::Office("LibreOffice is not installed: `soffice` was not found on the PATH".to_owned()))
}
