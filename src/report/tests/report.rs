//! The whole report, from events.

use super::{super::*, story::*};
use jiff::{civil::date, tz::TimeZone};

pub(super) fn bytes(made: &Report, name: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    renderer(name)
        .unwrap()
        .render(&made.model, &Document::of(&made.model, &made.pictures), &Templates::default(), &mut bytes)
        .unwrap();
    bytes
}

pub(super) fn rendered(made: &Report, name: &str) -> String {
    String::from_utf8(bytes(made, name)).unwrap()
}

#[test]
fn the_report_in_english() {
    insta::assert_snapshot!(rendered(&report(&story().records, Language::En), "md"));
}

#[test]
fn the_report_in_french() {
    insta::assert_snapshot!(rendered(&report(&story().records, Language::Fr), "md"));
}

#[test]
fn the_report_as_json_has_exact_values_and_their_places() {
    let model: serde_json::Value =
        serde_json::from_str(&rendered(&report(&story().records, Language::Fr), "json")).unwrap();
    let p99 = &model["scenarios"][1]["latencies"][0]["figures"][4];
    assert_eq!(p99["exact"], 99.999_999);
    assert_eq!(p99["text"], "99,999999\u{202f}ms");
    assert_eq!(p99["evidence"]["artifact"], "03/2/nominal/latency.hlog");
    assert_eq!(p99["evidence"]["sha256"].as_str().unwrap().len(), 64);
    let missing = &model["scenarios"][1]["latencies"][1]["figures"][4];
    assert_eq!(missing["exact"], serde_json::Value::Null);
    assert!(missing["text"].as_str().unwrap().contains("non mesuré"));
    let judged = &model["criteria"][1]["rows"][0];
    assert_eq!(judged["observed"]["text"], "99,999999\u{202f}ms");
    assert_eq!(judged["limit"]["text"], "100\u{202f}ms");
    assert!(judged["evidence"]["record"].is_u64());
}

#[test]
fn a_report_can_always_be_made() {
    let whole = story().records;
    for cut in 0..=whole.len() {
        for language in [Language::ALL[cut % 2]] {
            for (live, campaign) in [(true, None), (false, Some(&campaign()))] {
                let made = Report::new(&Input {
                    runs: &[RunInput { run: "r", records: &whole[..cut], live, kept: &Kept::default() }],
                    imports: &[],
                    changes: &[],
                    against: None,
                    environment: None,
                    outline: None,
                    campaign,
                    notes: &[],
                    language,
                    from: date(2025, 12, 18),
                    day: date(2025, 12, 18),
                    zone: TimeZone::UTC,
                    now: start(),
                    made: start(),
                    remarks: vec!["plan/campaign.yaml: not there".into()],
                });
                // Drawing takes its time; a few are enough for the forms that have pictures.
                let drawing = |form: &&&dyn Renderer| cut % 9 == 0 || ["json", "md"].contains(&form.name());
                // LibreOffice has a test of its own.
                for form in RENDERERS.iter().filter(drawing).filter(|form| form.name() != "pdf") {
                    assert!(!bytes(&made, form.name()).is_empty());
                }
                assert_eq!(made.model.plan.len(), if cut == 0 { 0 } else { 7 }, "no step is missing");
                let lines = made.model.summary.len();
                assert!(cut < 2 || (4..=12).contains(&lines), "{lines} lines after {cut} records");
            }
        }
    }
}

#[test]
fn a_cut_off_fault_is_the_first_thing_to_do() {
    let made = report(&story().records, Language::En);
    assert!(made.model.faults[0].stands);
    assert!(made.model.actions[0].text.contains("Undo what stop did"), "{:?}", made.model.actions[0]);
    assert!(
        made.model.unfinished.iter().any(|s| s.text.contains("Stop a broker") && s.text.contains("stop"))
    );
    assert!(made.model.unfinished.iter().any(|s| s.text.contains("hung") && s.text.contains("nominal")));
    assert!(
        made.model
            .unfinished
            .iter()
            .any(|s| s.text.contains("Synthesis") && s.text.contains("did not begin"))
    );
}

#[test]
fn markup_in_titles_and_notes_reads_as_itself() {
    let markdown = rendered(&report(&story().records, Language::En), "md");
    assert!(!markdown.contains("<script"), "the only HTML is none");
    for line in markdown.lines().filter(|l| l.starts_with('|')) {
        assert!(line.ends_with('|'), "{line}");
    }
    assert!(markdown.contains("&lt;script&gt;alert(1)&lt;/script&gt; \\| baseline"));
    // Every row of a table has as many cells as its head.
    let cells = |line: &str| line.replace("\\|", "").matches('|').count();
    let mut head = None;
    for line in markdown.lines() {
        match (line.starts_with('|'), head) {
            (true, None) => head = Some(cells(line)),
            (true, Some(wanted)) => assert_eq!(cells(line), wanted, "{line}"),
            (false, _) => head = None,
        }
    }
}
