//! What criteria come to, over good data and bad.

use super::*;
use crate::record::{Evidence, Sample};
use std::sync::Arc;

fn criterion(text: &str, form: Form) -> Criterion {
    Criterion {
        expression: Expression::parse(text).unwrap().into(),
        form,
        severity: Severity::Critical,
        must: false,
        first_run: Verdict::Inconclusive,
        undecided: Verdict::Inconclusive,
        span: Span::default(),
    }
}

fn scope(value: Value) -> Scope {
    let mut evidence = Evidence::default();
    evidence.put("latency_ms.p99", value);
    let mut scope = Scope::default();
    scope.evidence.insert("a".into(), evidence);
    Arc::make_mut(&mut scope.fixed).insert("slo".to_owned(), serde_json::json!({"p99_ms": 100}));
    scope
}

#[test]
fn the_comparison_is_exact_and_keeps_both_sides() {
    let criterion = criterion("a.latency_ms.p99 < slo.p99_ms", Form::Expect);
    for (observed, verdict) in [(99.999_999, Verdict::Pass), (100.0, Verdict::Fail), (100.01, Verdict::Fail)]
    {
        let judged = criterion.judge(0, &scope(Value::number(observed, Unit::Milliseconds)));
        assert_eq!(judged.verdict, verdict, "{observed}");
        assert_eq!(judged.observed.unwrap().value, Value::number(observed, Unit::Milliseconds));
        assert_eq!(judged.limit.unwrap().value, Value::number(100.0, Unit::Milliseconds));
    }
}

#[test]
fn bad_data_is_inconclusive_and_never_a_pass() {
    let criterion = criterion("a.latency_ms.p99 < slo.p99_ms", Form::Expect);
    for value in [
        Value::missing("no data".to_owned()),
        Value::number(f64::NAN, Unit::Milliseconds),
        Value::number(f64::NEG_INFINITY, Unit::Milliseconds),
        Value::text("12"),
        Value::Flag(true),
    ] {
        let judged = criterion.judge(0, &scope(value.clone()));
        assert_eq!(judged.verdict, Verdict::Inconclusive, "{value:?}");
    }
    assert_eq!(criterion.judge(0, &Scope::default()).verdict, Verdict::Inconclusive);
}

#[test]
fn what_only_warns_and_cannot_be_judged_is_a_warning_that_says_so() {
    let mut criterion = criterion("a.latency_ms.p99 < slo.p99_ms", Form::Expect);
    criterion.severity = Severity::Warn;
    let judged = criterion.judge(0, &scope(Value::missing("no data".to_owned())));
    assert_eq!((judged.verdict, judged.is_judged()), (Verdict::Warn, false));
    assert!(
        judged.reason.starts_with("not judged: ") && judged.reason.contains("no data"),
        "{}",
        judged.reason
    );
    assert!(judged.reason.in_language(crate::record::Language::Fr).starts_with("non jugé : "));
    // Over the samples of a watch too.
    let form = Form::Always {
        watch: "w".into(),
        hold: Duration::ZERO,
        ignore_first: Duration::ZERO,
        every: Duration::from_secs(1),
        guard: false,
    };
    let tally = Tally::new(&Criterion { form, ..criterion }, 0, &Scope::default()).unwrap();
    assert_eq!(tally.finish().verdict, Verdict::Warn);
}

