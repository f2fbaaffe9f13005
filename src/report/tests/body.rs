//! What the body of a report says, in both languages, and how its pages look.

use super::{super::*, report::bytes, story::*};
use crate::{
    perf_output,
    record::{Event, Import, Record, StepId, event::PlanOutline, said},
    report::{
        document::{self, Block, Inline},
        forms::widths,
        series::{Stretch, Windows},
    },
};
use jiff::{SignedDuration, civil::date, tz::TimeZone};
use std::{collections::BTreeSet, io::Read, path::Path, process::Command};

/// Notes of a day as somebody in a hurry writes them, with the output of Kafka's tools between them.
const NOTES: &str = "Notes de travail : jeudi 18/12/2025

Matinee :

-       Lancement  d'un tir de perf avec replication en continue
o   Througput -1
o   1 800 000
o   512000 by de message
-       On observe que la latence a baissé sur les envois avec le tuning effectué
o   On constate aussi une latence zookeeper de entre 3 et 14 ms
Reparation des dashboards de monitring mm2 connect

Apres midi :

Lance du test 1 :
[root@host appuser]# kafka-producer-perf-test --topic generated --num-records 500000 --record-size 51200 --throughput 1000 --producer.config client.properties
Picked up JAVA_TOOL_OPTIONS: -Djavax.net.ssl.trustStorePassword=hunter22hunter -Djavax.net.ssl.trustStoreType=jks
500000 records sent, 622.255077 records/sec (30.38 MB/sec), 1050.68 ms avg latency, 4277.00 ms max latency, 1039 ms 50th, 1173 ms 95th, 1235 ms 99th, 1478 ms 99.9th.
-       Relance du premier test avec le parametrage initial
[root@host appuser]# kafka-producer-perf-test --topic nominal --num-records 1800000 --record-size 1024 --throughput 1000 --producer.config client.properties --print-metrics
1800000 records sent, 999.985000 records/sec (0.98 MB/sec), 22.21 ms avg latency, 701.00 ms max latency, 23 ms 50th, 31 ms 95th, 35 ms 99th, 63 ms 99.9th.
Metric Name                                                             Value
producer-metrics:batch-size-avg:{client-id=perf-producer-client}      : 3141.749
producer-metrics:bufferpool-wait-ratio:{client-id=perf-producer-client} : 0.000
producer-metrics:compression-rate-avg:{client-id=perf-producer-client} : 1.000
producer-metrics:record-queue-time-avg:{client-id=perf-producer-client} : 1.342
producer-metrics:record-retry-total:{client-id=perf-producer-client}   : 0.000
producer-metrics:request-latency-avg:{client-id=perf-producer-client}  : 19.554
Suite du bench
[root@host appuser]# kafka-producer-perf-test --topic tuned --num-records 1800000 --record-size 10240 --throughput 10000 --producer-props linger.ms=5 batch.size=32768 acks=1 compression.type=lz4
[2025-12-18 14:59:12,833] WARN [Producer clientId=perf-producer-client] Error while fetching metadata with correlation id 1 : {tuned=LEADER_NOT_AVAILABLE} (org.apache.kafka.clients.NetworkClient)
1800000 records sent, 6484.173214 records/sec (63.32 MB/sec), 459.97 ms avg latency, 975.00 ms max latency, 436 ms 50th, 653 ms 95th, 676 ms 99th, 793 ms 99.9th.
";

const AT: &str = "2025-12-18T18:00:00Z";

fn imported() -> ImportInput {
    let (reading, _) = perf_output::read(NOTES.as_bytes(), Some(date(2025, 12, 18))).unwrap();
    ImportInput {
        seq: 1,
        at: AT.parse().unwrap(),
        import: Import {
            id: "2025-12-18-1".to_owned(),
            day: date(2025, 12, 18),
            step: None,
            by: "ana@bench".to_owned(),
            file: "notes.txt".to_owned(),
            sha256: "0".repeat(64),
            source: artifact("2025-12-18-1/source.txt"),
            reading: artifact("2025-12-18-1/reading.json"),
            scenarios: reading.scenarios.clone(),
            notes: reading.notes_in_all(),
            not_understood: reading.not_understood_in_all(),
        },
        reading: Ok(reading),
    }
}

