//! Reads the histograms of `latency.hlog` one after the other, with the crate that wrote them.

use super::messages;
use crate::record::{Arg, Said};
use base64::{Engine, engine::general_purpose::STANDARD};
use flate2::read::ZlibDecoder;
use hdrhistogram::{
    Histogram,
    serialization::{
        Deserializer,
        interval_log::{IntervalLogHistogram, IntervalLogIterator, LogEntry, Tag},
    },
};
use std::io::{self, Read};

/// The compressed form of version 2, as the first four bytes say. The length of what follows stands behind them.
const COMPRESSED: [u8; 4] = 0x1c84_9314_u32.to_be_bytes();

/// Bytes of a plain histogram at most. One of latencies up to an hour in four digits has room for 2.6 million.
const LARGEST: usize = 4 << 20;

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

/// One histogram of the log, still packed.
pub(super) struct Line<'a> {
    number: usize,
    interval: IntervalLogHistogram<'a>,
}

/// The histograms of a log, in their order; comments are passed over. An error names its line.
pub(super) fn lines(text: &str) -> impl Iterator<Item = Result<Line<'_>, Said>> {
    let lines = (1..).zip(text.split_inclusive('\n')).filter(|(_, line)| !line.trim().is_empty());
    lines.filter_map(|(number, line)| match IntervalLogIterator::new(line.as_bytes()).next()? {
        Ok(LogEntry::Interval(interval)) => Some(Ok(Line { number, interval })),
        Ok(LogEntry::BaseTime(_) | LogEntry::StartTime(_)) => None,
        Err(_) => Some(Err(messages::line_unreadable(number))),
    })
}

impl<'a> Line<'a> {
    /// What was measured; empty where the line has no tag.
    pub(super) fn tag(&self) -> &'a str {
        self.interval.tag().map_or("", |tag: Tag<'a>| tag.as_str())
    }

    /// Since the start of the load, in seconds.
    pub(super) fn start(&self) -> f64 {
        self.interval.start_timestamp().as_secs_f64()
    }
}

/// Unpacks histograms; keeps its buffers from one to the next.
pub(super) struct Reader {
    decoder: Deserializer,
    packed: Vec<u8>,
    plain: Vec<u8>,
}

impl Reader {
    pub(super) fn new() -> Self {
        Self { decoder: Deserializer::new(), packed: Vec::new(), plain: Vec::new() }
    }

    /// The counts of the histogram of a line. An error names the line.
    pub(super) fn read(&mut self, line: &Line<'_>) -> Result<Counts, Said> {
        let histogram = self.histogram(line).map_err(|why| messages::line_invalid(line.number, why))?;
        let count = |value: hdrhistogram::iterators::IterationValue<u64>| Count {
            highest: value.value_iterated_to(),
            width: histogram.equivalent_range(value.value_iterated_to()),
            count: value.count_at_value(),
        };
        Ok(histogram.iter_recorded().map(count).collect())
    }

