//! HTML and Word: what a reader's program must find in them.

use super::{
    super::*,
    report::{bytes, rendered},
    story::*,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    io::{Cursor, Read},
};

/// A report whose texts are as bad as they may be.
fn hostile() -> Report {
    let mut made = report(&story().records, Language::Fr);
    made.model.title = format!("<b>\"'&</b> \u{202e}{} \u{0} 🚀 مرحبا", "long ".repeat(1000));
    made.model.remarks.push("]]> <script>alert(1)</script> --> {{ r }} javascript:alert(1)".to_owned());
    made.model.plan[1].title = "شبكة | 漢字 <img src=x onerror=alert(1)>".to_owned();
    made.model.plan[2].reason = "x".repeat(5000);
    made
}

/// Values of an attribute of one of these names.
fn attributes<'h>(html: &'h str, name: &str) -> Vec<&'h str> {
    let start = format!(" {name}=\"");
    html.split(&start[..]).skip(1).filter_map(|rest| rest.split_once('"')).map(|(value, _)| value).collect()
}

#[test]
fn the_page_refers_to_nothing_and_its_links_lead_somewhere() {
    for made in [report(&story().records, Language::En), hostile()] {
        let html = rendered(&made, "html");
        assert!(html.contains(&format!("<html lang=\"{}\">", made.model.language.code())));
        for bad in [
            "<script",
            "<img",
            "<link",
            "<iframe",
            "@import",
            " src=\"",
            "url(http",
            "onerror=\"",
            "\u{202e}",
        ] {
            assert!(!html.contains(bad), "{bad}");
        }
        let ids = attributes(&html, "id");
        let unique: BTreeSet<&str> = ids.iter().copied().collect();
        assert_eq!(ids.len(), unique.len(), "names are unique");
        let links = attributes(&html, "href");
        assert!(links.len() > 30);
        for link in links {
            let target = link.strip_prefix('#').unwrap_or_else(|| panic!("{link} leaves the page"));
            assert!(unique.contains(target), "{link}");
        }
        for (open, close) in
            [("<table", "</table>"), ("<caption", "</caption>"), ("<tr", "</tr>"), ("<figure", "</figure>")]
        {
            assert_eq!(html.matches(open).count(), html.matches(close).count(), "{open}");
        }
        assert_eq!(
            html.matches("<caption").count(),
            html.matches("<table").count(),
            "every table has a caption"
        );
        assert!(
            html.matches("<th scope=\"row\"").count() > 30 && html.matches("<th scope=\"col\"").count() > 30
        );
        assert_eq!(html, rendered(&made, "html"));
    }
}

#[test]
fn a_figure_leads_to_its_evidence_and_tells_its_exact_value() {
    let html = rendered(&report(&story().records, Language::Fr), "html");
    let link = "<a class=\"figure\" href=\"#E3\" title=\"99.999999 ms · E3 03/2/nominal/latency.hlog\">99,999999\u{202f}ms</a>";
    assert!(html.contains(link), "{html}");
    assert!(html.contains("<tr id=\"E3\">"));
    assert!(html.contains("<td class=\"good\"><strong>conforme</strong></td>"), "a colour has its word");
}

/// The parts of a Word file.
pub(super) fn parts(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    (0..archive.len())
        .map(|at| {
            let mut file = archive.by_index(at).unwrap();
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).unwrap();
            (file.name().unwrap().into_owned(), bytes)
        })
        .collect()
}