/// A day and what it is made from.
struct Told<'a> {
    runs: &'a [RunInput<'a>],
    imports: &'a [ImportInput],
    outline: Option<&'a PlanOutline>,
    from: i8,
}

impl Told<'_> {
    fn made(&self, language: Language) -> Report {
        let mut campaign = campaign();
        campaign.slo =
            [("producer_p99_ms".to_owned(), 100.0), ("zookeeper_latency_ms".to_owned(), 10.0)].into();
        Report::new(&Input {
            runs: self.runs,
            imports: self.imports,
            changes: &[],
            against: None,
            environment: None,
            outline: self.outline,
            campaign: Some(&campaign),
            notes: &notes()[..usize::from(!self.runs.is_empty()) * 6],
            language,
            from: date(2025, 12, self.from),
            day: date(2025, 12, 18),
            zone: TimeZone::UTC,
            now: AT.parse().unwrap(),
            made: AT.parse().unwrap(),
            remarks: Vec::new(),
        })
    }
}

/// The body as Markdown, after the checks that hold for every report; links without their addresses.
fn body(told: &Told<'_>, language: Language) -> String {
    let made = told.made(language);
    let whole = Document::of(&made.model, &made.pictures);
    assert_eq!(honesty::check(&made.model, &whole).problems, Vec::<String>::new());
    let document = whole.body(Some("annexes.md"));
    let mut bytes = Vec::new();
    renderer("md").unwrap().render(&made.model, &document, &Templates::default(), &mut bytes).unwrap();
    let text = String::from_utf8(bytes).unwrap();
    leads_somewhere(&text, &whole.annexes("body.md"));
    let text = regex::Regex::new(r"\]\((?:annexes\.md)?#[^)]*\)").unwrap().replace_all(&text, "]");
    regex::Regex::new("<a id=\"[^\"]*\"></a>\n?\n?").unwrap().replace_all(&text, "").into_owned()
}

/// Every link of the body leads to a place in it or in the annexes.
fn leads_somewhere(body: &str, annexes: &Document) {
    let links = regex::Regex::new(r"\]\((annexes\.md)?#([^)]*)\)").unwrap();
    let there: BTreeSet<&str> = annexes.anchors();
    for link in links.captures_iter(body) {
        let anchor = &link[2];
        match link.get(1) {
            Some(_) => assert!(there.contains(anchor), "{anchor}"),
            None => assert!(body.contains(&format!("<a id=\"{anchor}\">")), "{anchor}"),
        }
    }
}

fn plan() -> PlanOutline {
    outline(vec![step(0, "Reach the platform", &[], &["a == 1"]), step(3, "Baseline", &[0], &["b == 1"])])
}

#[test]
fn a_day_of_notes() {
    let (imports, outline) = ([imported()], plan());
    let told = Told { runs: &[], imports: &imports, outline: Some(&outline), from: 18 };
    let french = body(&told, Language::Fr);
    assert!(!french.contains("hunter22"), "{french}");
    insta::assert_snapshot!("notes_fr", french);
    insta::assert_snapshot!("notes_en", body(&told, Language::En));
}

/// The records of a run of the shipped plan with the profile `smoke`.
fn smoke() -> Vec<Record> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/reports/smoke.jsonl.gz");
    let mut text = String::new();
    flate2::read::GzDecoder::new(std::fs::File::open(path).unwrap()).read_to_string(&mut text).unwrap();
    #[derive(serde::Deserialize)]
    struct Line {
        seq: u64,
        at: jiff::Timestamp,
        event: Box<serde_json::value::RawValue>,
    }
    let read = |line: &str| -> Record {
        let Line { seq, at, event } = serde_json::from_str(line).unwrap();
        Record { seq, at, event: said::journal::from_json(event.get()).unwrap() }
    };
    text.lines().map(read).collect()
}

