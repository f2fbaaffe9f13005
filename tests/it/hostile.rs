//! Files that are not what they should be: in the plan, in the record, in a bundle. Each is told, in time, and nothing is
//! lost or waited for.

use crate::support::{Project, Ran};
use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

const PASSES: &str = "actions:
  - shell: {id: s, argv: [echo, evidence], on_interrupt: rerun}
  - wait: {id: w, for: 1ms}
criteria:
  - expect: w.waited_s < slo.wait_s";

fn passed() -> Project {
    let project = Project::new();
    project.step(0, PASSES);
    project.jalon(&["run"]).exits(0);
    project
}

/// Runs the binary, at most for ten seconds.
fn soon(project: &Project, args: &[&str]) -> Ran {
    let mut child = project.command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let begun = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if begun.elapsed() > Duration::from_secs(10) {
            child.kill().unwrap();
            panic!("{args:?} did not end: {:?}", Ran::of(child.wait_with_output().unwrap()));
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    Ran::of(child.wait_with_output().unwrap())
}

fn pipe(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

/// Makes something at a place.
type Make = fn(&Path);

/// What may stand where a file should.
fn strange() -> Vec<(&'static str, Make)> {
    vec![
        ("a pipe", |path| pipe(path)),
        ("a device", |path| std::os::unix::fs::symlink("/dev/zero", path).unwrap()),
        ("a folder", |path| fs::create_dir(path).unwrap()),
        ("circle", |path| std::os::unix::fs::symlink(path, path).unwrap()),
    ]
}

#[test]
fn a_file_of_the_plan_that_is_none_is_a_mistake_of_the_plan() {
    for file in ["steps/00-step.md", "plan/campaign.yaml", "plan/environments/lab.yaml"] {
        for (what, make) in strange() {
            let project = Project::new();
            project.step(0, PASSES);
            fs::remove_file(project.path().join(file)).unwrap();
            make(&project.path().join(file));
            soon(&project, &["check"]).exits(3).says(&[file, what]);
        }
    }
}

#[test]
fn text_in_another_encoding_is_read_or_has_its_place_told() {
    let project = Project::new();
    project.step(0, PASSES);
    let path = project.path().join("steps/00-step.md");
    let text = fs::read_to_string(&path).unwrap();
    let latin: Vec<u8> = text.replace("Step 0", "R\u{e9}f\u{e9}rence").chars().map(|c| c as u8).collect();
    fs::write(&path, latin).unwrap();
    soon(&project, &["check"]).exits(3).says(&["steps/00-step.md:3:9", "0xe9", "UTF-8", "iconv"]);
    let wide = |text: &str| -> Vec<u8> {
        [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
    };
    fs::write(&path, wide(&text)).unwrap();
    let campaign = project.path().join("plan/campaign.yaml");
    let marked = format!("\u{feff}{}", fs::read_to_string(&campaign).unwrap());
    fs::write(&campaign, marked).unwrap();
    soon(&project, &["check"]).exits(0);
}

#[test]
fn a_journal_that_was_cut_is_found() {
    type Cut = fn(&str) -> String;
    let cuts: [(&str, Cut); 4] = [
        ("to nothing", |_| String::new()),
        ("before its evidence", |text| text.lines().take(3).map(|line| format!("{line}\n")).collect()),
        ("by one record", |text| {
            let lines: Vec<&str> = text.lines().collect();
            lines[..lines.len() - 1].iter().map(|line| format!("{line}\n")).collect()
        }),
        ("with other line ends", |text| text.replace('\n', "\r\n")),
    ];
    for (what, cut) in cuts {
        let project = passed();
        let path = project.run_dir().join("journal.jsonl");
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, cut(&text)).unwrap();
        for command in ["verify", "status", "resume"] {
            let ran = soon(&project, &[command]);
            assert_eq!(ran.code, Some(9), "{what}: {command}: {ran:?}");
        }
    }
}

#[test]
fn what_stands_in_place_of_a_journal_is_damage() {
    for (what, make) in strange().into_iter().chain([("nothing", (|_| ()) as Make)]) {
        let project = passed();
        let path = project.run_dir().join("journal.jsonl");
        fs::remove_file(&path).unwrap();
        make(&path);
        for command in ["verify", "status", "resume", "log"] {
            let ran = soon(&project, &[command]);
            assert_eq!(ran.code, Some(9), "{what}: {command}: {ran:?}");
        }
    }
}

#[test]
fn what_stands_in_place_of_an_artifact_is_not_waited_for() {
    let sparse = (
        "a file without an end",
        (|path| {
            fs::File::create(path).unwrap().set_len(1 << 40).unwrap();
        }) as Make,
    );
    for (what, make) in strange().into_iter().chain([sparse]) {
        let project = passed();
        let path = project.run_dir().join("00/1/s/stdout.txt");
        fs::remove_file(&path).unwrap();
        make(&path);
        for (args, code) in [
            (&["verify"][..], 9),
            (&["bundle", "--out", "b.tar.gz"], 9),
            (&["report", "--format", "md", "--out", "r"], 9),
            (&["resume", "--explain"], 0),
            (&["resume"], 0),
        ] {
            let ran = soon(&project, args);
            assert_eq!(ran.code, Some(code), "{what}: {args:?}: {ran:?}");
        }
    }
}

#[test]
fn what_stands_in_place_of_a_folder_of_the_plan_is_a_mistake_in_it() {
    for folder in ["steps", "plan/environments", "plan"] {
        for (what, make) in strange().into_iter().filter(|(what, _)| !what.contains("folder")) {
            let project = passed();
            let path = project.path().join(folder);
            fs::remove_dir_all(&path).unwrap();
            make(&path);
            let ran = soon(&project, &["check"]);
            assert_eq!(ran.code, Some(3), "{what} as {folder}: {ran:?}");
        }
    }
}

#[test]
fn a_text_that_is_no_utf_8_has_its_file_line_and_sentence() {
    let step = format!("---\nstep: 0\ntitle: t\n{PASSES}\n---\n");
    let utf_16 = |mark: &[u8], unit: fn(u16) -> [u8; 2], end: &[u8]| {
        let units: Vec<u8> = step.encode_utf16().flat_map(unit).collect();
        [mark, &units, end].concat()
    };
    for (bytes, says) in [
        (utf_16(b"", u16::to_le_bytes, b""), "UTF-16 without a byte order mark"),
        (utf_16(b"", u16::to_be_bytes, b""), "UTF-16 without a byte order mark"),
        (utf_16(b"\xff\xfe", u16::to_le_bytes, b"x"), "UTF-16 that is cut off"),
        ([step.as_bytes(), b"\0"].concat(), "the byte 0x00"),
    ] {
        let project = passed();
        fs::write(project.path().join("steps/00-step.md"), bytes).unwrap();
        soon(&project, &["check"]).exits(3).says(&[says, "steps/00-step.md"]);
    }
    let project = passed();
    fs::write(project.path().join("steps/00-step.md"), utf_16(b"\xff\xfe", u16::to_le_bytes, b"")).unwrap();
    soon(&project, &["check"]).exits(0);
}

#[test]
fn what_is_missing_is_damage_also_where_all_of_the_record_is() {
    for files in [&["journal.jsonl", "journal.head"][..], &["journal.head"]] {
        let project = passed();
        let run = project.run_dir();
        files.iter().for_each(|file| fs::remove_file(run.join(file)).unwrap());
        for command in ["verify", "status", "resume", "log", "run"] {
            let ran = soon(&project, &[command]);
            let code = if command == "run" && files.len() == 1 { 0 } else { 9 };
            assert_eq!(ran.code, Some(code), "{files:?}: {command}: {ran:?}");
        }
    }
    // An emptied journal without its head; links in place of both.
    let project = passed();
    let journal = project.run_dir().join("journal.jsonl");
    for path in [journal.clone(), journal.with_extension("head")] {
        let elsewhere = project.path().join("elsewhere");
        fs::rename(&path, &elsewhere).unwrap();
        std::os::unix::fs::symlink(&elsewhere, &path).unwrap();
        for command in ["verify", "resume"] {
            soon(&project, &[command]).exits(9).says(&["it is a link"]);
        }
        fs::rename(&elsewhere, &path).unwrap();
    }
    fs::write(&journal, "").unwrap();
    fs::remove_file(journal.with_extension("head")).unwrap();
    soon(&project, &["verify"]).exits(9);
}

#[test]
fn a_file_that_was_added_to_finished_work_is_damage_and_other_files_are_named() {
    let project = passed();
    let run = project.run_dir();
    std::os::unix::fs::symlink("..", run.join("00/1/round")).unwrap();
    for (file, code) in [
        ("mine.txt", 0),
        ("00/1/w/samples.csv.partial", 0),
        ("00/1/s/more.txt", 9),
        ("00/1/s/deeper/more.txt", 9),
        ("00/1/other/more.txt", 9),
        ("00/2/s/more.txt", 0),
    ] {
        let path = run.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "x").unwrap();
        let what = if code == 0 { "not in the journal: " } else { "altered: " };
        soon(&project, &["verify"]).exits(code).prints(&[&format!("{what}{file}")]);
        fs::remove_file(&path).unwrap();
    }
}

#[test]
fn a_lock_that_is_a_link_is_refused_and_its_target_kept() {
    let project = passed();
    let precious = project.path().join("precious");
    fs::write(&precious, "kept").unwrap();
    for lock in [project.run_dir().join("lock"), project.path().join("artifacts/.lab.lock")] {
        fs::remove_file(&lock).unwrap();
        std::os::unix::fs::symlink(&precious, &lock).unwrap();
        soon(&project, &["retry", "0"]).exits(10).says(&["something else is in the place"]);
        assert_eq!(fs::read_to_string(&precious).unwrap(), "kept");
        fs::remove_file(&lock).unwrap();
        pipe(&lock);
        soon(&project, &["retry", "0"]).exits(10).says(&["something else is in the place"]);
        fs::remove_file(&lock).unwrap();
    }
}

#[test]
fn notes_at_the_same_time_are_all_kept() {
    let project = Project::new();
    let notes: Vec<_> = (0..30)
        .map(|n| {
            let mut command = project.command(&["note", "observation", &format!("number {n}")]);
            command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
        })
        .collect();
    for note in notes {
        Ran::of(note.wait_with_output().unwrap()).exits(0);
    }
    let listed: serde_json::Value =
        serde_json::from_str(&project.jalon(&["note", "--list", "--json"]).stdout).unwrap();
    assert_eq!(listed.as_array().unwrap().len(), 30);
}

#[test]
fn a_note_keeps_its_run_and_that_of_a_line_its_day() {
    let project = passed();
    project.jalon(&["note", "observation", "it was quiet", "--step", "0"]).exits(0);
    project.file("notes.txt", "On constate une latence de 12 ms\n");
    project.jalon(&["import", "notes.txt", "--day", "2025-12-18"]).exits(0);
    project.jalon(&["note", "observation", "--line", "2025-12-18-1:1"]).exits(0);
    let listed: serde_json::Value =
        serde_json::from_str(&project.jalon(&["note", "--list", "--json"]).stdout).unwrap();
    let run = project.run_dir().file_name().unwrap().to_str().unwrap().to_owned();
    assert_eq!(listed[0]["note"]["run"], run);
    assert_eq!(
        (&listed[1]["note"]["day"], &listed[1]["note"]["run"]),
        (&"2025-12-18".into(), &serde_json::Value::Null)
    );
}

#[test]
fn a_narrowed_run_goes_no_further_until_it_is_told_to() {
    let project = Project::new();
    project.step(0, "actions:\n  - wait: {id: w, for: 1ms}\ncriteria:\n  - expect: w.waited_s > 100");
    project.step(1, &format!("needs: [0]\n{PASSES}"));
    project.step(2, &format!("needs: [1]\n{PASSES}"));
    project.jalon(&["run", "--until", "1"]).exits(1);
    project.jalon(&["waive", "0", "--reason", "known"]).exits(0);
    project.jalon(&["resume"]).says(&["--until 1"]);
    assert_eq!(project.states()[1..], ["passed", "ready"]);
    project.jalon(&["retry", "1"]);
    assert_eq!(project.states()[2], "ready");
    project.jalon(&["retry", "2"]).exits(2).says(&["not among those", "--until 1", "--all"]);
    project.jalon(&["resume", "--all"]);
    assert_eq!(project.states()[2], "passed");
    // Where the run begins stays as it was asked for: what was passed over is no exception of what goes on.
    let project = Project::new();
    project.step(0, PASSES).step(1, &format!("needs: [0]\n{PASSES}"));
    project.step(2, &format!("needs: [1]\n{PASSES}")).step(3, &format!("needs: [2]\n{PASSES}"));
    project.jalon(&["run", "--only", "1"]).exits(0);
    project.jalon(&["resume", "--until", "2"]).exits(0);
    assert_eq!(project.states(), ["skipped", "passed", "passed", "ready"]);
    let whole = project.jalon(&["resume", "--all"]).exits(0);
    assert_eq!(project.states(), ["skipped", "passed", "passed", "passed"]);
    assert!(
        !whole.stderr.contains("goes no further") && !whole.stderr.contains("jalon resume --all"),
        "{whole:?}"
    );
    project
        .jalon(&["run", "--from", "3", "--until", "1"])
        .exits(2)
        .says(&["selects no step", "--from 1 --until 3"]);
}

#[test]
fn a_template_without_an_end_is_a_mistake_in_it() {
    let project = passed();
    for text in [
        "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
        "{% for a in range(99999) %}{{ all }}{{ all }}{{ all }}{{ all }}{% endfor %}",
    ] {
        project.file("plan/templates/report.md.j2", text);
        let ran = project.jalon(&["report", "--format", "md", "--out", "r"]).exits(3);
        ran.says(&["report.md.j2", "--built-in"]);
    }
}

/// To look for each name of a criterion among all actions, and for each combination among all exclusions, took time that grew
/// with the square of their number.
#[test]
fn the_time_to_check_a_matrix_grows_with_its_scenarios() {
    let list = |last: usize| (0..last).map(|n| n.to_string()).collect::<Vec<_>>().join(", ");
    let plain = |size: usize| format!("a: [{}], b: [{}]", list(size), list(100));
    let excluding = |size: usize| {
        let excluded = (0..size).flat_map(|a| (50..100).map(move |b| format!("{{a: {a}, b: {b}}}")));
        format!("{}, exclude: [{}]", plain(size), excluded.collect::<Vec<_>>().join(", "))
    };
    let took = |matrix: String| {
        let project = Project::new();
        project.step(0, &format!("actions:\n  - wait: {{id: w, for: '{{{{ matrix.a }}}}ms', matrix: {{limit: 20000, {matrix}}}}}\ncriteria:\n  - expect: w.waited_s < 100"));
        let once = || {
            let begun = Instant::now();
            project.jalon(&["check"]).exits(0);
            begun.elapsed()
        };
        once().min(once())
    };
    for matrix in [&plain as &dyn Fn(usize) -> String, &excluding] {
        let (few, many) = (took(matrix(16)), took(matrix(96)));
        assert!(many < few * 14, "six times as many took {many:?} instead of {few:?}");
    }
}

#[test]
fn notes_and_imports_that_go_as_a_whole_leave_a_trace() {
    let project = passed();
    project.file("notes.txt", "bin/kafka-producer-perf-test.sh --topic t\n1000 records sent, 99.3 records/sec (0.09 MB/sec), 10.34 ms avg latency, 490.00 ms max latency, 1 ms 50th, 77 ms 95th, 87 ms 99th, 94 ms 99.9th.\n");
    project.jalon(&["note", "observation", "all is well"]).exits(0);
    project.jalon(&["import", "notes.txt", "--day", "2026-03-02"]).exits(0);
    for name in ["notes", "imports"] {
        let folder = project.path().join("artifacts").join(name);
        project.jalon(&["verify"]).exits(0);
        project.jalon(&["report", "--print"]).exits(0);
        let aside = project.path().join("aside");
        fs::rename(&folder, &aside).unwrap();
        let gone = format!("artifacts/{name} is gone");
        project.jalon(&["verify"]).exits(9).prints(&[&gone]);
        project.jalon(&["status"]).exits(9).says(&[&gone]);
        project.jalon(&["report", "--print"]).exits(9).prints(&[&gone]).says(&["removed or altered"]);
        // An older copy in its place.
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("journal.jsonl"), "").unwrap();
        project.jalon(&["verify"]).exits(9).prints(&["records were written"]);
        fs::remove_dir_all(&folder).unwrap();
        fs::rename(&aside, &folder).unwrap();
        project.jalon(&["verify"]).exits(0);
    }
}

