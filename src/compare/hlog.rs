//! Reads the histograms of `latency.hlog` one after the other, without making a whole histogram of each.
//!
//! The crate `hdrhistogram` reads one into 190 KB of counters; a campaign has hundreds of thousands of them, each with
//! some hundred values. A test compares what is read here with what the crate reads.

use base64::{Engine, engine::general_purpose::STANDARD};
use flate2::{Decompress, FlushDecompress};

/// Compressed and plain form of version 2, as the first four bytes say.
const COMPRESSED: u32 = 0x1c84_9314;
const PLAIN: u32 = 0x1c84_9313;
/// Bytes of the plain form before the counters.
const HEAD: usize = 40;

/// Reads histograms; keeps its buffers from one to the next.
pub(super) struct Reader {
    inflate: Decompress,
    packed: Vec<u8>,
    plain: Vec<u8>,
}

/// How many values fell into one bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Count {
    /// The highest value that the bucket stands for.
    pub(super) highest: u64,
    /// How many values it stands for.
    pub(super) width: u64,
    /// How many fell into it.
    pub(super) count: u64,
}

/// The buckets that are not empty, ascending.
pub(super) type Counts = Vec<Count>;

/// One line of the log.
pub(super) struct Line<'a> {
    /// What was measured; empty where the line has no tag.
    pub(super) tag: &'a str,
    /// Since the start of the load, in seconds.
    pub(super) start: f64,
    encoded: &'a str,
}

/// The histograms of a log, in their order; comments are passed over.
pub(super) fn lines(text: &str) -> impl Iterator<Item = Result<Line<'_>, String>> {
    let lines = text.lines().enumerate().filter(|(_, line)| {
        !line.is_empty() && !line.starts_with('#') && !line.starts_with("\"StartTimestamp\"")
    });
    lines.map(|(index, line)| parse(line).ok_or_else(|| format!("line {} cannot be read", index + 1)))
}

fn parse(line: &str) -> Option<Line<'_>> {
    let (tag, rest) = match line.strip_prefix("Tag=") {
        Some(rest) => rest.split_once(',')?,
        None => ("", line),
    };
    let mut fields = rest.splitn(4, ',');
    let start = fields.next()?.parse().ok()?;
    let encoded = fields.nth(2)?;
    Some(Line { tag, start, encoded })
}

impl Reader {
    pub(super) fn new() -> Self {
        Self { inflate: Decompress::new(true), packed: Vec::new(), plain: Vec::new() }
    }

    /// Reads the histogram of a line into `counts`.
    pub(super) fn read(&mut self, line: &Line<'_>, counts: &mut Counts) -> Result<(), String> {
        counts.clear();
        self.packed.clear();
        STANDARD.decode_vec(line.encoded, &mut self.packed).map_err(|e| e.to_string())?;
        let word = |bytes: &[u8], at: usize| -> Option<u32> {
            Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
        };
        let cut = || "a histogram is cut short".to_owned();
        if word(&self.packed, 0).ok_or_else(cut)? != COMPRESSED {
            return Err("a histogram is not of the compressed form, version 2".to_owned());
        }
        self.inflate.reset(true);
        self.plain.clear();
        loop {
            let read = 8 + usize::try_from(self.inflate.total_in()).unwrap_or(usize::MAX - 8);
            let rest = self.packed.get(read..).ok_or_else(cut)?;
            self.plain.reserve((4 * rest.len()).max(256));
            let before = (self.inflate.total_in(), self.inflate.total_out());
            // Not `Finish`: that one fails for good where the room does not do at the first go.
            let status = self
                .inflate
                .decompress_vec(rest, &mut self.plain, FlushDecompress::None)
                .map_err(|e| e.to_string())?;
            if status == flate2::Status::StreamEnd {
                break;
            }
            if before == (self.inflate.total_in(), self.inflate.total_out()) {
                return Err(cut());
            }
        }
        let plain = &self.plain;
        let long = |at: usize| Some(u64::from(word(plain, at)?) << 32 | u64::from(word(plain, at + 4)?));
        let head = || {
            let payload = usize::try_from(word(plain, 4)?).ok()?;
            Some((word(plain, 0)?, payload, word(plain, 8)?, word(plain, 12)?, long(16)?, long(32)?))
        };
        let (form, length, offset, digits, low, ratio) = head().ok_or_else(cut)?;
        if form != PLAIN || offset != 0 || !(1..=5).contains(&digits) || low == 0 || ratio != 1f64.to_bits() {
            return Err("a histogram is of a form that is not read here".to_owned());
        }
        let buckets = Buckets::new(digits, low);
        let counters = plain.get(HEAD..HEAD + length).ok_or_else(cut)?;
        decode(counters, &buckets, counts).ok_or_else(|| "a histogram has impossible counters".to_owned())
    }
}

/// How the format lays its buckets out.
struct Buckets {
    /// Of the least value that is told apart, as a power of two.
    unit: u32,
    /// Half of the buckets of one power of two, as a power of two.
    half: u32,
}

impl Buckets {
    fn new(digits: u32, low: u64) -> Self {
        let apart = 2 * 10_u64.pow(digits);
        Self { unit: low.ilog2(), half: apart.next_power_of_two().ilog2() - 1 }
    }

