//! Columns of numbers in the tables that loads and watches keep second by second, read line by line: a day has a million.

use crate::record::{Said, messages};
use std::io::{self, BufRead};

/// No line of such a file is longer.
const LINE: usize = 64 * 1024;

/// Reads a table whose first line names its columns. `choose` gets the names and says which columns are wanted, in its
/// own order; `each` gets their numbers, line by line, with nothing where a cell is empty, no number, or not wanted.
/// A line that ends before the last wanted column is an error.
pub fn columns(
    reader: &mut impl BufRead,
    choose: impl FnOnce(&[&str]) -> Result<Vec<Option<usize>>, Said>,
    mut each: impl FnMut(&[Option<f64>]) -> Result<(), Said>,
) -> Result<(), Said> {
    let mut choose = Some(choose);
    // For each column its place among the values.
    let mut places: Vec<Option<usize>> = Vec::new();
    let mut values: Vec<Option<f64>> = Vec::new();
    let mut number_of_line = 0_usize;
    each_line(reader, |line| {
        number_of_line += 1;
        if let Some(choose) = choose.take() {
            let head = String::from_utf8_lossy(line);
            let wanted = choose(&head.split(',').map(str::trim).collect::<Vec<_>>())?;
            values = vec![None; wanted.len()];
            places = vec![None; wanted.iter().flatten().max().map_or(0, |last| last + 1)];
            for (value, column) in wanted.into_iter().enumerate() {
                if let Some(column) = column {
                    places[column] = Some(value);
                }
            }
            return Ok(());
        }
        if line.trim_ascii().is_empty() {
            return Ok(());
        }
        let mut rest = Some(line);
        for place in &places {
            let Some(cells) = rest else { return Err(columns_differ(number_of_line)) };
            // A cell is a few bytes: looking at each is quicker than a search.
            let end = cells.iter().position(|byte| *byte == b',').unwrap_or(cells.len());
            if let Some(place) = place {
                values[*place] = number(&cells[..end]);
            }
            rest = cells.get(end + 1..);
        }
        each(&values)
    })
}

messages! {
    area "columns";
    columns_differ(line) => "line {line} has other columns than the first one" / "la ligne {line} n'a pas les colonnes de la première";
    too_long(bytes) => "a line is longer than {bytes} bytes" / "une ligne fait plus de {bytes} octets";
}

/// Lines of a file, without their ends; one that is too long is an error.
pub fn each_line(
    reader: &mut impl BufRead,
    mut line: impl FnMut(&[u8]) -> Result<(), Said>,
) -> Result<(), Said> {
    let mut kept: Vec<u8> = Vec::new();
    loop {
        let buffer = match reader.fill_buf() {
            Ok(buffer) => buffer,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(Said::verbatim(e.to_string())),
        };
        if buffer.is_empty() {
            return if kept.is_empty() { Ok(()) } else { line(&kept) };
        }
        let mut rest = buffer;
        while let Some(end) = memchr::memchr(b'\n', rest) {
            match kept.is_empty() {
                true => line(&rest[..end])?,
                false => {
                    kept.extend(&rest[..end]);
                    line(&kept)?;
                    kept.clear();
                }
            }
            rest = &rest[end + 1..];
        }
        if kept.len() + rest.len() > LINE {
            return Err(too_long(LINE));
        }
        kept.extend(rest);
        let used = buffer.len();
        reader.consume(used);
    }
}

/// A number as the files have it; an empty cell and what is none is nothing.
pub fn number(cell: &[u8]) -> Option<f64> {
    let (mut value, mut point) = (0_u64, None);
    // Fifteen digits are exact; whatever else there may be, the library reads.
    if !cell.is_empty() && cell.len() <= 16 {
        let mut plain = true;
        for (at, byte) in cell.iter().enumerate() {
            match byte {
                b'0'..=b'9' => value = value * 10 + u64::from(byte - b'0'),
                b'.' if point.is_none() && at > 0 => point = Some(at),
                _ => {
                    plain = false;
                    break;
                }
            }
        }
        let decimals = point.map_or(0, |at| cell.len() - at - 1);
        if plain && decimals < 10 && value < 1 << 53 {
            #[expect(clippy::cast_precision_loss, reason = "it is below 2^53")]
            return Some(value as f64 / TENS[decimals]);
        }
    }
    std::str::from_utf8(cell).ok()?.trim().parse().ok().filter(|v: &f64| v.is_finite())
}

const TENS: [f64; 10] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];