#[test]
fn a_report_on_altered_evidence_names_it_and_ends_as_verify_does() {
    let project = passed();
    project.jalon(&["report", "--print"]).exits(0);
    fs::write(project.run_dir().join("00/1/s/stdout.txt"), "EVIDENCE\n").unwrap();
    project.jalon(&["verify"]).exits(9);
    let told = "artifact 00/1/s/stdout.txt changed after it was stored";
    project.jalon(&["report", "--print"]).exits(9).prints(&[told]).says(&["`jalon verify` lists it"]);
    let french = "l'artefact 00/1/s/stdout.txt a été modifié";
    let ran = project.jalon(&["report", "--print", "--lang", "fr"]).exits(9);
    assert!(ran.stdout.replace('\u{2019}', "'").contains(french), "{ran:?}");
}

#[test]
fn names_of_files_steer_no_terminal() {
    let project = passed();
    for name in ["line\nbreak", "red\u{1b}[31m", "turned\u{202e}round"] {
        fs::write(project.run_dir().join("00/1/s").join(name), "").unwrap();
        fs::write(project.run_dir().join(name), "").unwrap();
    }
    let shown = project.jalon(&["verify"]).exits(9).prints(&[
        "altered: 00/1/s/line\\nbreak is in no record",
        "00/1/s/red\\u{1b}[31m is",
        "not in the journal: turned\\u{202e}round\n",
    ]);
    assert!(!shown.stdout.contains(['\u{1b}', '\u{202e}']), "{shown:?}");
}

