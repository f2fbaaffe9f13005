//! Random Avro records of a schema, as a serializer with a schema registry writes them: a zero byte, the schema's id
//! (4 bytes, big-endian), the record ("wire format" of Confluent's serializers, which Apicurio's registry shares).

use super::Records;
use crate::record::{Said, Speaks, display_by_said, messages};
use apache_avro::{
    Days, Decimal, Duration, Millis, Months, Schema,
    schema::{Name, NamesRef, ResolvedSchema},
    to_avro_datum,
    types::Value,
};
use rand::{Rng, RngCore, SeedableRng, distr::Alphanumeric, rngs::SmallRng};

/// How many different records are made before the load; it sends them one after the other and begins again.
pub const DIFFERENT: usize = 1000;
/// Below this depth a schema that contains itself gets empty lists and the first branch of its unions.
const DEEPEST: usize = 8;
/// A day in milliseconds.
const DAY_MS: i32 = 86_400_000;
/// What times are spread over: 2025, in seconds since 1970.
const YEAR: std::ops::Range<i64> = 1_735_689_600..1_767_225_600;

/// Why there are no records.
#[derive(Debug, thiserror::Error)]
pub enum AvroError {
    /// It is no Avro schema, or cannot be used.
    Schema(Said),
    /// A record that was made of it cannot be encoded.
    Record(String),
}

impl Speaks for AvroError {
    fn said(&self) -> Said {
        match self {
            Self::Schema(why) => schema_unusable(why),
            Self::Record(why) => record_unusable(why),
        }
    }
}

display_by_said!(AvroError);

messages! {
    area "avro";
    endless(name) => "`{name}` contains itself without an end" / "`{name}` se contient sans fin";
    no_big_decimal() => "the logical type `big-decimal` is not supported" / "le type logique `big-decimal` n'est pas pris en charge";
    record_unusable(why) => "could not encode a record of the Avro schema: {why}" / "impossible d'encoder un enregistrement du schéma Avro : {why}";
    schema_unusable(why) => "the Avro schema cannot be used: {why}" / "le schéma Avro est inutilisable : {why}";
    undefined(name) => "it names `{name}` and does not define it" / "il nomme `{name}` et ne le définit pas";
    union_empty() => "a union is empty" / "une union est vide";
}

/// Records of `schema` (JSON) under its `id` in the registry. The same seed gives the same records.
pub fn records(schema: &str, id: u32, seed: u64) -> Result<Records, AvroError> {
    let parsed = Schema::parse_str(schema).map_err(|e| AvroError::Schema(Said::verbatim(e.to_string())))?;
    let resolved =
        ResolvedSchema::try_from(&parsed).map_err(|e| AvroError::Schema(Said::verbatim(e.to_string())))?;
    let mut maker = Maker { names: resolved.get_names(), random: SmallRng::seed_from_u64(seed) };
    let values = (0..DIFFERENT).map(|_| {
        let value = maker.value(&parsed, None, 0)?;
        let datum = to_avro_datum(&parsed, value).map_err(|e| AvroError::Record(e.to_string()))?;
        let mut record = Vec::with_capacity(5 + datum.len());
        record.push(0);
        record.extend_from_slice(&id.to_be_bytes());
        record.extend_from_slice(&datum);
        Ok(record.into_boxed_slice())
    });
    let values = values.collect::<Result<Vec<_>, AvroError>>()?;
    let name =
        parsed.name().map_or_else(|| "records".to_owned(), |name| format!("`{}`", name.fullname(None)));
    Ok(Records { what: format!("{DIFFERENT} random Avro {name}, schema {id}"), values: values.into() })
}

struct Maker<'s> {
    names: &'s NamesRef<'s>,
    random: SmallRng,
}