#[test]
fn a_verdict_needs_every_name_that_it_depends_on() {
    let mut scope = scope(Value::number(50.0, Unit::Milliseconds));
    let evidence = scope.evidence.get_mut(&crate::record::ActionId::from("a")).unwrap();
    evidence.put("state", Value::text("n/a")).put("gone", Value::missing("no data".to_owned()));
    for (text, verdict) in [
        ("a.state != 5", Verdict::Inconclusive),
        ("!(a.state == 5)", Verdict::Inconclusive),
        ("!(a.state in [5, 6])", Verdict::Inconclusive),
        ("a.gone != 5", Verdict::Inconclusive),
        ("[a.gone].all(x, x != 5)", Verdict::Inconclusive),
        ("{'k': a.gone} != {'k': 5}", Verdict::Inconclusive),
        ("a.latency_ms.p99 > 100 && a.gone < 5", Verdict::Fail),
        ("a.gone < 5 && a.latency_ms.p99 > 100", Verdict::Fail),
        ("a.latency_ms.p99 < 100 && a.gone < 5", Verdict::Inconclusive),
        ("a.latency_ms.p99 < 100 || a.gone < 5", Verdict::Pass),
        ("1 / (a.latency_ms.p99 - 50) > 5", Verdict::Inconclusive),
        // Only the lack of an earlier run is excused by `first_run`.
        ("a.latency_ms.p99 < previous.a.latency_ms.p99", Verdict::Pass),
        ("a.latency_ms.p99 < previous.a.latency_ms.p99 && a.gone < 5", Verdict::Inconclusive),
        ("a.latency_ms.p99 < previous.a.latency_ms.p99 && a.state != 5", Verdict::Inconclusive),
        ("a.state < previous.a.latency_ms.p99 * 2", Verdict::Inconclusive),
        ("a.gone < previous.a.gone", Verdict::Inconclusive),
        ("a.latency_ms.p99 < previous.a.latency_ms.p99 && a.latency_ms.p99 > 100", Verdict::Fail),
    ] {
        let criterion = Criterion { first_run: Verdict::Pass, ..criterion(text, Form::Expect) };
        let judged = criterion.judge(0, &scope);
        assert_eq!(judged.verdict, verdict, "{text}: {}", judged.reason);
    }
    let judged = criterion("1 / (a.latency_ms.p99 - 50) > 5", Form::Expect).judge(0, &scope);
    assert!(judged.reason.contains("`a.latency_ms.p99 - 50` is the number 0"), "{}", judged.reason);
}

/// One letter a sample, one sample a second: `.` holds, `x` breached, `?` nothing seen.
fn watched(pattern: &str, hold: u64) -> crate::record::event::Judgement {
    let form = Form::Always {
        watch: "w".into(),
        hold: Duration::from_secs(hold),
        ignore_first: Duration::ZERO,
        every: Duration::from_secs(1),
        guard: false,
    };
    let criterion = criterion("w.value == 0", form);
    let mut tally = Tally::new(&criterion, 0, &Scope::default()).unwrap();
    for (letter, second) in pattern.chars().zip(0..) {
        tally.push(&Sample {
            at: Duration::from_secs(second),
            seen: match letter {
                '?' => Err("no answer".into()),
                letter => {
                    let mut evidence = Evidence::default();
                    let value = match letter {
                        'i' => Value::number(f64::INFINITY, Unit::None),
                        'n' => Value::number(f64::NAN, Unit::None),
                        't' => Value::text("n/a"),
                        '-' => Value::missing("no series"),
                        letter => Value::count(u64::from(letter == 'x')),
                    };
                    evidence.put("value", value);
                    Ok(evidence)
                }
            },
        });
    }
    tally.finish()
}

#[test]
fn what_cannot_be_judged_may_be_a_breach() {
    let long = ".".repeat(20);
    for (pattern, hold, verdict) in [
        ("..i", 0, Verdict::Inconclusive),
        ("i..", 0, Verdict::Inconclusive),
        ("..n", 0, Verdict::Inconclusive),
        ("..t", 0, Verdict::Inconclusive),
        ("..-", 0, Verdict::Pass),
        // A gauge that has nothing to measure yet.
        ("n..", 0, Verdict::Pass),
        ("..ii..", 3, Verdict::Pass),
        ("..iiii..", 3, Verdict::Inconclusive),
        ("..i?xi..", 3, Verdict::Inconclusive),
        ("?..?", 0, Verdict::Pass),
        ("??..?", 0, Verdict::Inconclusive),
    ] {
        let judged = watched(&format!("{pattern}{long}"), hold);
        assert_eq!(judged.verdict, verdict, "{pattern} for {hold}s: {}", judged.reason);
    }
    let judged = watched("....i.i..", 0);
    let says = "watch `w`: 2 of 9 samples are unusable, the first at 4 s: `w.value` was not measured: the value is inf";
    assert_eq!(judged.reason, says);
}