#[test]
fn a_link_that_leads_nowhere_is_named() {
    let project = passed();
    std::os::unix::fs::symlink("nowhere", project.path().join("steps/01-step.md")).unwrap();
    project.jalon(&["check"]).exits(3).says(&["steps/01-step.md", "a link to `nowhere`, where no file is"]);
}

#[test]
fn standard_input_without_end_is_not_imported() {
    let project = passed();
    let mut command = project.command(&["import", "-", "--day", "2026-03-02", "--dry-run"]);
    command.stdin(fs::File::open("/dev/zero").unwrap());
    Ran::of(command.output().unwrap()).exits(2).says(&["standard input", "larger than 256.0 MiB"]);
    let sparse = project.path().join("sparse");
    fs::File::create(&sparse).unwrap().set_len(1 << 40).unwrap();
    let begun = Instant::now();
    project.jalon(&["import", "sparse", "--day", "2026-03-02"]).exits(2).says(&["larger than 256.0 MiB"]);
    assert!(begun.elapsed().as_secs() < 5, "it was read: {:?}", begun.elapsed());
}

#[test]
fn a_day_that_has_not_come_is_refused() {
    let project = passed();
    project.file("notes.txt", "all is well\n");
    for args in [
        &["report", "--day", "2999-01-01"][..],
        &["report", "--from", "2999-01-01", "--day", "2999-01-02"],
        &["import", "notes.txt", "--day", "2999-01-01"],
        &["note", "observation", "all is well", "--day", "2999-01-01"],
    ] {
        project.jalon(args).exits(2).says(&["`2999-01-01` has not come yet", "at the latest"]);
    }
    let tomorrow = jiff::Zoned::now().date().tomorrow().unwrap().to_string();
    project.jalon(&["report", "--day", &tomorrow]).exits(0);
}

