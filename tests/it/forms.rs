//! The forms of report and status, and a campaign's own templates.

use crate::support::{Project, Ran};
use std::fs;

const SHELL: &str = "actions:\n  - shell: {id: s, argv: [echo, n=42], capture: {n: {regex: 'n=(\\d+)'}}}\n\
                     criteria:\n  - expect: s.n == 42";

fn project() -> Project {
    let project = Project::new();
    project.step(0, SHELL);
    project.jalon(&["run"]).exits(0);
    project
}

#[test]
fn every_form_is_written_beside_the_others() {
    let project = project();
    let out = project.path().join("out").display().to_string();
    project
        .jalon(&["report", "--lang", "fr", "--format", "docx,html,json,junit,md,xlsx", "--out", &out])
        .exits(0);
    let mut ends: Vec<String> = fs::read_dir(&out)
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .filter_map(|name| {
            let (days, end) = name.split_once(".fr.")?;
            Some(format!("{}{end}", if days.ends_with("-annexes") { "annexes." } else { "" }))
        })
        .collect();
    ends.sort();
    assert_eq!(ends, ["annexes.docx", "annexes.md", "docx", "html", "json", "junit.xml", "md", "xlsx"]);
    // The body leads to the annexes, and without them there is one file.
    let read = |name: &str| fs::read_to_string(format!("{out}/{name}")).unwrap();
    let day = |end: &str| {
        let mut names = fs::read_dir(&out).unwrap().map(|f| f.unwrap().file_name().into_string().unwrap());
        names.find(|name| name.ends_with(end) && !name.contains("annexes")).unwrap()
    };
    let name = day(".fr.md");
    assert!(read(&name).contains(&format!("]({}#", name.replace(".fr.md", "-annexes.fr.md"))));
    for (annexes, has) in [("none", false), ("inline", true)] {
        let alone = format!("{out}/{annexes}");
        project.jalon(&["report", "--lang", "fr", "--annexes", annexes, "--out", &alone]).exits(0);
        assert_eq!(fs::read_dir(&alone).unwrap().count(), 1);
        assert_eq!(fs::read_to_string(format!("{alone}/{name}")).unwrap().contains("SHA-256"), has);
    }
    project.jalon(&["report", "--format", "docx", "--print"]).exits(2).says(&["docx", "--out"]);
    let mut pdf = project.command(&["report", "--format", "pdf", "--out", &out]);
    let without = Ran::of(pdf.env("PATH", "/nowhere").output().unwrap());
    without.exits(4).says(&["LibreOffice is not installed", "apt install"]);
    project.jalon(&["report", "--format", "dox"]).exits(2).says(&["did you mean `docx`?"]);
    let junit = project.jalon(&["export", "junit"]).exits(0).stdout;
    for attribute in ["tests=\"1\"", "failures=\"0\"", "name=\"s.n == 42\""] {
        assert!(junit.contains(attribute), "{junit}");
    }
}

#[test]
fn the_status_has_a_form_for_other_papers() {
    let project = project();
    let csv = project.jalon(&["status", "--format", "csv"]).exits(0).stdout;
    assert!(csv.starts_with("step,title,state,") && csv.contains("\r\n0,"), "{csv}");
    assert!(project.jalon(&["status", "--format", "mail"]).exits(0).stdout.contains("<table "));
    project.jalon(&["status", "--format", "docx-table"]).exits(2).says(&["--out status.docx"]);
    let path = project.path().join("status.docx");
    project.jalon(&["status", "--format", "docx-table", "--out", &path.display().to_string()]).exits(0);
    assert!(fs::read(path).unwrap().starts_with(b"PK"));
}

#[test]
fn a_broken_template_is_named_and_can_be_left_aside() {
    let project = project();
    project.file("plan/templates/report.md.j2", "# {{ title }}\n\n{{ sections.sumary }}\n");
    let broken = project.jalon(&["report"]).exits(3);
    broken.says(&["report.md.j2, line 3", "summary", "--built-in"]);
    assert!(
        project
            .jalon(&["report", "--built-in", "--print"])
            .exits(0)
            .stdout
            .contains("## 1. Executive summary")
    );
    project.file("plan/templates/report.md.j2", "# {{ title }}\n\n{{ sections.summary }}\n");
    let arranged = project.jalon(&["report", "--print"]).exits(0).stdout;
    assert!(arranged.contains("## 1. Executive summary") && !arranged.contains("## 2."), "{arranged}");
}

#[test]
fn figures_from_a_changed_artifact_are_withdrawn() {
    let project = project();
    let artifact = project.run_dir().join("00/1/s/stdout.txt");
    fs::set_permissions(&artifact, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    fs::write(&artifact, "n=43\n").unwrap();
    let report = project.jalon(&["report", "--print"]).exits(9).stdout;
    assert!(report.contains("are withdrawn: artifact 00/1/s/stdout.txt changed"), "{report}");
}
