//! `jalon report`.

use super::{
    CommandError, Exit,
    open::{self, RunChoice},
    output,
};
use crate::{
    record::messages,
    report::{
        self, Annexes, Asked, Document, Gathered, Language, RENDERERS, Renderer, Report, Template, Templates,
        honesty::Honesty,
    },
    support::{files, redact, text},
};
use clap::Args;
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use std::{
    io,
    path::{Path, PathBuf},
};

/// Arguments of `report`.
#[derive(Debug, Args)]
pub(super) struct ReportArgs {
    #[command(flatten)]
    choice: RunChoice,
    /// Day, as `2025-12-18`. Default: the newest day on record. Runs are reported as they were at its end.
    #[arg(long, value_name = "DAY", value_parser = open::day)]
    day: Option<Date>,
    /// First day of a period; `--day` is the last one.
    #[arg(long, value_name = "DAY", conflicts_with = "all", value_parser = open::day)]
    from: Option<Date>,
    /// Report the whole campaign, from its first day on record.
    #[arg(long)]
    all: bool,
    /// Language: `en` or `fr`. Default: the first language of the campaign.
    #[arg(long, value_name = "LANG", env = "JALON_LANG")]
    lang: Option<Language>,
    /// Formats, separated by commas: `docx` (Word), `html` (one file), `json`, `junit`, `md`, `pdf` (needs
    /// LibreOffice), `xlsx` (the figures, for Excel).
    #[arg(long, value_name = "FORMAT", value_delimiter = ',', default_value = "md", value_parser = format)]
    format: Vec<String>,
    /// Output folder. Default: `artifacts/RUN`, the folder of the newest run of the period; `artifacts` if it has no
    /// run.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Where the annexes go: `separate` (a file of their own beside a report in Word, PDF or Markdown, collapsed in
    /// HTML), `inline` (behind the report), or `none`.
    #[arg(long, value_name = "WHERE", default_value = "separate")]
    annexes: Annexes,
    /// Ignore the campaign's own templates (`plan/templates/report.md.j2`, `report.html.j2`, `report.docx`).
    #[arg(long)]
    built_in: bool,
    /// Write to standard output instead of a file.
    #[arg(long, conflicts_with = "out")]
    print: bool,
    /// Show the source of each figure of the report, and any problem with it.
    #[arg(long, conflicts_with_all = ["out", "print"])]
    check: bool,
    /// With `--check`: print JSON.
    #[arg(long, requires = "check")]
    json: bool,
}

/// A form that there is.
fn format(name: &str) -> Result<String, String> {
    let known: Vec<&str> = RENDERERS.iter().map(|r| r.name()).collect();
    match report::renderer(name) {
        Some(renderer) => Ok(renderer.name().to_owned()),
        None => Err(match text::did_you_mean(name, known.iter().copied()) {
            Some(near) => format!("unknown format `{name}`; did you mean `{near}`?"),
            None => format!("unknown format `{name}`; formats: {}", known.join(", ")),
        }),
    }
}

/// Writes the report of a day or of several, in whatever state their runs are; needs no lock.
pub(super) fn run(dir: &Path, args: &ReportArgs) -> Result<Exit, CommandError> {
    let forms: Vec<&dyn Renderer> = args.format.iter().filter_map(|name| report::renderer(name)).collect();
    if let Some(form) = forms.iter().find(|form| args.print && !form.is_text()) {
        return Err(CommandError::Usage {
            message: format!("`--print` does not support the format `{}`: it is not text", form.name()),
            hint: "use `--out DIR` to write the file to a folder".to_owned(),
        });
    }
    open::learn(dir);
    let (zone, made) = (TimeZone::system(), Timestamp::now());
    let asked = Asked { run: args.choice.run.as_deref(), day: args.day, from: args.from, all: args.all };
    let read = report::gather(dir, &asked, &zone)?;
    let language = args.lang.unwrap_or_else(|| {
        let first = read.campaign.as_ref().and_then(|c| c.languages.first());
        first.and_then(|code| code.parse().ok()).unwrap_or(Language::En)
    });
    if read.runs.is_empty() && read.imports.is_empty() {
        output::tell(&nothing(&read));
    }
    let house = if args.built_in { Templates::default() } else { templates(dir)? };
    let Report { model, pictures } = read.report(language, made, &zone);
    let document = Document::of(&model, &pictures);
    let honesty = report::honesty::check(&model, &document);
    if args.check {
        return trace(&honesty, args.json).map(|exit| if exit == Exit::Passed { of(&read) } else { exit });
    }
    for problem in &honesty.problems {
        output::tell(&format!(
            "note: this must not be in a report, please tell the authors of jalon: {problem}"
        ));
    }
    let newest = read.runs.last().map_or_else(|| dir.join("artifacts"), |run| run.dir.path.clone());
    let body = (args.annexes == Annexes::None).then(|| Document::without_annexes(&model, &pictures));
    let document = body.as_ref().unwrap_or(&document);
    for renderer in forms {
        let render = |document: &Document| {
            let mut bytes = Vec::new();
            renderer.render(&model, document, &house, &mut bytes)?;
            Ok::<_, CommandError>(match renderer.is_text() {
                true => redact::mask_known(&bytes).into_owned(),
                false => bytes,
            })
        };
        if args.print {
            output::print(&String::from_utf8_lossy(&render(document)?))?;
            continue;
        }
        let (name, annexes) =
            (file_name(&read, "", language, renderer), file_name(&read, "-annexes", language, renderer));
        let files = match args.annexes == Annexes::Separate && renderer.is_split(&house) {
            true => vec![
                (&name, render(&document.body(Some(&annexes)))?),
                (&annexes, render(&document.annexes(&name))?),
            ],
            false => vec![(&name, render(document)?)],
        };
        for (name, bytes) in files {
            let path = args.out.as_ref().unwrap_or(&newest).join(name);
            output::write(&path, &bytes)?;
            output::print(&format!("{}\n", text::path(&path)))?;
        }
    }
    if read.damaged {
        output::tell(&evidence_altered().in_language(language));
    }
    Ok(of(&read))
}