const BY_HAND: &str = "bin/kafka-producer-perf-test.sh --topic t\n1000 records sent, 99.3 records/sec (0.09 MB/sec), 10.34 ms avg latency, 490.00 ms max latency, 1 ms 50th, 77 ms 95th, 87 ms 99th, 94 ms 99.9th.\n";

#[test]
fn an_older_copy_of_notes_or_imports_is_told_by_whoever_reads_the_record() {
    let project = passed();
    project.file("notes.txt", BY_HAND);
    for (name, add) in [
        ("notes", &["note", "observation", "all is well"][..]),
        ("imports", &["import", "notes.txt", "--day", "2026-03-02"]),
    ] {
        project.jalon(add).exits(0);
        let (folder, copy) = (project.path().join("artifacts").join(name), project.path().join("copy"));
        let copied = |from: &Path, to: &Path| {
            assert!(Command::new("cp").arg("-a").args([from, to]).status().unwrap().success());
        };
        copied(&folder, &copy);
        let again: Vec<&str> =
            add.iter().map(|word| if *word == "2026-03-02" { "2026-03-03" } else { word }).collect();
        project.jalon(&again).exits(0);
        let newer = project.path().join("newer");
        fs::rename(&folder, &newer).unwrap();
        copied(&copy, &folder);
        let told = &format!("{name}: ");
        let cut = "2 records were written";
        project.jalon(&["verify"]).exits(9).prints(&[told, cut]);
        for command in [&["status"][..], &["status", "--json"], &["history"], &["history", "0"]] {
            project.jalon(command).exits(9).says(&["warning: ", told, cut]);
        }
        project
            .jalon(&["status", "--lang", "fr"])
            .says(&["attention : ", "2 enregistrements ont été écrits"]);
        project.jalon(&["report", "--print"]).exits(9).prints(&[cut]);
        fs::remove_dir_all(&folder).unwrap();
        fs::rename(&newer, &folder).unwrap();
        fs::remove_dir_all(&copy).unwrap();
        for command in ["verify", "status", "history"] {
            assert!(!project.jalon(&[command]).exits(0).stderr.contains("warning"));
        }
    }
}

