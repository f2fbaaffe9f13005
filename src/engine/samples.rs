//! The samples of a watch as a CSV file, written while it looks and read back when only criteria changed.

use crate::{
    record::{ActionId, Evidence, Sample, Unit, Value, state::AttemptStatus},
    store::artifacts,
    support::files,
};
use std::{
    io::{self, Write},
    path::Path,
    time::Duration,
};

/// The first line.
pub(super) const HEAD: &str = "at_s,output,value,unit";
/// Name of the artifact.
const FILE: &str = "samples.csv";
/// What stands in front of the reason why a value is missing.
const MISSING: &str = "missing: ";
/// The same for one that was seen and cannot be judged.
const UNUSABLE: &str = "unusable: ";

/// One line a value; a look that saw nothing has its reason in the place of the unit.
pub(super) fn write(file: &mut impl Write, sample: &Sample) -> io::Result<()> {
    let at = sample.at.as_secs_f64();
    match &sample.seen {
        Ok(evidence) if evidence.values.is_empty() => writeln!(file, "{at:.3},,,")?,
        Ok(evidence) => {
            for (name, measured) in &evidence.values {
                match &measured.value {
                    Value::Number(number, unit) => {
                        writeln!(file, "{at:.3},{name},{number},{}", unit.symbol())?
                    }
                    Value::Flag(flag) => writeln!(file, "{at:.3},{name},{flag},")?,
                    Value::Missing(why) => {
                        let mark = if measured.value.is_unusable() { UNUSABLE } else { MISSING };
                        writeln!(file, "{at:.3},{name},,{}", quoted(&format!("{mark}{why}")))?
                    }
                    Value::Text(text) => writeln!(file, "{at:.3},{name},,{}", quoted(text))?,
                }
            }
        }
        Err(reason) => writeln!(file, "{at:.3},,,{}", quoted(reason))?,
    }
    file.flush()
}

/// What a watch saw in an attempt, as it was kept.
pub(super) fn read(run_dir: &Path, attempt: &AttemptStatus, watch: &ActionId) -> Result<Vec<Sample>, String> {
    let status = attempt.watches.get(watch).ok_or("there are none")?;
    let kept = status.artifacts.iter().find(|a| a.path.ends_with(FILE)).ok_or("there are none")?;
    artifacts::verify(run_dir, kept).map_err(|e| e.to_string())?;
    let text = files::read(&run_dir.join(&kept.path), files::LARGEST).map_err(|e| e.to_string())?;
    let text = String::from_utf8(text).map_err(|e| e.to_string())?;
    parse(&text, &status.evidence)
}

/// The samples in a file. Units that the file does not tell apart come from the watch's summary.
fn parse(text: &str, summary: &Evidence) -> Result<Vec<Sample>, String> {
    let mut lines = text.lines().enumerate();
    if lines.next().map(|(_, line)| line) != Some(HEAD) {
        return Err("the first line is not as this version writes it".to_owned());
    }
    let mut samples: Vec<Sample> = Vec::new();
    for (index, line) in lines {
        let wrong = || format!("line {} cannot be read", index + 1);
        let mut fields = line.splitn(4, ',');
        let (Some(at), Some(name), Some(value), Some(rest)) =
            (fields.next(), fields.next(), fields.next(), fields.next())
        else {
            return Err(wrong());
        };
        let at = at.parse().ok().and_then(|s| Duration::try_from_secs_f64(s).ok()).ok_or_else(wrong)?;
        if name.is_empty() {
            let seen = if rest.is_empty() { Ok(Evidence::default()) } else { Err(unquoted(rest).into()) };
            samples.push(Sample { at, seen });
            continue;
        }
        let value = match value {
            "true" => Value::Flag(true),
            "false" => Value::Flag(false),
            "" => {
                let text = unquoted(rest);
                match (text.strip_prefix(MISSING), text.strip_prefix(UNUSABLE)) {
                    (Some(why), _) => Value::missing(why.to_owned()),
                    (_, Some(why)) => Value::unusable(why.to_owned()),
                    _ => Value::text(text),
                }
            }
            number => Value::number(number.parse().map_err(|_| wrong())?, unit(name, summary)),
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

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\"").replace(['\r', '\n'], " "))
}

fn unquoted(text: &str) -> String {
    let inner = text.strip_prefix('"').and_then(|t| t.strip_suffix('"')).unwrap_or(text);
    inner.replace("\"\"", "\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_read_back_as_they_were() {
        let mut full = Evidence::default();
        full.put("value", Value::number(0.1 + 0.2, Unit::Milliseconds));
        full.put("up", Value::Flag(false));
        full.put("version", Value::text("3.7, \"patched\""));
        full.put("lag", Value::missing("no offset".to_owned()));
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
        assert_eq!(parse(&String::from_utf8(text).unwrap(), &summary).unwrap(), samples);
        let text = format!("{HEAD}\n0.000,rate,,\"unusable: the value is inf\"\n");
        let read = parse(&text, &summary).unwrap();
        assert!(read[0].seen.as_ref().unwrap().get("rate").unwrap().is_unusable());
        assert!(parse("at_s,output\n", &summary).is_err());
        assert!(parse(&format!("{HEAD}\n1,value,x,ms\n"), &summary).is_err());
    }
}
