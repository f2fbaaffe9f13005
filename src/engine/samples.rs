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

/// The first line. `state` says why a value is not there; `message` is what its sentence in `text` is in the catalogue.
pub(super) const HEAD: &str = "at_s,output,value,unit,state,text,message";
/// Name of the artifact.
const FILE: &str = "samples.csv";
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

/// One line a value; a look that saw nothing has a line with its reason.
pub(super) fn write(file: &mut impl Write, sample: &Sample) -> io::Result<()> {
    let at = sample.at.as_secs_f64();
    let mut file = csv::WriterBuilder::new().has_headers(false).from_writer(file);
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
    if reader.headers().is_ok_and(|head| head.iter().ne(HEAD.split(','))) {
        return Err(other_head());
    }
    let mut samples: Vec<Sample> = Vec::new();
    for (index, fields) in reader.records().enumerate() {
        let wrong = || bad_line(index + 2);
        let fields = fields.map_err(|_| wrong())?;
        let [at, name, value, _, state, said, message] = std::array::from_fn(|at| &fields[at]);
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
        let mut text = format!("{HEAD}\n").into_bytes();
        samples.iter().for_each(|s| write(&mut text, s).unwrap());
        let summary = crate::plan::criterion::summarise(&samples);
        assert_eq!(parse(&text, &summary).unwrap(), samples);
        let lag = parse(&text, &summary).unwrap()[0].seen.as_ref().unwrap().get("lag").cloned();
        let Some(Value::Missing(why)) = lag else { panic!("{lag:?}") };
        assert_eq!(why.in_language(Language::Fr), "il n'y en a pas");
        let text = format!("{HEAD}\n0.000,rate,,,unusable,the value is inf,\n");
        let read = parse(text.as_bytes(), &summary).unwrap();
        assert!(read[0].seen.as_ref().unwrap().get("rate").unwrap().is_unusable());
        assert!(parse(b"at_s,output\n", &summary).is_err());
        assert!(parse(format!("{HEAD}\n1,value,x,ms,,,\n").as_bytes(), &summary).is_err());
    }
}