#[test]
fn what_stands_in_place_of_a_folder_of_the_record_is_named_by_each_command() {
    let dangling =
        ("where no folder is", (|path| std::os::unix::fs::symlink("nowhere", path).unwrap()) as Make);
    let file = ("a file, not a folder", (|path| fs::write(path, "x").unwrap()) as Make);
    let strange = strange().into_iter().filter(|(what, _)| *what != "a folder");
    for (what, make) in strange.chain([dangling, file]) {
        for name in ["notes", "imports"] {
            let project = passed();
            project.file("notes.txt", BY_HAND);
            let path = project.path().join("artifacts").join(name);
            make(&path);
            let (place, hint) =
                (&format!("artifacts/{name}"), "something else is in the place of a folder of jalon");
            let note = &["note", "observation", "x"][..];
            let import = &["import", "notes.txt", "--day", "2026-03-02"];
            let list = if name == "notes" { &["note", "--list"][..] } else { &["import", "--list"] };
            for command in [if name == "notes" { note } else { import }, list, &["bundle", "--out", "b"]] {
                soon(&project, command).exits(9).says(&[place, what, hint]);
            }
            soon(&project, &["verify"]).exits(9).prints(&[place, what]);
            soon(&project, &["status"]).exits(9).says(&["warning: ", place, what]);
            soon(&project, &["history"]).exits(9).says(&["warning: ", place, what]);
            soon(&project, &["report", "--print"]).exits(9).prints(&[what]);
            soon(&project, &["resume", "--explain"]).exits(0);
        }
        // A run, which is not passed over for the one before it.
        let project = passed();
        let run = project.run_dir();
        let newer = run.with_file_name("29990101-000000-lab");
        make(&newer);
        let is_file = newer.is_file();
        for command in ["status", "verify", "log", "resume"] {
            let named = soon(&project, &[command, "--run", "29990101-000000-lab"]);
            named.exits(9).says(&["29990101-000000-lab", what, "something else is in the place"]);
            if !is_file {
                soon(&project, &[command]).exits(9).says(&["29990101-000000-lab", what]);
            }
        }
        // All of them.
        let project = passed();
        let artifacts = project.path().join("artifacts");
        fs::remove_dir_all(&artifacts).unwrap();
        make(&artifacts);
        for command in [
            &["status"][..],
            &["verify"],
            &["history"],
            &["run"],
            &["report", "--print"],
            &["note", "observation", "x"],
            &["note", "--list"],
            &["import", "--list"],
        ] {
            let ran = soon(&project, command);
            assert!(matches!(ran.code, Some(9 | 10)), "{what}: {command:?}: {ran:?}");
            ran.says(&["artifacts", "something else is in the place"]);
        }
    }
}

