//! Security: what the audits of settings found, secrets that were seen in clear, and what people noted.

use super::{
    day::Day,
    findings::{judged, sentence},
    monitoring::{Check, checks_of, noted},
    places::{self, place_of_run},
};
use crate::{
    perf_output::{self, is_about_expiry},
    record::{Family, Verdict, event::NoteKind},
    report::{
        language::Word,
        model::{Reference, SecurityRow},
    },
};

/// What settings are about security, and about which part of it.
const DOMAINS: &[(&str, Word)] = &[
    ("authorizer", Word::Authorisation),
    ("allow.everyone", Word::Authorisation),
    ("super.users", Word::Authorisation),
    ("zookeeper.set.acl", Word::Authorisation),
    ("sasl.", Word::Authentication),
    ("principal.", Word::Authentication),
    ("ssl.client.auth", Word::Authentication),
    ("ssl.", Word::Encryption),
    ("security.", Word::Encryption),
    ("zookeeper.ssl", Word::Encryption),
    ("listener.security", Word::Encryption),
    ("listeners", Word::Encryption),
];

fn domain(setting: &str) -> Option<Word> {
    DOMAINS.iter().find(|(start, _)| setting.starts_with(start)).map(|(_, word)| *word)
}

/// The settings of an audit that are about security.
fn settings<'c>(check: &'c Check<'_, '_>) -> Vec<&'c str> {
    let named = |of: &'c serde_json::Value| of.get("setting")?.as_str();
    let list = |of: Option<&'c serde_json::Value>| of.and_then(|v| v.as_array()).into_iter().flatten();
    let brokers = list(check.action.params.get("brokers")).filter_map(named);
    let topics = list(check.action.params.get("topics"))
        .flat_map(move |topic| list(topic.get("settings")))
        .filter_map(named);
    brokers.chain(topics).filter(|setting| domain(setting).is_some()).collect()
}

/// What there is to say about security, domain by domain.
pub(super) fn rows(day: &Day<'_, '_>) -> Vec<SecurityRow> {
    let language = day.language;
    let word = |word: Word| language.word(word).to_owned();
    let mut rows = Vec::new();
    for check in checks_of(day, Family::Deviations) {
        let settings = settings(&check);
        if settings.is_empty() {
            continue;
        }
        let cluster = check.param("cluster").unwrap_or_default().to_owned();
        let evidence: Vec<Reference> = check.place().into_iter().collect();
        let mut by_domain: Vec<(Word, Vec<String>)> = Vec::new();
        for remark in check.said() {
            let Some(domain) = remark.text_of("setting").and_then(domain) else { continue };
            // Why a setting is expected stands in the plan, in the plan's language.
            let remark = language.say(&remark.cut_to("config-audit.because", "finding"));
            match by_domain.iter_mut().find(|(known, _)| *known == domain) {
                Some((_, remarks)) => remarks.push(remark),
                None => by_domain.push((domain, vec![remark])),
            }
        }
        let checked = language.count(settings.len());
        let fact = language.fill(Word::AuditOf, &[("cluster", &cluster), ("settings", &checked)]);
        if by_domain.is_empty() {
            rows.push(SecurityRow {
                domain: word(Word::SettingsDomain),
                fact,
                found: word(Word::NoDeviation),
                left: "–".to_owned(),
                evidence,
            });
            continue;
        }
        rows.extend(by_domain.into_iter().map(|(domain, remarks)| SecurityRow {
            domain: word(domain),
            fact: fact.clone(),
            found: remarks.join(language.semicolon()),
            left: word(Word::CorrectOrWaive),
            evidence: evidence.clone(),
        }));
    }
    for (file, evidence) in secrets(day) {
        rows.push(SecurityRow {
            domain: word(Word::Secrets),
            fact: language.fill(Word::FileNamed, &[("file", &file)]),
            found: word(Word::SecretInClear),
            left: word(Word::ChangeSecret),
            evidence: vec![evidence],
        });
    }
    rows.extend(criteria(day));
    rows.extend(noted(day, NoteKind::Security).into_iter().map(|(text, evidence)| SecurityRow {
        domain: word(Word::Noted),
        left: if is_about_expiry(&text) { word(Word::RenewCertificate) } else { "–".to_owned() },
        found: word(Word::NotedOnly),
        fact: text,
        evidence: vec![evidence],
    }));
    rows
}

/// Criteria about certificates that did not hold, those that only warn among them.
fn criteria(day: &Day<'_, '_>) -> Vec<SecurityRow> {
    let mut rows = Vec::new();
    for (build, status) in day.steps() {
        let about = |text: &str| {
            let actions = status.latest().into_iter().flat_map(|attempt| &attempt.actions);
            let mut checks = actions.filter(|action| action.declared.has(Family::CertificateDays));
            checks.any(|check| text.contains(&format!("{}.", check.action)))
        };
        let broken =
            judged(status).filter(|j| matches!(j.verdict, Verdict::Fail | Verdict::Warn) && about(&j.text));
        rows.extend(broken.map(|judgement| {
            let of = sentence(build, status, judgement);
            SecurityRow {
                domain: day.language.word(Word::Encryption).to_owned(),
                fact: build.name(status),
                found: of.text,
                left: day.language.word(Word::RenewCertificate).to_owned(),
                evidence: of.evidence,
            }
        }));
    }
    rows
}

/// Certificates that expire by what people noted.
pub(super) fn expiring(day: &Day<'_, '_>) -> Vec<(String, Reference)> {
    noted(day, NoteKind::Security).into_iter().filter(|(text, _)| is_about_expiry(text)).collect()
}

/// Files of the day in which a secret stood in clear, with the first run that shows it, or the file.
pub(super) fn secrets(day: &Day<'_, '_>) -> Vec<(String, Reference)> {
    let mut found = Vec::new();
    for (at, of) in day.input.imports.iter().enumerate() {
        let Ok(reading) = &of.reading else { continue };
        let shows = |s: &crate::record::Scenario| s.warnings.iter().any(perf_output::shows_secret);
        let shown = reading.scenarios.iter().position(shows);
        let in_lines = || reading.masked_lines.map(|_| places::reference(at, of));
        let place = shown.map(|n| place_of_run(at, of, n)).or_else(in_lines);
        found.extend(place.map(|place| (of.import.file.clone(), place)));
    }
    found
}
