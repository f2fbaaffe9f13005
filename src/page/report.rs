//! The report of a run, made when somebody asks for it.

use crate::{
    record::{Language, Said, messages},
    report::{self, Asked, Document, Report, Templates},
    support::redact,
};
use jiff::{Timestamp, tz::TimeZone};
use std::{error::Error, path::Path};

messages! {
    area "page report";
    no_form(name) => "unknown format `{name}`" / "format inconnu `{name}`";
    not_made(cause) => "could not write the report: {cause}" / "impossible d'écrire le rapport : {cause}";
}

/// The report of the run of that name in one form, by the built-in templates; with what its file ends with.
pub(super) fn of_run(
    campaign: &Path,
    run: &str,
    form: &str,
    language: Language,
) -> Result<(Vec<u8>, &'static str), Said> {
    let failed = |error: &dyn Error| not_made(error.to_string());
    let renderer = report::renderer(form).ok_or_else(|| no_form(form))?;
    let (zone, made) = (TimeZone::system(), Timestamp::now());
    let asked = Asked { run: Some(run), day: None, from: None, all: false };
    let read = report::gather(campaign, &asked, &zone).map_err(|error| failed(&error))?;
    let Report { model, pictures } = read.report(language, made, &zone);
    let document = Document::of(&model, &pictures);
    let mut bytes = Vec::new();
    renderer.render(&model, &document, &Templates::default(), &mut bytes).map_err(|error| failed(&error))?;
    if renderer.is_text() {
        bytes = redact::mask_known(&bytes).into_owned();
    }
    Ok((bytes, renderer.extension()))
}