#[test]
fn what_was_typed_and_names_on_disk_steer_no_terminal() {
    let project = passed();
    let steers = |ran: &Ran| {
        let lines = [&ran.stdout, &ran.stderr].map(|text| text.clone());
        assert!(!lines.iter().any(|text| text.contains(['\u{1b}', '\u{202e}', '\u{7}'])), "{ran:?}");
        assert!(!lines.iter().any(|text| text.contains("one\ntwo")), "{ran:?}");
    };
    for name in ["one\ntwo", "one\u{1b}[2J", "\u{202e}one", "one\u{7}"] {
        let shown = name.escape_default().to_string();
        for command in [
            &["-C", name, "check"][..],
            &["-C", name, "status"],
            &["import", name, "--day", "2026-03-02"],
            &["run", "--env", name],
            &["run", "--profile", name],
            &["status", "--run", name],
            &["unbundle", name],
            &["report", "--day", name],
            &["check", name],
        ] {
            let ran = soon(&project, command);
            assert_ne!(ran.code, Some(0), "{command:?}: {ran:?}");
            steers(&ran);
            ran.says(&[&shown]);
        }
        let path = project.path().join(format!("steps/01-{name}.md"));
        fs::write(&path, "---\nstep: 0\n").unwrap();
        let ran = soon(&project, &["check"]);
        steers(&ran.exits(3));
        fs::remove_file(&path).unwrap();
        project.file(name, BY_HAND);
        for command in [
            &["import", name, "--day", "2026-03-02", "--dry-run"][..],
            &["import", name, "--day", "2026-03-02"],
            &["import", "--list"],
        ] {
            steers(&soon(&project, command).exits(0));
        }
        fs::remove_dir_all(project.path().join("artifacts/imports")).unwrap();
        fs::remove_file(project.path().join("artifacts/.imports.head")).unwrap();
    }
}

/// A matrix of too many scenarios was told, and then each criterion over it, as if the action were not there.
#[test]
fn a_refused_matrix_is_one_mistake() {
    let project = Project::new();
    let matrix = "{limit: 2, a: [1, 2, 3]}";
    project.step(0, &format!("actions:\n  - wait: {{id: w, for: 1ms, matrix: {matrix}}}\n  - wait: {{id: v, for: 1ms}}\ncriteria:\n  - expect: w.waited_s < 5\n  - expect: w_1.waited_s < slo.wait_s\nartifacts: [w/x.txt]"));
    project.step(1, "needs: [0]\nactions:\n  - wait: {id: u, for: 1ms, when: w_2.waited_s > 1}\ncriteria:\n  - expect: w_1.waited_s < slo.wait_s");
    project.jalon(&["check"]).exits(3).says(&["3 scenarios and the limit is 2", "1 problem in 1 file"]);
    // Another mistake is told all the same.
    project.step(
        1,
        "needs: [0]\nactions:\n  - wait: {id: u, for: 1ms}\ncriteria:\n  - expect: nothing.waited_s < 5",
    );
    project.jalon(&["check"]).exits(3).says(&["`nothing` is not an action", "2 problems in 2 files"]);
}

/// Each action was explained by the whole file, read again.
#[test]
fn the_time_to_show_a_matrix_grows_with_its_scenarios() {
    let took = |size: usize| {
        let project = Project::new();
        let list = |last: usize| (0..last).map(|n| n.to_string()).collect::<Vec<_>>().join(", ");
        project.step(0, &format!("actions:\n  - wait: {{id: w, for: '{{{{ matrix.a }}}}ms', matrix: {{limit: 20000, a: [{}]}}}}\ncriteria:\n  - expect: w.waited_s < slo.wait_s", list(size)));
        let once = |args: &[&str]| {
            let begun = Instant::now();
            project.jalon(args).exits(0);
            begun.elapsed()
        };
        let shown = || once(&["plan", "show", "0", "--resolved"]);
        shown().min(shown())
    };
    let (few, many) = (took(250), took(2000));
    assert!(many < few * 20, "eight times as many took {many:?} instead of {few:?}");
}

