//! What a campaign's own templates arrange, and what is said of one that is wrong.

use super::{super::*, story::*};
use std::io::{Cursor, Read, Write};

fn template(path: &str, bytes: impl Into<Vec<u8>>) -> Option<Template> {
    Some(Template { path: path.to_owned(), bytes: bytes.into() })
}

fn made(name: &str, house: &Templates) -> Result<Vec<u8>, ReportError> {
    let mut bytes = Vec::new();
    let made = report(&story().records, Language::Fr);
    renderer(name)
        .unwrap()
        .render(&made.model, &Document::of(&made.model, &made.pictures), house, &mut bytes)
        .map(|()| bytes)
}

#[test]
fn a_template_arranges_what_is_rendered_already() {
    let text = "# {{ title }} | {{ campaign }}\n\n{{ sections.next }}{{ sections.summary }}";
    let house = Templates { markdown: template("report.md.j2", text), ..Templates::default() };
    let markdown = String::from_utf8(made("md", &house).unwrap()).unwrap();
    assert!(
        markdown.starts_with(
            "# Kafka et MirrorMaker 2 | mm2\n\n<a id=\"next\"></a>\n\n## 9. Prochaines étapes\n"
        ),
        "{markdown}"
    );
    assert!(markdown.find("## 1. Résumé exécutif") > markdown.find("## 9. Prochaines étapes"));
    assert!(!markdown.contains("Plan de tests"));
    let text =
        "<title>{{ title }}</title><style>{{ style }}</style>{{ contents }}{{ cover }}{{ all }}{{ '<b>' }}";
    let house = Templates { html: template("report.html.j2", text), ..Templates::default() };
    let html = String::from_utf8(made("html", &house).unwrap()).unwrap();
    assert!(html.contains("<section id=\"summary\">") && html.ends_with("&lt;b&gt;"));
    assert!(!html.contains("<script"));
}

#[test]
fn a_broken_template_is_named_with_its_line() {
    for (text, line, said) in [
        ("a\nb {% if %}\n", 2, "unexpected"),
        ("a\n\n{{ sections.sumary }}", 3, "sections.NAME"),
        ("a {{ title", 1, ""),
        ("{% for x in range(3) %}\n{{ x | nosuch }}{% endfor %}", 2, "nosuch"),
    ] {
        let house =
            Templates { markdown: template("plan/templates/report.md.j2", text), ..Templates::default() };
        let error = made("md", &house).unwrap_err().to_string();
        assert!(error.contains(&format!("plan/templates/report.md.j2, line {line}: ")), "{error}");
        assert!(error.contains(said), "{error}");
    }
}

#[test]
fn a_template_that_grows_without_measure_is_a_mistake_in_it() {
    let doubled = format!("{{% set x = all %}}\n{}{{{{ x }}}}", "{% set x = x ~ x %}".repeat(40));
    for text in [
        doubled.as_str(),
        "a\n{{ 'x' * 90000000 }}",
        "a\n{{ [all] * 9000000 }}",
        "a\n{{ ([all] * 9000000) | join }}",
        "\n{% set x = ['xxxxxxxx'] %}{% for a in range(90000) %}{% set x = x + x %}{{ x | join }}{% endfor %}",
        "\n{% for a in range(9000) %}{% for b in range(9000) %}{% endfor %}{% endfor %}",
        "\n{% set n = namespace(x='xxxxxxxx') %}{% for a in range(90) %}{% set n.x = n.x ~ n.x %}{% endfor %}",
        "\n{{ 'x' | replace('x', all) | replace('e', all) | replace('e', all) }}",
    ] {
        let house = Templates { markdown: template("report.md.j2", text), ..Templates::default() };
        let begun = std::time::Instant::now();
        let error = made("md", &house).unwrap_err().to_string();
        assert!(begun.elapsed().as_secs() < 5, "{text}");
        assert!(error.contains("report.md.j2, line 2: ") && error.len() < 400, "{text}: {error}");
    }
}