    /// The crate's reader makes as much room as a histogram says that it needs, up to 4 GiB, and passes its checksum over:
    /// it gets what was unpacked, and is as long as it says.
    fn histogram(&mut self, line: &Line<'_>) -> Result<Histogram<u64>, Said> {
        self.packed.clear();
        self.plain.clear();
        let text = line.interval.encoded_histogram();
        let unreadable = |cause: String| messages::histogram_unreadable(cause);
        STANDARD.decode_vec(text, &mut self.packed).map_err(|e| unreadable(e.to_string()))?;
        let length = |bytes: &[u8]| Some(u32::from_be_bytes(bytes.get(4..8)?.try_into().ok()?) as usize);
        let stream = match (self.packed.get(..4), length(&self.packed)) {
            (Some(form), Some(length)) if form == COMPRESSED && self.packed.len() - 8 == length => {
                &self.packed[8..]
            }
            (Some(form), _) if form != COMPRESSED => {
                return Err(messages::histogram_of_another_form());
            }
            _ => return Err(messages::histogram_cut_short()),
        };
        let unpacked = ZlibDecoder::new(stream).take(LARGEST as u64 + 1).read_to_end(&mut self.plain);
        unpacked.map_err(|e: io::Error| messages::histogram_not_unpacked(e.to_string()))?;
        if self.plain.len() > LARGEST {
            return Err(messages::histogram_too_large(Arg::bytes(LARGEST as u64)));
        }
        if length(&self.plain).is_none_or(|length| length > self.plain.len()) {
            return Err(messages::histogram_cut_short());
        }
        self.decoder.deserialize(&mut self.plain.as_slice()).map_err(|e| unreadable(e.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::{Compression, write::ZlibEncoder};
    use hdrhistogram::serialization::{V2DeflateSerializer, interval_log::IntervalLogWriterBuilder};
    use proptest::prelude::*;
    use std::{io::Write, time::Duration};

    /// Its histogram is in the third line.
    fn log(histogram: &Histogram<u64>) -> String {
        let (mut out, mut serializer) = (Vec::new(), V2DeflateSerializer::new());
        let mut log = IntervalLogWriterBuilder::new()
            .add_comment("made by a test")
            .with_start_time(std::time::SystemTime::UNIX_EPOCH)
            .begin_log_with(&mut out, &mut serializer)
            .unwrap();
        log.write_histogram(histogram, Duration::from_millis(1500), Duration::from_secs(1), Tag::new("send"))
            .unwrap();
        String::from_utf8(out).unwrap()
    }

    /// The one histogram of a log, or the error.
    fn read(text: &str) -> Result<Counts, Said> {
        let line = lines(text).next().unwrap()?;
        assert_eq!((line.tag(), line.start()), ("send", 1.5));
        Reader::new().read(&line)
    }

    fn squares() -> Histogram<u64> {
        let mut histogram = Histogram::new_with_bounds(1, 3_600_000_000, 3).unwrap();
        (1..400_u64).for_each(|v| histogram.record(v * v).unwrap());
        histogram
    }

    /// A log whose one histogram is packed from these bytes.
    fn packed(form: [u8; 4], plain: &[u8]) -> String {
        let mut stream = ZlibEncoder::new(Vec::new(), Compression::fast());
        stream.write_all(plain).unwrap();
        let stream = stream.finish().unwrap();
        let length = u32::try_from(stream.len()).unwrap().to_be_bytes();
        format!("Tag=send,1.500,1.000,1.000,{}\n", STANDARD.encode([&form, &length, &stream[..]].concat()))
    }

    proptest! {
        #[test]
        fn what_is_read_is_what_was_recorded(
            values in prop::collection::vec((1_u64..3_600_000_000, 1_u64..1_000_000), 0..60),
            digits in 1_u8..=4,
            low in 1_u64..9,
        ) {
            let mut histogram = Histogram::new_with_bounds(low, 3_600_000_000, digits).unwrap();
            for (value, count) in values {
                histogram.record_n(value, count).unwrap();
            }
            let recorded: Counts = histogram
                .iter_recorded()
                .map(|v| Count {
                    highest: histogram.highest_equivalent(v.value_iterated_to()),
                    width: histogram.equivalent_range(v.value_iterated_to()),
                    count: v.count_at_value(),
                })
                .collect();
            prop_assert_eq!(read(&log(&histogram)).unwrap(), recorded);
        }

        #[test]
        fn damage_is_an_error_that_names_the_line(at in any::<prop::sample::Index>(), byte in b' '..b'~') {
            let text = log(&squares());
            let whole = read(&text).unwrap();
            let from = text.rfind(',').unwrap() + 1;
            let at = from + at.index(text.len() - 1 - from);

            let cut = read(&text[..at]).unwrap_err();
            prop_assert!(cut.starts_with("line 3"), "{}", cut);
            let cut = read(&format!("{}\n", &text[..at])).unwrap_err();
            prop_assert!(cut.starts_with("line 3: "), "{}", cut);

            let mut damaged = text.clone().into_bytes();
            damaged[at] = byte;
            match read(&String::from_utf8(damaged).unwrap()) {
                Err(why) => prop_assert!(why.starts_with("line 3: "), "{}", why),
                // Some bits of a stream say how hard it was packed, and no more.
                Ok(counts) => prop_assert_eq!(counts, whole, "byte {} is {}", at, char::from(byte)),
            }
        }
    }

    #[test]
    fn a_line_that_is_no_interval_is_an_error_that_names_it() {
        let text = log(&squares());
        for (from, to) in [("Tag=send,1.", "Tag=send,x."), ("Tag=send,", "Tag=send;"), (",1.000,", ",")] {
            let damaged = text.replace(from, to);
            assert_ne!(damaged, text);
            assert_eq!(read(&damaged).unwrap_err(), "line 3 could not be read");
        }
    }

    #[test]
    fn a_histogram_that_claims_much_gets_no_room_for_it() {
        let mut plain = 0x1c84_9313_u32.to_be_bytes().to_vec();
        plain.extend(u32::MAX.to_be_bytes());
        plain.extend([0; 32]);
        assert_eq!(read(&packed(COMPRESSED, &plain)).unwrap_err(), "line 1: the histogram is cut short");
        let zeros = packed(COMPRESSED, &vec![0; 64 << 20]);
        assert!(zeros.len() < 1 << 20);
        assert_eq!(read(&zeros).unwrap_err(), "line 1: the histogram is larger than 4.0 MiB");
        let other = read(&packed(*b"JLN1", &plain)).unwrap_err();
        assert_eq!(other, "line 1: the histogram does not have the compressed form, version 2");
    }
}