/// Every way in which a run may go.
fn ways_to_go() -> [(&'static str, Make); 3] {
    [
        ("emptied", |run| {
            fs::remove_dir_all(run).unwrap();
            fs::create_dir(run).unwrap();
        }),
        ("removed", |run| fs::remove_dir_all(run).unwrap()),
        ("a file", |run| {
            fs::remove_dir_all(run).unwrap();
            fs::write(run, "x").unwrap();
        }),
    ]
}

#[test]
fn a_run_that_goes_as_a_whole_leaves_a_trace() {
    for (what, go) in ways_to_go() {
        let project = passed();
        let run = project.run_dir();
        let name = run.file_name().unwrap().to_str().unwrap().to_owned();
        go(&run);
        for command in [
            &["verify"][..],
            &["status"],
            &["runs"],
            &["history"],
            &["show", "0"],
            &["report", "--print"],
            &["bundle", "--out", "b.tar.gz"],
            &["resume"],
            &["run"],
        ] {
            let ran = soon(&project, command).exits(9);
            let told = format!("{}{}", ran.stdout, ran.stderr);
            assert!(told.contains(&name), "{what}: {command:?}: {ran:?}");
        }
        assert!(soon(&project, &["runs"]).stdout.contains("damaged"), "{what}");
        soon(&project, &["run"]).says(&[&format!("artifacts/.{name}.head")]);
        // Without what says that it was there, it was put away on purpose.
        fs::remove_file(project.path().join(format!("artifacts/.{name}.head"))).unwrap();
        if what != "emptied" {
            soon(&project, &["runs"]).exits(0).prints(&["no run yet"]);
        }
        soon(&project, &["run"]).exits(0);
        // A newer run does not hide that an older one is gone.
        let older = project.run_dir();
        project.jalon(&["run"]).exits(0);
        go(&older);
        let gone = format!("artifacts/{} is gone", older.file_name().unwrap().to_str().unwrap());
        soon(&project, &["verify"]).exits(9).prints(&[&gone]);
        for command in [&["status"][..], &["runs"], &["history"], &["show", "0"]] {
            soon(&project, command).exits(9).says(&[&gone]);
        }
        soon(&project, &["report", "--print"]).exits(9);
    }
}

#[test]
fn a_copy_of_a_run_under_another_name_is_damage_and_counts_once() {
    let project = passed();
    let run = project.run_dir();
    let name = run.file_name().unwrap().to_str().unwrap();
    let copy = "20990101-000000-lab";
    let copied = Command::new("cp").arg("-a").args([&run, &run.with_file_name(copy)]).status();
    assert!(copied.unwrap().success());
    for command in ["verify", "status", "runs", "history", "resume", "log"] {
        let ran = soon(&project, &[command]).exits(9);
        if command != "runs" {
            let told = format!("{}{}", ran.stdout, ran.stderr).replace("\n", " ");
            assert!(told.contains(name) && told.contains(copy), "{command}: {ran:?}");
        }
    }
    let runs: serde_json::Value = serde_json::from_str(&soon(&project, &["runs", "--json"]).stdout).unwrap();
    let states: Vec<&str> =
        runs.as_array().unwrap().iter().map(|run| run["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["passed", "damaged"]);
    let report = soon(&project, &["report", "--print"]).exits(9).stdout;
    assert!(report.contains(copy), "{report}");
    fs::remove_dir_all(run.with_file_name(copy)).unwrap();
    for command in ["verify", "status", "runs", "history", "report"] {
        soon(&project, &[command]).exits(0);
    }
}

#[test]
fn an_empty_or_garbled_head_is_damage_wherever_it_stands() {
    let project = passed();
    project.file("notes.txt", BY_HAND);
    project.jalon(&["note", "observation", "all is well"]).exits(0);
    project.jalon(&["import", "notes.txt", "--day", "2026-03-02"]).exits(0);
    let run = project.run_dir();
    let artifacts = project.path().join("artifacts");
    let outside = format!(".{}.head", run.file_name().unwrap().to_str().unwrap());
    for head in [
        run.join("journal.head"),
        artifacts.join(outside),
        artifacts.join(".notes.head"),
        artifacts.join(".imports.head"),
        artifacts.join("notes/journal.head"),
    ] {
        let good = fs::read(&head).unwrap();
        for bad in [&b""[..], b"{", b"{}", &good[..good.len() / 2]] {
            fs::write(&head, bad).unwrap();
            soon(&project, &["verify"]).exits(9);
            soon(&project, &["status"]).exits(9);
        }
        fs::write(&head, good).unwrap();
        soon(&project, &["verify"]).exits(0);
    }
}

#[test]
fn whoever_says_that_a_run_passed_sees_that_its_evidence_was_altered() {
    type Change = fn(&Path);
    let changes: [(&str, Change); 4] = [
        ("another content", |run| fs::write(run.join("00/1/s/stdout.txt"), "EVIDENCE\n").unwrap()),
        ("another size", |run| fs::write(run.join("00/1/s/stdout.txt"), "x").unwrap()),
        ("removed", |run| fs::remove_file(run.join("00/1/s/stdout.txt")).unwrap()),
        ("added", |run| fs::write(run.join("00/1/s/more.txt"), "x").unwrap()),
    ];
    for (what, change) in changes {
        let project = passed();
        for command in [&["status"][..], &["show", "0"], &["runs"], &["history"], &["history", "0"]] {
            let ran = project.jalon(command).exits(0);
            assert!(!ran.stderr.contains("warning"), "{what}: {ran:?}");
        }
        change(&project.run_dir());
        project.jalon(&["verify"]).exits(9);
        for command in [&["status"][..], &["status", "--json"], &["show", "0"], &["show", "0/s", "--json"]] {
            let ran = project.jalon(command).exits(9);
            assert_eq!(ran.stderr.lines().count(), 1, "{what}: {ran:?}");
            assert!(ran.stderr.contains("00/1/s/"), "{what}: {ran:?}");
        }
        for command in
            [&["runs"][..], &["runs", "--json"], &["history"], &["history", "--json"], &["history", "0"]]
        {
            project.jalon(command).exits(9).prints(&["damaged"]);
        }
        assert!(project.jalon(&["history", "0"]).stdout.contains("00/1/s/"), "{what}");
    }
}

#[test]
fn a_line_of_an_import_is_noted_once_and_not_after_its_withdrawal() {
    let project = Project::new();
    project.file("notes.txt", &format!("latency rises when the backup starts\n\n{BY_HAND}"));
    project.jalon(&["import", "notes.txt", "--day", "2026-03-02"]).exits(0);
    let line = &["note", "risk", "--line", "2026-03-02-1:1"][..];
    project.jalon(line).exits(0);
    project.jalon(line).exits(2).says(&["line 1 of import 2026-03-02-1 is note 1 already", "--amends 1"]);
    project.jalon(&[line, &["--amends", "1"]].concat()).exits(0);
    project.jalon(&["import", "--withdraw", "2026-03-02-1", "--reason", "wrong day"]).exits(0);
    project.jalon(line).exits(2).says(&["2026-03-02-1"]);
    let amended = project.jalon(&[line, &["--amends", "2"]].concat());
    assert!(amended.code == Some(2) && amended.stderr.contains("was withdrawn"), "{amended:?}");
}

#[test]
fn a_file_that_was_added_to_an_import_is_damage() {
    let project = passed();
    project.file("notes.txt", BY_HAND);
    project.jalon(&["import", "notes.txt", "--day", "2026-03-02"]).exits(0);
    for file in ["2026-03-02-1/more.txt", "2026-03-02-1/deeper/more.txt"] {
        let path = project.path().join("artifacts/imports").join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, "x").unwrap();
        project.jalon(&["verify"]).exits(9).prints(&[&format!("altered: imports: {file} is in no record")]);
        fs::remove_file(&path).unwrap();
    }
    project.jalon(&["verify"]).exits(0);
}

#[test]
fn a_record_that_is_none_is_told_in_jalons_own_words() {
    let project = passed();
    let path = project.run_dir().join("journal.jsonl");
    let text = fs::read_to_string(&path).unwrap();
    let second = text.lines().nth(1).unwrap();
    for bad in ["{\"seq\": oops}", "x", &second[..second.len() / 2], "{}"] {
        fs::write(&path, text.replace(second, bad)).unwrap();
        let ran = project.jalon(&["verify"]).exits(9).says(&["journal.jsonl:2: ", "not a valid record"]);
        assert!(
            !["column", "expected", "EOF", "missing field"].iter().any(|w| ran.stderr.contains(w)),
            "{ran:?}"
        );
    }
}

#[test]
fn a_plan_that_lost_a_step_is_not_called_unchanged() {
    let project = passed();
    project.step(1, PASSES);
    project.jalon(&["resume"]).exits(0);
    fs::remove_file(project.path().join("steps/01-step.md")).unwrap();
    let ran = project.jalon(&["resume"]).exits(0).says(&["step 1 left the plan"]);
    assert!(!ran.stderr.contains("nothing of its plan has changed"), "{ran:?}");
}

#[test]
fn nobody_is_asked_about_an_action_that_does_not_apply() {
    let step = "actions:
  - shell: {id: b, argv: [sleep, 1ms], on_interrupt: ask, when: vars.go == 1}
  - wait: {id: w, for: 1ms}
criteria:
  - expect: w.waited_s < slo.wait_s";
    let prepared = || {
        let project = Project::new();
        let campaign = fs::read_to_string(project.path().join("plan/campaign.yaml")).unwrap();
        project.file("plan/campaign.yaml", &(campaign.clone() + "vars: {go: 1}\n"));
        project.step(0, &step.replace("1ms]", "0.001]"));
        (project, campaign)
    };
    let (project, _) = prepared();
    project.jalon(&["run"]).exits(0);
    let text = fs::read_to_string(project.run_dir().join("journal.jsonl")).unwrap();
    let started = text.lines().position(|line| line.contains("\"action-started\"")).unwrap() + 1;
    for (go, code) in [(1, 7), (0, 0)] {
        let (project, campaign) = prepared();
        let killed = project.command(&["run"]).env("JALON_TEST_KILL_AFTER", started.to_string()).output();
        assert!(killed.unwrap().status.code().is_none());
        project.file("plan/campaign.yaml", &format!("{campaign}vars: {{go: {go}}}\n"));
        let ran = project.jalon(&["resume"]);
        assert_eq!(ran.code, Some(code), "go = {go}: {ran:?}");
    }
}