/// What `expect` makes of a watch with one letter a second: a digit, `?` no answer, `-` no value, `i` infinite, `n` NaN,
/// `t` a text.
fn expected(text: &str, pattern: &str) -> crate::record::event::Judgement {
    let samples: Vec<Sample> =
        pattern.chars().zip(0..).map(|(letter, second)| looked(letter, second)).collect();
    let mut scope = Scope::default();
    scope.evidence.insert("w".into(), summarise(&samples));
    criterion(text, Form::Expect).judge(0, &scope)
}

fn looked(letter: char, second: u64) -> Sample {
    let mut evidence = Evidence::default();
    let value = match letter {
        'i' => Value::number(f64::INFINITY, Unit::None),
        'n' => Value::number(f64::NAN, Unit::None),
        't' => Value::text("n/a"),
        '-' => Value::missing("no series"),
        digit => Value::number(digit.to_digit(10).map_or(0.0, f64::from), Unit::None),
    };
    evidence.put("value", value);
    let seen = if letter == '?' { Err("HTTP 500".into()) } else { Ok(evidence) };
    Sample { at: Duration::from_secs(second), seen }
}

#[test]
fn no_figure_passes_over_a_sample_that_cannot_be_judged() {
    let long = "1".repeat(20);
    for (pattern, verdict, says) in [
        ("111", Verdict::Pass, "holds"),
        ("1i1", Verdict::Inconclusive, "1 of 23 samples are unusable, the first at 1 s: the value is inf"),
        ("i11", Verdict::Inconclusive, "1 of 23 samples are unusable, the first at 0 ms: the value is inf"),
        ("1n1", Verdict::Inconclusive, "the value is NaN"),
        ("1t1", Verdict::Inconclusive, "1 of 23 samples are unusable, the first at 1 s: not a number: n/a"),
        (
            "n11",
            Verdict::Pass,
            "holds; watch `w`: `value` has no value in 1 of 23 samples, the first at 0 ms",
        ),
        ("1-1", Verdict::Pass, "holds; watch `w`: `value` has no value in 1 of 23 samples, the first at 1 s"),
        ("1?1", Verdict::Pass, "holds; watch `w`: 1 of 23 samples are empty, the first at 1 s: HTTP 500"),
        ("1?1?", Verdict::Pass, "holds; watch `w`: 2 of 24 samples are empty, the first at 1 s: HTTP 500"),
        ("1?1?1?", Verdict::Inconclusive, "3 of 26 samples are empty"),
        ("1???1", Verdict::Inconclusive, "3 samples in a row are empty"),
    ] {
        for figure in ["w.max < 10", "w.avg < 10", "w.min < 10"] {
            let judged = expected(figure, &format!("{pattern}{long}"));
            assert_eq!(judged.verdict, verdict, "{figure} of {pattern}: {}", judged.reason);
            assert!(judged.reason.contains(says), "{figure} of {pattern}: {}", judged.reason);
        }
        assert_eq!(expected("w.last == 1", &format!("{pattern}{long}")).verdict, Verdict::Pass, "{pattern}");
    }
    assert_eq!(expected("w.samples == 3 && w.missed == 1", "1?1").reason, "holds");
    for pattern in ["11-1", "n111", "11i1", "-111"] {
        assert_eq!(expected("w.missed == 1", pattern).verdict, Verdict::Pass, "{pattern}");
    }
    // A figure of the last moments is none of the step.
    for (pattern, verdict) in
        [("--11", Verdict::Pass), ("---11", Verdict::Inconclusive), ("nnn1", Verdict::Inconclusive)]
    {
        assert_eq!(expected("w.max < 10", pattern).verdict, verdict, "{pattern}");
    }
    assert_eq!(expected("w.last < 10", "11i").verdict, Verdict::Inconclusive);
    assert_eq!(expected("w.max < 10", "iii").verdict, Verdict::Inconclusive);
}