impl Maker<'_> {
    /// A value of `schema`; names in it are looked up in `namespace`, that of the record around it.
    fn value(&mut self, schema: &Schema, namespace: Option<&str>, depth: usize) -> Result<Value, AvroError> {
        let seconds = |random: &mut SmallRng| random.random_range(YEAR);
        Ok(match schema {
            Schema::Null => Value::Null,
            Schema::Boolean => Value::Boolean(self.random.random()),
            Schema::Int => Value::Int(self.random.random_range(0..1_000_000)),
            Schema::Long => Value::Long(self.random.random_range(0..1_000_000_000_000)),
            Schema::Float => Value::Float(self.random.random_range(0.0..1000.0)),
            Schema::Double => Value::Double(self.random.random_range(0.0..1_000_000.0)),
            Schema::Bytes => Value::Bytes(self.bytes(16)),
            Schema::String => Value::String(self.text()),
            Schema::Uuid => {
                let bits = u128::from(self.random.next_u64()) << 64 | u128::from(self.random.next_u64());
                let text = format!("{bits:032x}");
                let parts = [&text[..8], &text[8..12], &text[12..16], &text[16..20], &text[20..]];
                Value::String(parts.join("-"))
            }
            Schema::Array(array) => {
                let items = (0..self.length(depth)).map(|_| self.value(&array.items, namespace, depth + 1));
                Value::Array(items.collect::<Result<_, _>>()?)
            }
            Schema::Map(map) => {
                // One entry at most: the encoder writes several in an order that no seed decides.
                let entries = (0..self.length(depth).min(1)).map(|number| {
                    Ok((format!("key{number}"), self.value(&map.types, namespace, depth + 1)?))
                });
                Value::Map(entries.collect::<Result<_, AvroError>>()?)
            }
            Schema::Union(union) => {
                let branches = union.variants();
                let nothing = branches.iter().position(|branch| matches!(branch, Schema::Null));
                let at = match nothing {
                    Some(at) if depth >= DEEPEST => at,
                    _ if depth >= DEEPEST => 0,
                    _ => self.random.random_range(0..branches.len().max(1)),
                };
                let branch = branches.get(at).ok_or_else(|| AvroError::Schema(union_empty()))?;
                let at = u32::try_from(at).unwrap_or(u32::MAX);
                Value::Union(at, Box::new(self.value(branch, namespace, depth + 1)?))
            }
            Schema::Record(record) => {
                if depth > DEEPEST + 8 {
                    return Err(AvroError::Schema(endless(record.name.to_string())));
                }
                let inner = record.name.namespace.as_deref().or(namespace);
                let fields = record
                    .fields
                    .iter()
                    .map(|field| Ok((field.name.clone(), self.value(&field.schema, inner, depth + 1)?)));
                Value::Record(fields.collect::<Result<_, AvroError>>()?)
            }
            Schema::Enum(symbols) => {
                let at = self.random.random_range(0..symbols.symbols.len().max(1));
                let symbol = symbols.symbols.get(at).cloned().unwrap_or_default();
                Value::Enum(u32::try_from(at).unwrap_or(u32::MAX), symbol)
            }
            Schema::Fixed(fixed) => Value::Fixed(fixed.size, self.bytes(fixed.size)),
            Schema::Decimal(decimal) => {
                let size = match &*decimal.inner {
                    Schema::Fixed(fixed) => fixed.size,
                    _ => 4,
                };
                // A number of so many low bytes has no more digits than the precision allows; the rest, and with it
                // the sign, stays zero.
                let low = match decimal.precision {
                    8.. => 3,
                    5..=7 => 2,
                    3..=4 => 1,
                    _ => 0,
                };
                let mut bytes = vec![0; size];
                let from = size.saturating_sub(low).max(1).min(size);
                self.random.fill_bytes(&mut bytes[from..]);
                Value::Decimal(Decimal::from(bytes))
            }
            Schema::BigDecimal => {
                return Err(AvroError::Schema(no_big_decimal()));
            }
            Schema::Date => {
                Value::Date(i32::try_from(seconds(&mut self.random) / 86_400).unwrap_or_default())
            }
            Schema::TimeMillis => Value::TimeMillis(self.random.random_range(0..DAY_MS)),
            Schema::TimeMicros => Value::TimeMicros(i64::from(self.random.random_range(0..DAY_MS)) * 1000),
            Schema::TimestampMillis => Value::TimestampMillis(seconds(&mut self.random) * 1000),
            Schema::TimestampMicros => Value::TimestampMicros(seconds(&mut self.random) * 1_000_000),
            Schema::TimestampNanos => Value::TimestampNanos(seconds(&mut self.random) * 1_000_000_000),
            Schema::LocalTimestampMillis => Value::LocalTimestampMillis(seconds(&mut self.random) * 1000),
            Schema::LocalTimestampMicros => {
                Value::LocalTimestampMicros(seconds(&mut self.random) * 1_000_000)
            }
            Schema::LocalTimestampNanos => {
                Value::LocalTimestampNanos(seconds(&mut self.random) * 1_000_000_000)
            }
            Schema::Duration => {
                let days = Days::new(self.random.random_range(0..28));
                Value::Duration(Duration::new(Months::new(0), days, Millis::new(0)))
            }
            Schema::Ref { name } => {
                let full = Name {
                    name: name.name.clone(),
                    namespace: name.namespace.clone().or(namespace.map(str::to_owned)),
                };
                let names = self.names;
                let found = names.get(&full).or_else(|| names.get(name));
                let found = found.ok_or_else(|| AvroError::Schema(undefined(full.to_string())))?;
                self.value(found, namespace, depth)?
            }
        })
    }

    fn length(&mut self, depth: usize) -> usize {
        if depth >= DEEPEST { 0 } else { self.random.random_range(0..4) }
    }

    fn bytes(&mut self, size: usize) -> Vec<u8> {
        let mut bytes = vec![0; size];
        self.random.fill_bytes(&mut bytes);
        bytes
    }

    fn text(&mut self) -> String {
        let length = self.random.random_range(4..=20);
        (&mut self.random).sample_iter(Alphanumeric).take(length).map(char::from).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use apache_avro::from_avro_datum;

    const ORDER: &str = r#"{"type": "record", "name": "Order", "namespace": "shop", "fields": [
        {"name": "id", "type": {"type": "string", "logicalType": "uuid"}},
        {"name": "state", "type": {"type": "enum", "name": "State", "symbols": ["NEW", "PAID"]}},
        {"name": "before", "type": ["null", "State"], "default": null},
        {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
        {"name": "day", "type": {"type": "int", "logicalType": "date"}},
        {"name": "price", "type": {"type": "bytes", "logicalType": "decimal", "precision": 12, "scale": 2}},
        {"name": "few", "type": {"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 2}},
        {"name": "wide", "type": {"type": "fixed", "name": "Wide", "size": 16, "logicalType": "decimal", "precision": 10, "scale": 2}},
        {"name": "hash", "type": {"type": "fixed", "name": "Hash", "size": 16}},
        {"name": "lines", "type": {"type": "array", "items": {"type": "record", "name": "Line", "fields": [
            {"name": "count", "type": "int"}, {"name": "weight", "type": "double"}, {"name": "next", "type": ["null", "Line"]}]}}},
        {"name": "tags", "type": {"type": "map", "values": ["string", "long", "boolean"]}},
        {"name": "raw", "type": "bytes"}, {"name": "nothing", "type": "null"}, {"name": "f", "type": "float"}
    ]}"#;

    #[test]
    fn records_read_back_with_their_schema() {
        let made = records(ORDER, 0x0102_0304, 5).unwrap();
        assert!(
            made.what.contains("`shop.Order`") && made.what.ends_with("schema 16909060"),
            "{}",
            made.what
        );
        assert_eq!(made.values.len(), DIFFERENT);
        let schema = Schema::parse_str(ORDER).unwrap();
        let mut different = std::collections::BTreeSet::new();
        for value in made.values.iter() {
            assert_eq!(value[..5], [0, 1, 2, 3, 4]);
            let mut rest = &value[5..];
            let read = from_avro_datum(&schema, &mut rest, None).unwrap();
            assert!(rest.is_empty(), "{read:?}");
            let Value::Record(fields) = &read else { panic!("{read:?}") };
            for (name, value) in fields {
                let (Value::Decimal(decimal), digits) = (value, if name == "few" { 4 } else { 10 }) else {
                    continue;
                };
                let bytes: Vec<u8> = decimal.try_into().unwrap();
                let number = bytes.iter().fold(0_u128, |sum, byte| sum << 8 | u128::from(*byte));
                assert!(bytes[0] < 0x80 && number < 10_u128.pow(digits), "{name}: {bytes:?}");
            }
            different.insert(value.clone());
        }
        assert_eq!(different.len(), DIFFERENT);
        assert!(records(ORDER, 1, 5).unwrap() == records(ORDER, 1, 5).unwrap(), "one seed, one load");
    }

    #[test]
    fn schemas_that_make_no_record_are_told() {
        let endless = r#"{"type": "record", "name": "A", "fields": [{"name": "a", "type": "A"}]}"#;
        for (schema, said) in [
            ("{", "cannot be used"),
            (r#"{"type": "strng"}"#, "strng"),
            (endless, "without an end"),
            (r#"{"type": "record", "name": "A", "fields": [{"name": "b", "type": "B"}]}"#, "B"),
        ] {
            let error = records(schema, 1, 1).unwrap_err().to_string();
            assert!(error.contains(said), "{schema}: {error}");
        }
    }
}