/// Checks that every part is well formed and has a type, and that every name in the text is somewhere.
pub(super) fn sound(parts: &BTreeMap<String, Vec<u8>>) {
    let text = |name: &str| std::str::from_utf8(&parts[name]).unwrap();
    let types = text("[Content_Types].xml");
    for (name, bytes) in parts {
        let kind = name.rsplit_once('.').unwrap().1;
        assert!(types.contains(&format!("Extension=\"{kind}\"")), "{name} has a type");
        if kind != "png" {
            roxmltree::Document::parse(std::str::from_utf8(bytes).unwrap())
                .unwrap_or_else(|e| panic!("{name}: {e}"));
        }
    }
    for name in attributes(types, "PartName") {
        assert!(parts.contains_key(name.trim_start_matches('/')), "{name}");
    }
    let relations = roxmltree::Document::parse(text("word/_rels/document.xml.rels")).unwrap();
    let mut ids = BTreeSet::new();
    for relation in relations.root_element().children() {
        assert!(ids.insert(relation.attribute("Id").unwrap().to_owned()));
        if relation.attribute("TargetMode").is_none() {
            let target = format!("word/{}", relation.attribute("Target").unwrap());
            assert!(parts.contains_key(&target), "{target}");
        }
    }
    let document = text("word/document.xml");
    for used in attributes(document, "r:id").into_iter().chain(attributes(document, "r:embed")) {
        assert!(ids.contains(used), "{used}");
    }
    let styles: BTreeSet<&str> = attributes(text("word/styles.xml"), "w:styleId").into_iter().collect();
    for element in ["w:pStyle", "w:rStyle", "w:tblStyle"] {
        let start = format!("<{element} w:val=\"");
        for used in document.split(&start[..]).skip(1).filter_map(|rest| rest.split_once('"')) {
            assert!(styles.contains(used.0), "{}", used.0);
        }
    }
    let marks: BTreeSet<&str> = document
        .split("<w:bookmarkStart ")
        .skip(1)
        .filter_map(|rest| attributes(rest.split_once('>')?.0, "w:name").first().copied())
        .collect();
    for link in attributes(document, "w:anchor") {
        assert!(marks.contains(link) && link.len() <= 40, "{link}");
    }
}

#[test]
fn the_word_file_is_a_sound_package() {
    for made in [report(&story().records, Language::En), hostile()] {
        let file = bytes(&made, "docx");
        assert_eq!(file, bytes(&made, "docx"), "the same on every try");
        let parts = parts(&file);
        sound(&parts);
        let text = |name: &str| std::str::from_utf8(&parts[name]).unwrap();
        let document = text("word/document.xml");
        let begun = document.matches("w:fldCharType=\"begin\"").count();
        assert_eq!(begun, document.matches("w:fldCharType=\"end\"").count());
        // Pictures beside each other stand in a table without a style.
        let tables = document.matches("<w:tblStyle ").count();
        assert_eq!(
            document.matches("<w:tblHeader/>").count() + 2,
            tables,
            "heads repeat, but the cover and the description of the run have none"
        );
        assert_eq!(document.matches("<w:tblCaption ").count(), tables);
        assert!(document.contains("w:orient=\"landscape\"") && document.contains(" descr=\""));
        assert!(text("word/styles.xml").contains(if made.model.language == Language::Fr {
            "fr-FR"
        } else {
            "en-GB"
        }));
    }
}

fn has_office() -> bool {
    std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join("soffice").is_file()))
}