#[test]
fn a_look_at_what_is_not_up_is_missed() {
    let look = |up: bool| {
        let mut evidence = Evidence::default();
        evidence.put("up", Value::Flag(up));
        let series = if up { Value::count(7) } else { Value::missing("connection refused") };
        evidence.put("series", series);
        evidence
    };
    let samples: Vec<Sample> = (0..)
        .zip([true, false, true, false])
        .map(|(at, up)| Sample { at: Duration::from_secs(at), seen: Ok(look(up)) })
        .collect();
    let summary = summarise(&samples);
    assert_eq!(summary.get("missed"), Some(&Value::count(2)));
    assert_eq!(summary.get("samples"), Some(&Value::count(4)));
}

#[test]
fn a_watch_is_breached_only_when_false_for_long_enough() {
    for (pattern, hold, verdict) in [
        ("......", 3, Verdict::Pass),
        ("..x...", 0, Verdict::Fail),
        ("..xx..", 3, Verdict::Pass),
        ("..xxxx..", 3, Verdict::Fail),
        ("..xx?x..", 3, Verdict::Fail),
        ("....xx", 3, Verdict::Inconclusive),
        ("??????", 3, Verdict::Inconclusive),
        ("..???..", 3, Verdict::Inconclusive),
        ("..?...", 3, Verdict::Pass),
        (".?.?.?.", 3, Verdict::Pass),
        (".??.??.", 3, Verdict::Inconclusive),
        ("", 0, Verdict::Inconclusive),
    ] {
        assert_eq!(watched(pattern, hold).verdict, verdict, "{pattern} for {hold}s");
    }
}

#[test]
fn a_watch_says_held_only_of_what_held() {
    for (pattern, hold, verdict, says) in [
        ("......", 600, Verdict::Pass, "held in 6 samples over 5 s"),
        (
            "..xx..",
            3,
            Verdict::Pass,
            "held in 4 of 6 samples over 5 s; did not hold in 2 samples, never for 3 s",
        ),
        (
            "..x?..",
            3,
            Verdict::Pass,
            "held in 4 of 6 samples over 5 s; did not hold in 1 sample, never for 3 s; 1 of 6",
        ),
        ("..?...", 3, Verdict::Pass, "held in 5 of 6 samples over 5 s; 1 of 6 samples are empty"),
        (
            ".xxxx.",
            600,
            Verdict::Inconclusive,
            "did not hold in 4 of 6 samples, and 5 s of samples are too short",
        ),
        (".x....", 600, Verdict::Inconclusive, "did not hold in 1 of 6 samples"),
        ("..xxxx", 600, Verdict::Inconclusive, "did not hold in the last 4 s"),
        ("xxxxxx", 600, Verdict::Inconclusive, "did not hold in the last 6 s"),
        ("xxx?xx", 600, Verdict::Inconclusive, "did not hold in the last 6 s"),
        (".xx?", 600, Verdict::Inconclusive, "did not hold in the last"),
        ("...???...", 600, Verdict::Inconclusive, "watch `w` had no sample for 3 s"),
        (".........???", 5, Verdict::Inconclusive, "watch `w` had no sample for 3 s"),
        ("...???......", 5, Verdict::Pass, "held in 9 of 12 samples over 11 s; 3 of 12 samples are empty"),
        ("..xx??......", 3, Verdict::Inconclusive, "did not hold or had no sample for 3 s"),
        ("..??xx......", 3, Verdict::Inconclusive, "did not hold or had no sample for 3 s"),
        ("..x??x......", 3, Verdict::Fail, "did not hold from 2 s to 5 s"),
    ] {
        let judged = watched(pattern, hold);
        assert_eq!(judged.verdict, verdict, "{pattern} for {hold}s: {}", judged.reason);
        assert!(judged.reason.contains(says), "{pattern} for {hold}s: {}", judged.reason);
    }
}