/// That of a report which was made: 0, or that of `verify` where evidence is not what was written.
fn of(read: &Gathered) -> Exit {
    if read.damaged { Exit::Damaged } else { Exit::Passed }
}

/// Writes one form of the report of a run, to standard output where no folder is named.
pub(super) fn export(
    dir: &Path,
    choice: &RunChoice,
    lang: Option<Language>,
    form: &str,
    out: Option<&Path>,
) -> Result<Exit, CommandError> {
    let args = ReportArgs {
        choice: choice.clone(),
        day: None,
        from: None,
        all: false,
        lang,
        format: vec![form.to_owned()],
        out: out.map(Path::to_owned),
        annexes: Annexes::Inline,
        built_in: true,
        print: out.is_none(),
        check: false,
        json: false,
    };
    run(dir, &args)
}

/// Shows where each figure comes from. A figure that is not what it says is a fault of this program.
fn trace(honesty: &Honesty, as_json: bool) -> Result<Exit, CommandError> {
    let exit = if honesty.problems.is_empty() { Exit::Passed } else { Exit::Bug };
    if as_json {
        output::print_json(honesty)?;
        return Ok(exit);
    }
    let rows: Vec<Vec<String>> = honesty
        .figures
        .iter()
        .map(|f| {
            let place = match (&f.folder, &f.artifact, f.record) {
                (Some(folder), Some(artifact), _) => format!("{folder}/{artifact}"),
                (Some(folder), None, Some(record)) => format!("{folder}/journal.jsonl, record {record}"),
                _ => "from the figures beside it".to_owned(),
            };
            let id = f.evidence.clone().unwrap_or_default();
            vec![f.section.clone(), f.text.clone(), f.exact.to_string(), id, place]
        })
        .collect();
    let heads = ["section", "shown", "exact", "", "evidence"];
    let mut text = report::grid(&heads, &rows, report::WIDTH);
    text.push_str(&format!("\n{} figures\n", rows.len()));
    for problem in &honesty.problems {
        text.push_str(&format!("wrong: {problem}\n"));
    }
    output::print(&text)?;
    Ok(exit)
}

/// That there is nothing of the time, and where there is something.
fn nothing(read: &Gathered) -> String {
    let days: Vec<String> = read.days.iter().take(5).map(ToString::to_string).collect();
    match days.is_empty() {
        true => "note: nothing is on record yet".to_owned(),
        false => format!("note: no run and no import of that time; days on record: {}", days.join(", ")),
    }
}

/// `report-2025-12-18.fr.md`, or `report-2025-12-15_2025-12-18.fr.md` of several days; with `part` behind the days.
fn file_name(read: &Gathered, part: &str, language: Language, renderer: &dyn Renderer) -> String {
    let days = match read.from == read.day {
        true => read.day.to_string(),
        false => format!("{}_{}", read.from, read.day),
    };
    format!("report-{days}{part}.{language}.{}", renderer.extension())
}

/// The templates that the campaign has.
fn templates(dir: &Path) -> Result<Templates, CommandError> {
    let read = |name: &str| {
        let path = dir.join("plan/templates").join(name);
        match files::read(&path, files::LARGEST_TEXT) {
            Ok(bytes) => Ok(Some(Template { path: path.display().to_string(), bytes })),
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(cause) => Err(CommandError::Disk { verb: "read", path, cause }),
        }
    };
    Ok(Templates {
        markdown: read("report.md.j2")?,
        html: read("report.html.j2")?,
        docx: read("report.docx")?,
    })
}

messages! {
    area "report command";
    evidence_altered() => "warning: evidence was removed or altered; the report names it, and `jalon verify` lists it" / "attention : des preuves ont été supprimées ou modifiées ; le rapport les nomme et `jalon verify` les liste";
}
