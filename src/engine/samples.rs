//! The samples of a watch as a CSV file, written while it looks and read back when only criteria changed.

use crate::{
    record::{ActionId, Evidence, Said, Sample, Unit, Value, messages, state::AttemptStatus},
    store::artifacts,
    support::files,
};
use std::{
    io::{self, Write},
    path::Path,
    time::Duration,
};

/// The first line, in the order in which a line is written. `state` says why a value is not there; `message` is what its sentence in `text` is in the catalogue.
const HEAD: [&str; 7] = ["at_s", "output", "value", "unit", "state", "text", "message"];
/// The first line of earlier versions, where `unit` also held texts and reasons.
const EARLIER: [&str; 4] = ["at_s", "output", "value", "unit"];
/// Name of the artifact.
pub(super) const FILE: &str = "samples.csv";
/// The state of a value that is missing.
const MISSING: &str = "missing";
/// Of one that was seen and cannot be judged.
const UNUSABLE: &str = "unusable";
/// Of a look that saw nothing.
const NOTHING: &str = "nothing";

messages! {
    area "samples";
    bad_line(line) => "line {line} cannot be read" / "la ligne {line} est illisible";
    none() => "there are none" / "il n'y en a pas";
    other_head() => "its first line is not that of this version" / "sa première ligne n'est pas celle de cette version";
}

/// Begins the file.
pub(super) fn begin<W: Write>(file: W) -> io::Result<csv::Writer<W>> {
    let mut file = csv::Writer::from_writer(file);
    file.write_record(HEAD)?;
    Ok(file)
}

/// One line a value; a look that saw nothing has a line with its reason.
pub(super) fn write(file: &mut csv::Writer<impl Write>, sample: &Sample) -> io::Result<()> {
    let at = sample.at.as_secs_f64();
    let mut line = |name: &str, value: &str, unit: &str, state: &str, text: &str, message: &str| {
        file.write_record([&format!("{at:.3}"), name, value, unit, state, text, message])
            .map_err(io::Error::from)
    };
    match &sample.seen {
        Ok(evidence) if evidence.values.is_empty() => line("", "", "", "", "", "")?,
        Ok(evidence) => {
            for (name, measured) in &evidence.values {
                match &measured.value {
                    Value::Number(number, unit) => {
                        line(name.as_str(), &number.to_string(), unit.symbol(), "", "", "")?;
                    }
                    Value::Flag(flag) => line(name.as_str(), &flag.to_string(), "", "", "", "")?,
                    Value::Missing(why) => {
                        let state = if measured.value.is_unusable() { UNUSABLE } else { MISSING };
                        line(name.as_str(), "", "", state, why, &why.message_json())?;
                    }
                    Value::Text(text) => line(name.as_str(), "", "", "", text, &text.message_json())?,
                }
            }
        }
        Err(reason) => line("", "", "", NOTHING, reason, &reason.message_json())?,
    }
    file.flush()
}

/// What a watch saw in an attempt, as it was kept.
pub(super) fn read(run_dir: &Path, attempt: &AttemptStatus, watch: &ActionId) -> Result<Vec<Sample>, Said> {
    let status = attempt.watches.get(watch).ok_or_else(none)?;
    let kept = status.artifacts.iter().find(|a| a.path.ends_with(FILE)).ok_or_else(none)?;
    artifacts::verify(run_dir, kept)?;
    let text = files::read(&run_dir.join(&kept.path), files::LARGEST)
        .map_err(|cause| artifacts::unread(kept, cause))?;
    parse(&text, &status.evidence)
}

/// The samples in a file. Units that the file does not tell apart come from the watch's summary.
fn parse(text: &[u8], summary: &Evidence) -> Result<Vec<Sample>, Said> {
    let mut reader = csv::ReaderBuilder::new().from_reader(text);
    let head = reader.headers().map_err(|_| other_head())?;
    let is_earlier = head.iter().eq(EARLIER);
    if !is_earlier && head.iter().ne(HEAD) {
        return Err(other_head());
    }
    let mut samples: Vec<Sample> = Vec::new();
    for (index, fields) in reader.records().enumerate() {
        let wrong = || bad_line(index + 2);
        let fields = fields.map_err(|_| wrong())?;
        let [at, name, value, state, said, message] =
            if is_earlier { earlier(&fields) } else { [0, 1, 2, 4, 5, 6].map(|column| &fields[column]) };
        let said = || Said::of_json(said, message);
        let at = at.parse().ok().and_then(|s| Duration::try_from_secs_f64(s).ok()).ok_or_else(wrong)?;
        if name.is_empty() {
            let seen = if state == NOTHING { Err(said()) } else { Ok(Evidence::default()) };
            samples.push(Sample { at, seen });
            continue;
        }
        let value = match (value, state) {
            ("true", _) => Value::Flag(true),
            ("false", _) => Value::Flag(false),
            ("", MISSING) => Value::missing(said()),
            ("", UNUSABLE) => Value::unusable(said()),
            ("", _) => Value::text(said()),
            (number, _) => Value::number(number.parse().map_err(|_| wrong())?, unit(name, summary)),
        };
        // The values of one look stand together, and no look has a name twice.
        let goes_on = samples.last().is_some_and(|last| {
            last.at == at && last.seen.as_ref().is_ok_and(|e| !e.values.is_empty() && e.get(name).is_none())
        });
        if !goes_on {
            samples.push(Sample { at, seen: Ok(Evidence::default()) });
        }
        if let Some(Sample { seen: Ok(evidence), .. }) = samples.last_mut() {
            evidence.put(name, value);
        }
    }
    Ok(samples)
}