#[test]
fn a_look_that_hangs_leaves_a_gap_until_the_next_one() {
    let form = Form::Always {
        watch: "w".into(),
        hold: Duration::ZERO,
        ignore_first: Duration::ZERO,
        every: Duration::from_secs(1),
        guard: false,
    };
    let criterion = criterion("w.value == 0", form);
    let mut good = Evidence::default();
    good.put("value", Value::count(0));
    let nothing = || Err("no answer within 5 s".to_owned());
    let slow = vec![(0, Ok(good.clone())), (1000, nothing()), (6000, Ok(good.clone()))];
    // Three looks in a row, although each came a little sooner than it was due.
    let early = [Ok(good.clone()), nothing(), nothing(), nothing(), Ok(good)];
    let early = [0, 1001, 1999, 2996, 3990].into_iter().zip(early).collect();
    for looks in [slow, early] {
        let mut tally = Tally::new(&criterion, 0, &Scope::default()).unwrap();
        for (ms, seen) in looks {
            tally.push(&Sample { at: Duration::from_millis(ms), seen: seen.map_err(Into::into) });
        }
        assert_eq!(tally.finish().verdict, Verdict::Inconclusive);
    }
}

#[test]
fn a_gap_in_a_watch_is_no_figure() {
    let samples = |pattern: &str| -> Vec<Sample> {
        pattern
            .chars()
            .map(|letter| Sample {
                at: Duration::ZERO,
                seen: match letter {
                    '?' => Err("no answer".into()),
                    letter => {
                        let digit = letter.to_digit(10).map_or(f64::NAN, f64::from);
                        let mut evidence = Evidence::default();
                        evidence.put("value", Value::number(digit, Unit::Count));
                        Ok(evidence)
                    }
                },
            })
            .collect()
    };
    for (pattern, max, last) in [
        ("1234", Some(4.0), Some(4.0)),
        ("12??4", None, Some(4.0)),
        ("12??456789123456789123", Some(9.0), Some(3.0)),
        ("12???456789123456789123456789123", None, Some(3.0)),
        ("123456789?", Some(9.0), None),
        ("12????", None, None),
        ("????12", None, Some(2.0)),
        ("nn12", Some(2.0), Some(2.0)),
        ("nnnn12", None, Some(2.0)),
        ("1??2??3", None, Some(3.0)),
    ] {
        let summary = summarise(&samples(pattern));
        assert_eq!(summary.get("max").unwrap().as_f64(), max, "{pattern}");
        assert_eq!(summary.get("last").unwrap().as_f64(), last, "{pattern}");
    }
}

#[test]
fn a_watch_of_one_value_is_summed_up_under_its_own_name() {
    let samples: Vec<Sample> = [1.0, 3.0]
        .into_iter()
        .map(|v| {
            let mut evidence = Evidence::default();
            evidence.put("value", Value::number(v, Unit::None));
            Sample { at: Duration::ZERO, seen: Ok(evidence) }
        })
        .collect();
    let summary = summarise(&samples);
    assert_eq!(summary.get("max").unwrap().as_f64(), Some(3.0));
    assert_eq!(summary.get("avg").unwrap().as_f64(), Some(2.0));
    assert_eq!(summary.get("samples").unwrap().as_f64(), Some(2.0));
}

/// A scope in which the load `a` differs from the previous run by these percents: estimate and interval.
fn changed(percent: f64, low: f64, high: f64) -> Scope {
    use crate::{expression::Changed, plan::scope::Compared};
    let mut scope =
        Scope { previous: Some(Compared { run: "r1".into(), ..Compared::default() }), ..Scope::default() };
    let path = ["a", "latency_ms", "p99"].map(str::to_owned).to_vec();
    let changed = Changed { run: "previous".to_owned(), path };
    let differs = "topic: min.insync.replicas: 1 → 2".to_owned();
    scope.changes.insert(changed, Ok(Change { percent, low, high, differs: differs.into() }));
    scope
}