/// Windows of every load of some seconds, so that its pictures are drawn.
fn drawn(records: &[Record]) -> Kept {
    let mut kept = Kept::default();
    for record in records {
        let Event::ArtifactStored { artifact, .. } = &record.event else { continue };
        if artifact.path.ends_with("windows.csv") && artifact.bytes > 1200 {
            let stretch = |n: u32| Stretch {
                start_s: f64::from(n),
                length_s: 1.0,
                records: 190.0 + f64::from(n % 5),
                p50_ms: Some(9.0),
                p99_ms: Some(30.0 + f64::from(n % 7)),
                max_ms: Some(60.0),
            };
            let windows = Windows { warm_up_s: 3.0, windows: 20, stretches: (0..20).map(stretch).collect() };
            kept.windows.insert(artifact.path.clone(), windows);
        }
    }
    kept
}

#[test]
fn a_smoke_run() {
    let records = smoke();
    let kept = Kept::default();
    let runs = [RunInput { run: "20251218-110323-lab", records: &records, live: false, kept: &kept }];
    let told = Told { runs: &runs, imports: &[], outline: None, from: 18 };
    insta::assert_snapshot!("smoke_fr", body(&told, Language::Fr));
    insta::assert_snapshot!("smoke_en", body(&told, Language::En));
}

#[test]
fn a_failed_run() {
    let records = story().records;
    let kept = Kept::default();
    let runs = [RunInput { run: "20251218-080000-lab", records: &records, live: false, kept: &kept }];
    let told = Told { runs: &runs, imports: &[], outline: None, from: 18 };
    insta::assert_snapshot!("failed_fr", body(&told, Language::Fr));
    insta::assert_snapshot!("failed_en", body(&told, Language::En));
}

#[test]
fn three_days() {
    let mut records = story().records;
    let second = records.iter().rposition(|r| matches!(r.event, Event::StepReset { .. })).unwrap();
    for record in &mut records[..second] {
        record.at -= SignedDuration::from_hours(48);
    }
    let kept = Kept::default();
    let imports = [imported()];
    let runs = [RunInput { run: "20251216-080000-lab", records: &records, live: false, kept: &kept }];
    let told = Told { runs: &runs, imports: &imports, outline: None, from: 16 };
    insta::assert_snapshot!("three_days_fr", body(&told, Language::Fr));
    insta::assert_snapshot!("three_days_en", body(&told, Language::En));
}

#[test]
fn a_run_in_progress() {
    let records = story().records;
    let end = records
        .iter()
        .position(|r| matches!(&r.event, Event::StepFinished { step, .. } if *step == StepId(3)));
    let kept = Kept::default();
    let runs = [RunInput {
        run: "20251218-080000-lab",
        records: &records[..end.unwrap() + 3],
        live: true,
        kept: &kept,
    }];
    let told = Told { runs: &runs, imports: &[], outline: None, from: 18 };
    insta::assert_snapshot!("running_fr", body(&told, Language::Fr));
    insta::assert_snapshot!("running_en", body(&told, Language::En));
}

#[test]
fn a_later_run_takes_the_place_of_the_steps_that_it_carried_out() {
    let first = story().records;
    let mut second = Story::new(Vec::new());
    second.records = first[..1].to_vec();
    second.begin(3, 1).end((3, 1), crate::record::Verdict::Pass, "every criterion holds");
    let kept = Kept::default();
    let runs = [
        RunInput { run: "first", records: &first, live: false, kept: &kept },
        RunInput { run: "second", records: &second.records, live: false, kept: &kept },
    ];
    let made = Told { runs: &runs, imports: &[], outline: None, from: 18 }.made(Language::En);
    assert_eq!(made.model.runs.iter().map(|r| r.superseded).collect::<Vec<_>>(), [false, false]);
    let state = |step: u32| made.model.plan.iter().find(|p| p.step == step).unwrap().state_code;
    assert_eq!((state(3), state(0), state(5)), ("passed", "passed", "interrupted"));
    assert!(made.model.scenarios.iter().filter(|s| s.step == 3).all(|s| s.superseded));
    assert!(made.model.scenarios.iter().any(|s| s.step == 4 && !s.superseded), "step 4 stands as it was");
    let steps: Vec<u32> = made.model.criteria.iter().map(|c| c.step).collect();
    let unique: BTreeSet<u32> = steps.iter().copied().collect();
    assert_eq!(steps.len(), unique.len(), "each step is judged once: {steps:?}");
}