/// A Word file of a house: styles under other names, a header with a logo, other margins.
fn house() -> Vec<u8> {
    let ours = made("docx", &Templates::default()).unwrap();
    let mut archive = zip::ZipArchive::new(Cursor::new(ours)).unwrap();
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    let mut put = |name: &str, bytes: &[u8]| {
        writer.start_file(name, options).unwrap();
        writer.write_all(bytes).unwrap();
    };
    for at in 0..archive.len() {
        let mut file = archive.by_index(at).unwrap();
        let name = file.name().unwrap().into_owned();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let changed = match name.as_str() {
            "word/styles.xml" => {
                let custom = text.find("<w:style w:type=\"paragraph\" w:customStyle").unwrap();
                let kept = format!("{}</w:styles>", &text[..custom]);
                kept.replace("\"Heading1\"", "\"Titre1\"").replace("1F3864", "AA0000").replace("fr-FR", "de-DE")
            }
            "word/document.xml" => "<w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\" \
                xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"><w:body><w:p><w:r><w:t>old text\
                </w:t></w:r></w:p><w:sectPr><w:headerReference w:type=\"default\" r:id=\"rIdHead\"/><w:pgSz w:w=\"12240\" \
                w:h=\"15840\"/><w:pgMar w:top=\"1440\" w:right=\"1000\" w:bottom=\"1440\" w:left=\"1000\" w:header=\"700\" \
                w:footer=\"700\" w:gutter=\"0\"/></w:sectPr></w:body></w:document>"
                .to_owned(),
            "word/_rels/document.xml.rels" => text.replace(
                "</Relationships>",
                "<Relationship Id=\"rIdHead\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/header\" \
                 Target=\"header1.xml\"/></Relationships>",
            ),
            "[Content_Types].xml" => text.replace(
                "</Types>",
                "<Override PartName=\"/word/header1.xml\" \
                 ContentType=\"application/vnd.openxmlformats-officedocument.wordprocessingml.header+xml\"/></Types>",
            ),
            _ => {
                put(&name, &bytes);
                continue;
            }
        };
        put(&name, changed.as_bytes());
    }
    put(
        "word/header1.xml",
        "<w:hdr xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:p><w:r><w:t>House of Tests\
         </w:t></w:r></w:p></w:hdr>"
            .as_bytes(),
    );
    writer.finish().unwrap().into_inner()
}

#[test]
fn a_word_file_of_the_house_gives_styles_pages_and_headers() {
    let house = Templates { docx: template("plan/templates/report.docx", house()), ..Templates::default() };
    let bytes = made("docx", &house).unwrap();
    assert_eq!(bytes, made("docx", &house).unwrap());
    let parts = super::forms::parts(&bytes);
    super::forms::sound(&parts);
    let text = |name: &str| std::str::from_utf8(&parts[name]).unwrap();
    let document = text("word/document.xml");
    assert!(document.contains("<w:pStyle w:val=\"Titre1\"/>") && !document.contains("\"Heading1\""));
    assert!(!document.contains("old text"));
    assert!(document.contains("r:id=\"rIdHead\"") && document.contains("w:w=\"12240\" w:h=\"15840\""));
    assert!(document.contains("w:w=\"15840\" w:h=\"12240\" w:orient=\"landscape\""));
    assert!(text("word/header1.xml").contains("House of Tests"));
    let styles = text("word/styles.xml");
    assert!(styles.contains("AA0000") && styles.contains("\"TableText\""), "its own and those that it lacks");
    assert!(styles.contains("fr-FR") && !styles.contains("de-DE"), "the language is the report's");
}

#[test]
fn what_is_no_word_file_is_said_to_be_none() {
    for bytes in [&b"not a zip"[..], b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"] {
        let house = Templates { docx: template("plan/templates/report.docx", bytes), ..Templates::default() };
        let error = made("docx", &house).unwrap_err().to_string();
        assert!(error.contains("plan/templates/report.docx: it is not a Word file"), "{error}");
    }
}