    /// The highest value that the counter at `index` stands for, and how many values.
    fn of(&self, index: u64) -> Option<(u64, u64)> {
        let half = 1 << self.half;
        let (power, place) = match index >> self.half {
            0 => (0, index),
            above => (u32::try_from(above - 1).ok()?, (index & (half - 1)) + half),
        };
        let shift = power + self.unit;
        (shift + self.half < 63).then(|| (((place + 1) << shift) - 1, 1 << shift))
    }
}

/// Counters as zigzag LEB128 numbers of at most nine bytes: a negative one is so many zeros.
fn decode(mut bytes: &[u8], buckets: &Buckets, counts: &mut Counts) -> Option<()> {
    let mut index = 0_u64;
    while !bytes.is_empty() {
        let (mut number, mut used) = (0_u64, 0);
        loop {
            let byte = *bytes.get(used)?;
            if used == 8 {
                number |= u64::from(byte) << 56;
                used += 1;
                break;
            }
            number |= u64::from(byte & 0x7f) << (7 * used);
            used += 1;
            if byte & 0x80 == 0 {
                break;
            }
        }
        bytes = &bytes[used..];
        let half = i64::try_from(number >> 1).ok()?;
        match if number & 1 == 0 { half } else { -half - 1 } {
            zeros if zeros < 0 => index = index.checked_add(zeros.unsigned_abs())?,
            0 => index += 1,
            count => {
                let (highest, width) = buckets.of(index)?;
                counts.push(Count { highest, width, count: count.unsigned_abs() });
                index += 1;
            }
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use hdrhistogram::{
        Histogram,
        serialization::{Deserializer, V2DeflateSerializer, interval_log::IntervalLogWriterBuilder},
    };
    use proptest::prelude::*;
    use std::time::Duration;

    fn log(histogram: &Histogram<u64>) -> String {
        let (mut out, mut serializer) = (Vec::new(), V2DeflateSerializer::new());
        let mut log = IntervalLogWriterBuilder::new()
            .add_comment("made by a test")
            .with_start_time(std::time::SystemTime::UNIX_EPOCH)
            .begin_log_with(&mut out, &mut serializer)
            .unwrap();
        let tag = hdrhistogram::serialization::interval_log::Tag::new("send");
        log.write_histogram(histogram, Duration::from_millis(1500), Duration::from_secs(1), tag).unwrap();
        String::from_utf8(out).unwrap()
    }

    proptest! {
        #[test]
        fn what_is_read_is_what_the_crate_reads(
            values in prop::collection::vec((1_u64..3_600_000_000, 1_u64..1_000_000), 0..60),
            digits in 1_u8..=4,
            low in 1_u64..9,
        ) {
            let mut histogram = Histogram::new_with_bounds(low, 3_600_000_000, digits).unwrap();
            for (value, count) in values {
                histogram.record_n(value, count).unwrap();
            }
            let text = log(&histogram);
            let line = lines(&text).next().unwrap().unwrap();
            prop_assert_eq!((line.tag, line.start), ("send", 1.5));
            let mut counts = Counts::new();
            Reader::new().read(&line, &mut counts).unwrap();
            let bytes = STANDARD.decode(line.encoded).unwrap();
            let theirs: Histogram<u64> = Deserializer::new().deserialize(&mut bytes.as_slice()).unwrap();
            let theirs: Counts = theirs
                .iter_recorded()
                .map(|v| Count {
                    highest: theirs.highest_equivalent(v.value_iterated_to()),
                    width: theirs.equivalent_range(v.value_iterated_to()),
                    count: v.count_at_value(),
                })
                .collect();
            prop_assert_eq!(counts, theirs);
        }

        #[test]
        fn regular_latencies_shrink_to_almost_nothing_and_are_read(step in 1_u64..2000, times in 100_u64..3000) {
            let mut histogram = Histogram::new_with_bounds(1, 3_600_000_000, 3).unwrap();
            (1..=times).for_each(|n| histogram.record(n * step).unwrap());
            let text = log(&histogram);
            let mut counts = Counts::new();
            Reader::new().read(&lines(&text).next().unwrap().unwrap(), &mut counts).unwrap();
            prop_assert_eq!(counts.iter().map(|of| of.count).sum::<u64>(), times);
        }

        #[test]
        fn damage_is_an_error_and_no_panic(at in 0_usize..400, byte in any::<u8>()) {
            let mut histogram = Histogram::new_with_bounds(1, 3_600_000_000, 3).unwrap();
            (1..400_u64).for_each(|v| histogram.record(v * v).unwrap());
            let text = log(&histogram);
            let line = lines(&text).next().unwrap().unwrap();
            let mut bytes = STANDARD.decode(line.encoded).unwrap();
            let at = at % bytes.len();
            bytes[at] = byte;
            for bytes in [&bytes[..], &bytes[..at]] {
                let encoded = STANDARD.encode(bytes);
                let _ = Reader::new().read(&Line { tag: "", start: 0.0, encoded: &encoded }, &mut Vec::new());
            }
        }
    }
}