#[test]
fn a_day_without_a_run_shows_no_platform_of_the_campaign() {
    let (imports, outline) = ([imported()], plan());
    let environment = serde_json::json!({"clusters": {"source": {"brokers": 3}, "lab-only": {"brokers": 1}}});
    let made = Report::new(&Input {
        runs: &[],
        imports: &imports,
        changes: &[],
        against: None,
        environment: Some(&environment),
        outline: Some(&outline),
        campaign: None,
        notes: &[],
        language: Language::Fr,
        from: date(2025, 12, 18),
        day: date(2025, 12, 18),
        zone: TimeZone::UTC,
        now: AT.parse().unwrap(),
        made: AT.parse().unwrap(),
        remarks: Vec::new(),
    });
    assert!(made.model.diagrams.iter().all(|d| !d.source.contains("lab-only")));
    let sources: Vec<&str> = made.model.diagrams.iter().map(|d| d.source.as_str()).collect();
    assert!(sources[0].contains("Grafana") && sources[0].contains("Prometheus"), "{sources:?}");
}

/// Words of a page, each with its place from the top, as a share of the page's height.
struct Page {
    words: Vec<(f64, String)>,
    /// Lines of each block, in words.
    blocks: Vec<Vec<Vec<String>>>,
}

/// The pages of a Word file as LibreOffice makes them; none where it or poppler is missing.
fn pages(file: &[u8]) -> Option<Vec<Page>> {
    let there = |name: &str| {
        std::env::var_os("PATH")
            .is_some_and(|path| std::env::split_paths(&path).any(|p| p.join(name).is_file()))
    };
    if !there("soffice") || !there("pdftotext") {
        println!("skipped: install libreoffice-writer and poppler-utils to run this");
        return None;
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("report.docx"), file).unwrap();
    let converted = Command::new("soffice")
        .arg(format!("-env:UserInstallation=file://{}/profile", folder.path().display()))
        .args(["--headless", "--convert-to", "pdf", "report.docx"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(converted.status.success(), "{converted:?}");
    let read = Command::new("pdftotext")
        .args(["-bbox-layout", "report.pdf", "-"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    let xml = String::from_utf8(read.stdout).unwrap();
    // The head of the file declares a type that the parser does not read.
    let xml = &xml[xml.find("<doc>").unwrap()..xml.find("</doc>").unwrap() + 6];
    let document = roxmltree::Document::parse(xml).unwrap();
    let number =
        |node: roxmltree::Node<'_, '_>, name: &str| -> f64 { node.attribute(name).unwrap().parse().unwrap() };
    let page = |page: roxmltree::Node<'_, '_>| {
        let height = number(page, "height");
        let word = |w: roxmltree::Node<'_, '_>| {
            (number(w, "yMax") / height, w.text().unwrap_or_default().to_owned())
        };
        let named = |node: roxmltree::Node<'_, '_>, name: &'static str| {
            node.descendants().filter(move |n| n.has_tag_name(name)).map(|n| n.id()).collect::<Vec<_>>()
        };
        let node = |id| document.get_node(id).unwrap();
        let line = |id| named(node(id), "word").into_iter().map(|w| word(node(w)).1).collect();
        Page {
            words: named(page, "word").into_iter().map(|w| word(node(w))).collect(),
            blocks: named(page, "block")
                .into_iter()
                .map(|block| named(node(block), "line").into_iter().map(line).collect())
                .collect(),
        }
    };
    Some(document.descendants().filter(|n| n.has_tag_name("page")).map(page).collect())
}

/// Every word that stands in a table of the document.
fn words_of_tables(document: &Document) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    // A blank that does not break is within a word: `2 317`.
    let mut put = |text: &str| words.extend(text.split([' ', '\n']).map(str::to_owned));
    for block in document.sections.iter().flat_map(|s| &s.blocks) {
        let Block::Table(table) = block else { continue };
        table.columns.iter().for_each(|column| put(&column.head));
        for piece in table.rows.iter().flat_map(|row| &row.cells).flat_map(|cell| &cell.content) {
            match piece {
                Inline::Code(text) | Inline::Strong(text) | Inline::Text(text) | Inline::Verdict(text, _) => {
                    put(text)
                }
                Inline::Figure(figure) => put(&figure.text),
                _ => {}
            }
        }
    }
    words
}

#[test]
fn the_pages_of_a_smoke_day_are_few_full_and_whole() {
    let records = smoke();
    let kept = drawn(&records);
    let runs = [RunInput { run: "20251218-110323-lab", records: &records, live: false, kept: &kept }];
    let made = Told { runs: &runs, imports: &[], outline: None, from: 18 }.made(Language::Fr);
    let body = Document::of(&made.model, &made.pictures).body(Some("annexes.docx"));
    let mut file = Vec::new();
    renderer("docx").unwrap().render(&made.model, &body, &Templates::default(), &mut file).unwrap();
    let Some(pages) = pages(&file) else { return };
    assert!((6..=12).contains(&pages.len()), "{} pages", pages.len());
    let headings: Vec<String> = body.sections.iter().map(|s| s.heading()).collect();
    // The footer stands below all else.
    let content = |page: &Page| -> Vec<(f64, String)> {
        page.words.iter().filter(|(at, _)| *at < 0.94).cloned().collect()
    };
    for (at, page) in pages.iter().enumerate() {
        let used = content(page).iter().map(|(at, _)| *at).fold(0.0, f64::max);
        let next: Vec<String> =
            pages.get(at + 1).map(content).unwrap_or_default().into_iter().map(|w| w.1).collect();
        let next = next.join(" ");
        let ends_a_chapter =
            next.is_empty() || headings.iter().any(|h| next.starts_with(&h.replace('\u{a0}', " ")));
        assert!(used > 1.0 / 3.0 || ends_a_chapter, "page {} is used to {used:.2}", at + 1);
    }
    let words = words_of_tables(&body);
    for block in pages.iter().flat_map(|page| &page.blocks) {
        for pair in block.windows(2) {
            let (Some(last), Some(first)) = (pair[0].last(), pair[1].first()) else { continue };
            let joined = format!("{last}{first}");
            let is_broken = words.contains(&joined) && !words.contains(last) && !last.ends_with(['-', '/']);
            assert!(!is_broken, "`{last}` and `{first}` are one word");
        }
    }
}

#[test]
fn no_word_of_a_french_table_is_broken() {
    let (smoke, failed) = (smoke(), story().records);
    let kept = Kept::default();
    let imports = [imported()];
    for records in [&smoke, &failed] {
        let runs = [RunInput { run: "20251218-110323-lab", records, live: false, kept: &kept }];
        let made = Told { runs: &runs, imports: &imports, outline: None, from: 18 }.made(Language::Fr);
        let document = Document::of(&made.model, &made.pictures);
        for block in document.sections.iter().flat_map(|s| &s.blocks) {
            let Block::Table(table) = block else { continue };
            // A4 with margins of 2 cm, upright or not.
            let room = if table.wide { 14_570 } else { 9_638 };
            for at in widths::broken(table, room) {
                // Only what has no blanks by its nature may be broken: a hash, a path, a list of parameters.
                let cells = table.rows.iter().map(|row| &row.cells[at]);
                let is_code =
                    |cell: &document::Cell| cell.content.iter().any(|piece| matches!(piece, Inline::Code(_)));
                let caption = &table.caption;
                assert!(cells.clone().any(is_code), "{caption}: {}", table.columns[at].head);
                println!("{caption}: {}", table.columns[at].head);
            }
        }
    }
}

#[test]
fn the_whole_campaign_has_twenty_pages_at_most() {
    let day = SignedDuration::from_hours(24);
    let of_day = |days: i32| -> Vec<Record> {
        let mut records = smoke();
        records.iter_mut().for_each(|record| record.at -= day * days);
        records
    };
    let days: Vec<Vec<Record>> = (0..5).rev().map(of_day).collect();
    let kept: Vec<Kept> = days.iter().map(|records| drawn(records)).collect();
    let names: Vec<String> = (14..19).map(|day| format!("202512{day}-110323-lab")).collect();
    let runs: Vec<RunInput<'_>> = (0..5)
        .map(|at| RunInput { run: &names[at], records: &days[at], live: false, kept: &kept[at] })
        .collect();
    let imports = [imported()];
    let made = Told { runs: &runs, imports: &imports, outline: None, from: 14 }.made(Language::Fr);
    let body = Document::of(&made.model, &made.pictures).body(Some("annexes.docx"));
    let mut file = Vec::new();
    renderer("docx").unwrap().render(&made.model, &body, &Templates::default(), &mut file).unwrap();
    let Some(pages) = pages(&file) else { return };
    assert!((6..=20).contains(&pages.len()), "{} pages", pages.len());
}

#[test]
fn the_body_and_the_annexes_of_a_word_file_lead_to_each_other() {
    let made = super::story::report(&story().records, Language::Fr);
    let whole = Document::of(&made.model, &made.pictures);
    let file = |document: &Document| {
        let mut bytes = Vec::new();
        renderer("docx").unwrap().render(&made.model, document, &Templates::default(), &mut bytes).unwrap();
        super::forms::parts(&bytes)
    };
    let (body, annexes) = (file(&whole.body(Some("a.docx"))), file(&whole.annexes("b.docx")));
    let text = |parts: &std::collections::BTreeMap<String, Vec<u8>>, name: &str| {
        String::from_utf8(parts[name].clone()).unwrap()
    };
    assert!(text(&body, "word/_rels/document.xml.rels").contains("Target=\"a.docx\""));
    let (document, others) = (text(&body, "word/document.xml"), text(&annexes, "word/document.xml"));
    let marks: BTreeSet<&str> =
        others.split("w:name=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let links: Vec<&str> = document
        .split("r:id=\"rIdOther\" w:anchor=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .collect();
    assert!(links.len() > 10);
    for link in links {
        assert!(marks.contains(link), "{link}");
    }
    assert!(!bytes(&made, "docx").is_empty());
}

#[test]
fn one_setting_has_its_effect_and_several_have_none() {
    let rows = |rate: f64, latency: u32| -> String {
        let line = |n: u32| {
            let rate = rate + f64::from(n * 7919 % 97) / 20.0;
            format!(
                "{} records sent, {rate:.1} records/sec (1.00 MB/sec), {latency}.0 ms avg latency, 90.0 ms max latency.\n",
                5.0 * rate
            )
        };
        (0..40).map(|n| line(n).replace(".0 records sent", " records sent")).collect()
    };
    let run = |settings: &str, rate: f64, latency: u32| {
        format!(
            "$ kafka-producer-perf-test --topic t --num-records 250000 --record-size 1024 --throughput 1000 --producer-props {settings}\n{}\
             250000 records sent, {rate:.6} records/sec ({:.2} MB/sec), {latency}.00 ms avg latency, 95.00 ms max latency, 9 ms 50th, \
             20 ms 95th, {} ms 99th, 90 ms 99.9th.\n",
            rows(rate, latency),
            rate * 1024.0 / 1_048_576.0,
            latency * 2
        )
    };
    let text = [
        run("acks=1 linger.ms=0", 900.0, 20),
        run("acks=1 linger.ms=5", 999.0, 10),
        run("acks=all linger.ms=20", 999.5, 30),
    ]
    .concat();
    let (reading, _) = perf_output::read(text.as_bytes(), Some(date(2025, 12, 18))).unwrap();
    let imports = [ImportInput { reading: Ok(reading), ..imported() }];
    let made = Told { runs: &[], imports: &imports, outline: None, from: 18 }.made(Language::En);
    let setting = made.model.analysis.comparisons.iter().find(|c| c.what == "setting").unwrap();
    assert_eq!(setting.loads.len(), 3);
    let told: Vec<&str> = setting.conclusions.iter().map(|s| s.text.as_str()).collect();
    assert!(told[0].starts_with("linger.ms: 0 → 5 (A → B), the only difference: "), "{told:?}");
    assert!(told[0].contains("×1.11, 95 % between ×1.1"), "{told:?}");
    assert!(told[1].contains("operating points") && told[1].contains("acks, linger.ms"), "{told:?}");
}