#[test]
fn a_difference_is_judged_with_its_whole_interval() {
    for (text, (percent, low, high), verdict, says) in [
        (
            "change(a.latency_ms.p99) < 10",
            (3.0, -2.0, 8.0),
            Verdict::Pass,
            "holds; a.latency_ms.p99 changed by +3.0 % (-2.0 % to +8.0 %): no detectable difference",
        ),
        (
            "change(a.latency_ms.p99) < 10",
            (5.0, 2.0, 8.0),
            Verdict::Pass,
            "changed by +5.0 % (+2.0 % to +8.0 %); also differs",
        ),
        (
            "change(a.latency_ms.p99) < 10",
            (25.0, 15.0, 40.0),
            Verdict::Fail,
            "does not hold; a.latency_ms.p99 changed by +25.0 %",
        ),
        ("change(a.latency_ms.p99) < 10", (8.0, -5.0, 22.0), Verdict::Inconclusive, "not decided; "),
        (
            "change(a.latency_ms.p99) < 10",
            (8.0, -5.0, 22.0),
            Verdict::Inconclusive,
            "no detectable difference; the interval includes the limit",
        ),
        (
            "change(a.latency_ms.p99) > -10 && change(a.latency_ms.p99) < 10",
            (0.0, -20.0, 20.0),
            Verdict::Inconclusive,
            "not decided",
        ),
        (
            "change(a.latency_ms.p99) < 10",
            (3.0, -2.0, 8.0),
            Verdict::Pass,
            "also differs: topic: min.insync.replicas: 1 → 2; compared with run r1",
        ),
    ] {
        let judged = criterion(text, Form::Expect).judge(0, &changed(percent, low, high));
        assert_eq!(judged.verdict, verdict, "{text}: {}", judged.reason);
        assert!(judged.reason.contains(says), "{says}: {}", judged.reason);
        let observed = judged.observed.unwrap();
        assert!(observed.text == "change(a.latency_ms.p99)", "{observed:?}");
        assert_eq!(observed.value, Value::number(percent, Unit::Percent));
    }
    let lenient =
        Criterion { undecided: Verdict::Pass, ..criterion("change(a.latency_ms.p99) < 10", Form::Expect) };
    assert_eq!(lenient.judge(0, &changed(8.0, -5.0, 22.0)).verdict, Verdict::Pass);
    assert_eq!(lenient.judge(0, &changed(25.0, 15.0, 40.0)).verdict, Verdict::Fail);
}

#[test]
fn an_end_of_an_interval_without_an_answer_is_no_noise() {
    let text = "10 / change(a.latency_ms.p99) > 1";
    let lenient = Criterion { undecided: Verdict::Pass, ..criterion(text, Form::Expect) };
    let judged = lenient.judge(0, &changed(5.0, 0.0, 8.0));
    assert_eq!(judged.verdict, Verdict::Inconclusive, "{}", judged.reason);
    assert!(judged.reason.contains("`change(a.latency_ms.p99)` is the number 0"), "{}", judged.reason);
}

#[test]
fn a_difference_that_cannot_be_told_is_inconclusive_and_says_why() {
    let text = "change(a.latency_ms.p99) < 10";
    let mut scope = changed(0.0, 0.0, 0.0);
    for change in scope.changes.values_mut() {
        *change = Err("it is not the same load from the same client: load: rate: 1000/s → 2000/s".into());
    }
    let lenient =
        Criterion { undecided: Verdict::Pass, first_run: Verdict::Pass, ..criterion(text, Form::Expect) };
    let judged = lenient.judge(0, &scope);
    assert_eq!(judged.verdict, Verdict::Inconclusive, "what is not the same load is no noise");
    assert!(
        judged.reason.starts_with("`change(a.latency_ms.p99)` is unknown: it is not the same load"),
        "{}",
        judged.reason
    );
    scope.previous = None;
    let judged = lenient.judge(0, &scope);
    assert_eq!(judged.verdict, Verdict::Pass, "there is no earlier run: {}", judged.reason);
    assert!(judged.reason.contains("no earlier run"), "{}", judged.reason);
}