/// The columns of a line of an earlier version: what its last one says decides.
fn earlier(fields: &csv::StringRecord) -> [&str; 6] {
    let [at, name, value, rest] = std::array::from_fn(|column| &fields[column]);
    let (state, said) = match (name, value, rest.split_once(": ")) {
        ("", _, _) if !rest.is_empty() => (NOTHING, rest),
        ("", ..) => ("", ""),
        (_, "", Some((state @ (MISSING | UNUSABLE), why))) => (state, why),
        (_, "", _) => ("", rest),
        _ => ("", ""),
    };
    [at, name, value, state, said, ""]
}

fn unit(name: &str, summary: &Evidence) -> Unit {
    let figure = |figure: &str| if name == "value" { figure.to_owned() } else { format!("{name}.{figure}") };
    match summary
        .get(&figure("max"))
        .into_iter()
        .chain(summary.get(&figure("last")))
        .find(|v| v.as_f64().is_some())
    {
        Some(Value::Number(_, unit)) => *unit,
        _ => Unit::of_name(name).unwrap_or(Unit::None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Language;

    #[test]
    fn samples_read_back_as_they_were() {
        let mut full = Evidence::default();
        full.put("value", Value::number(0.1 + 0.2, Unit::Milliseconds));
        full.put("up", Value::Flag(false));
        full.put("version", Value::text("3.7, \"patched\""));
        full.put("lag", Value::missing(none()));
        full.put("rate", Value::number(f64::INFINITY, Unit::None));
        let at = Duration::from_millis;
        let samples = vec![
            Sample { at: at(0), seen: Ok(full.clone()) },
            Sample { at: at(1500), seen: Err("no answer, \"really\"".into()) },
            Sample { at: at(3001), seen: Ok(Evidence::default()) },
            Sample { at: at(4501), seen: Ok(full) },
        ];
        let mut file = begin(Vec::new()).unwrap();
        samples.iter().for_each(|s| write(&mut file, s).unwrap());
        let text = file.into_inner().unwrap();
        let summary = crate::plan::criterion::summarise(&samples);
        assert_eq!(parse(&text, &summary).unwrap(), samples);
        let lag = parse(&text, &summary).unwrap()[0].seen.as_ref().unwrap().get("lag").cloned();
        let Some(Value::Missing(why)) = lag else { panic!("{lag:?}") };
        assert_eq!(why.in_language(Language::Fr), "il n'y en a pas");
        let head = HEAD.join(",");
        let text = format!("{head}\n0.000,rate,,,unusable,the value is inf,\n");
        let read = parse(text.as_bytes(), &summary).unwrap();
        assert!(read[0].seen.as_ref().unwrap().get("rate").unwrap().is_unusable());
        assert!(parse(b"at_s,output\n", &summary).is_err());
        assert!(parse(format!("{head}\n1,value,x,ms,,,\n").as_bytes(), &summary).is_err());
    }

    #[test]
    fn samples_of_earlier_versions_are_read() {
        let lines = "at_s,output,value,unit\n0.000,lag_ms,12.5,ms\n0.000,up,true,\n0.000,version,,\"3.7, \"\"old\"\"\"\n\
            1.000,lag_ms,,\"missing: no offset\"\n2.000,lag_ms,,\"unusable: the value is inf\"\n\
            3.000,,,\"no answer\"\n4.000,,,\n";
        let read = parse(lines.as_bytes(), &Evidence::default()).unwrap();
        let value = |at: usize, name| read[at].seen.as_ref().unwrap().get(name).unwrap();
        assert_eq!(value(0, "lag_ms"), &Value::number(12.5, Unit::Milliseconds));
        assert_eq!(value(0, "version"), &Value::text("3.7, \"old\""));
        assert_eq!(value(1, "lag_ms"), &Value::missing("no offset"));
        assert!(value(2, "lag_ms").is_unusable());
        assert_eq!(read[3].seen, Err("no answer".into()));
        assert_eq!(read[4].seen, Ok(Evidence::default()));
    }
}