#[test]
fn the_word_file_opens_in_an_office() {
    if !has_office() {
        println!("skipped: there is no soffice on the PATH; install libreoffice-writer to run this");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("report.docx"), bytes(&hostile(), "docx")).unwrap();
    let converted = std::process::Command::new("soffice")
        .arg(format!("-env:UserInstallation=file://{}/profile", folder.path().display()))
        .args(["--headless", "--convert-to", "pdf", "report.docx"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(converted.status.success(), "{converted:?}");
    let pdf = std::fs::read(folder.path().join("report.pdf")).unwrap();
    assert!(pdf.starts_with(b"%PDF") && pdf.len() > 50_000, "{} bytes", pdf.len());
}

#[test]
fn a_workbook_has_numbers_as_numbers_and_texts_as_texts() {
    let mut made = report(&story().records, Language::Fr);
    made.model.criteria[0].rows[0].reason = "=HYPERLINK(\"http://x\")".to_owned();
    made.model.criteria[0].title = "@SUM(1+1)".to_owned();
    let file = bytes(&made, "xlsx");
    let mut archive = zip::ZipArchive::new(Cursor::new(file)).unwrap();
    let mut part = |name: &str| {
        let mut text = String::new();
        archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
        text
    };
    let (workbook, strings) = (part("xl/workbook.xml"), part("xl/sharedStrings.xml"));
    for name in ["Scénarios", "Critères", "Surveillances", "Preuves"] {
        assert!(workbook.contains(&format!("<sheet name=\"{name}\"")), "{workbook}");
    }
    let sheets: Vec<String> = (1..=5).map(|n| part(&format!("xl/worksheets/sheet{n}.xml"))).collect();
    for sheet in &sheets {
        assert!(sheet.contains("<autoFilter ") && sheet.contains("state=\"frozen\""), "{sheet}");
        assert!(!sheet.contains("<f>"), "no cell is a formula: {sheet}");
    }
    assert!(strings.contains("=HYPERLINK(") && strings.contains("@SUM(1+1)"));
    // Every figure of a load is a number with its exact value, and its row says where it was read.
    let load = &made.model.scenarios[1];
    for labelled in load.figures.iter().filter(|labelled| labelled.figure.exact.is_number()) {
        let value = format!("<v>{}</v>", labelled.figure.exact.as_f64().unwrap());
        assert!(sheets[1].contains(&value), "{}: {value}", labelled.label);
    }
    let place = load.figures.iter().find_map(|labelled| labelled.figure.evidence.as_ref()).unwrap();
    assert!(strings.contains(&place.id), "{}", place.id);
    bytes(&hostile(), "xlsx");
}

#[test]
fn a_pdf_is_the_word_file_or_says_what_is_missing() {
    if !has_office() {
        println!("skipped: there is no soffice on the PATH; install libreoffice-writer to run this");
        return;
    }
    let pdf = bytes(&report(&story().records, Language::Fr), "pdf");
    assert!(pdf.starts_with(b"%PDF") && pdf.len() > 50_000, "{} bytes", pdf.len());
}

#[test]
fn a_ci_server_reads_every_criterion() {
    let xml = rendered(&report(&story().records, Language::En), "junit");
    insta::assert_snapshot!(xml);
    let hostile = rendered(&hostile(), "junit");
    let parsed = roxmltree::Document::parse(&hostile).unwrap();
    let count = |name: &str| parsed.descendants().filter(|n| n.has_tag_name(name)).count().to_string();
    for (attribute, element) in
        [("tests", "testcase"), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped")]
    {
        assert_eq!(parsed.root_element().attribute(attribute), Some(&count(element)[..]), "{attribute}");
    }
}

#[test]
fn figures_from_an_altered_artifact_are_withdrawn_and_it_is_said() {
    let mut kept = Kept::default();
    let path = "03/2/nominal/latency.hlog";
    kept.altered.insert(
        path.to_owned(),
        crate::record::Speaks::said(&crate::store::artifacts::Altered::Changed(path.to_owned())),
    );
    let made = report_with(&story().records, Language::Fr, &kept);
    let latencies = &made.model.scenarios[1].latencies[0];
    assert!(
        latencies.figures.iter().all(|f| f.exact.is_null() && f.text.contains("retiré")),
        "{latencies:?}"
    );
    assert!(made.model.scenarios[1].figures.iter().any(|f| f.figure.exact.is_number()), "others stand");
    assert!(
        made.model.remarks[0].contains("E3") && made.model.remarks[0].contains("modifié"),
        "{:?}",
        made.model.remarks
    );
    assert!(
        made.model.summary.iter().all(|s| !s.statement.text.contains("P99 99,99")),
        "{:?}",
        made.model.summary
    );
    for form in ["md", "html"] {
        assert!(rendered(&made, form).contains("a été modifié après son enregistrement"));
    }
}

#[test]
fn what_a_load_did_over_time_is_drawn_with_its_warm_up() {
    let mut csv =
        "start_s,length_s,records_per_s,warm_up,latency_ms_p50,latency_ms_p99,latency_ms_max\n".to_owned();
    for second in 0..600 {
        csv +=
            &format!("{second},1,{},{},9,{},50\n", 990 + second % 20, u8::from(second < 30), 20 + second % 7);
    }
    let mut kept = Kept::default();
    let windows = series::windows(&mut csv.as_bytes()).unwrap();
    kept.windows.insert("03/2/nominal/windows.csv".to_owned(), windows);
    let made = report_with(&story().records, Language::Fr, &kept);
    let picture = made.pictures.scenarios[1].as_ref().unwrap();
    assert!(picture.description.contains("préchauffage : de 0 s à 30 s"), "{}", picture.description);
    assert!(picture.description.contains("P99 le plus haut : 26 ms"), "{}", picture.description);
    assert_eq!(picture.evidence[0].id, "E2");
    let html = rendered(&made, "html");
    let svg = html.split("class=\"chart\"").filter(|s| s.contains("préchauffage")).count();
    assert!(svg >= 1 && html.contains("stroke-dasharray=\"8 3\""));
}
