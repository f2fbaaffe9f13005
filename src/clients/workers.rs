//! [`Workers`]: the workers of one Connect cluster, each as good as the next.

use super::endpoint::Endpoint;
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{self, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer},
};
use std::fmt;
use url::Url;

/// The REST APIs of a Connect cluster's workers, in the order in which they are tried; at least one. Written as a URL, as
/// an endpoint, or as a list of both, where a URL alone has the log-in of the first one.
#[derive(Debug, Clone, PartialEq)]
pub struct Workers(Vec<Endpoint>);

impl Workers {
    /// All of them, in their order.
    pub fn all(&self) -> &[Endpoint] {
        &self.0
    }
}

impl From<Endpoint> for Workers {
    fn from(endpoint: Endpoint) -> Self {
        Self(vec![endpoint])
    }
}

impl Serialize for Workers {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.as_slice() {
            // The form that it has had from the first version on.
            [one] => one.serialize(serializer),
            several => several.serialize(serializer),
        }
    }
}

/// A worker of a list, as it is written.
enum One {
    Url(Url),
    Whole(Endpoint),
}

impl<'de> Deserialize<'de> for One {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Form;

        impl<'de> Visitor<'de> for Form {
            type Value = One;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the URL of a worker, or `{url: …}` with its log-in")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<One, E> {
                Url::parse(text).map(One::Url).map_err(E::custom)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<One, A::Error> {
                Endpoint::deserialize(MapAccessDeserializer::new(map)).map(One::Whole)
            }
        }

        deserializer.deserialize_any(Form)
    }
}

impl<'de> Deserialize<'de> for Workers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Form;

        impl<'de> Visitor<'de> for Form {
            type Value = Workers;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the URL of a worker, `{url: …}` with its log-in, or a list of both")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Workers, E> {
                Url::parse(text).map(|url| Endpoint::at(url).into()).map_err(E::custom)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Workers, A::Error> {
                Endpoint::deserialize(MapAccessDeserializer::new(map)).map(Workers::from)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Workers, A::Error> {
                let mut all: Vec<Endpoint> = Vec::new();
                while let Some(one) = list.next_element()? {
                    all.push(match (one, all.first()) {
                        (One::Whole(endpoint), _) => endpoint,
                        (One::Url(url), Some(first)) => Endpoint { url, ..first.clone() },
                        (One::Url(url), None) => Endpoint::at(url),
                    });
                }
                match all.is_empty() {
                    true => Err(de::Error::custom("the list of workers is empty")),
                    false => Ok(Workers(all)),
                }
            }
        }

        deserializer.deserialize_any(Form)
    }
}

impl schemars::JsonSchema for Workers {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "workers".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let (url, endpoint) = (generator.subschema_for::<Url>(), generator.subschema_for::<Endpoint>());
        schemars::json_schema!({
            "anyOf": [url, endpoint, {"type": "array", "minItems": 1, "items": {"anyOf": [url, endpoint]}}]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clients::Environment;

    fn read(connect: &str) -> Result<Workers, String> {
        let text = format!("name: lab\nconnect: {connect}\n");
        let environment: Result<Environment, _> = serde_yaml::from_str(&text);
        environment.map(|environment| environment.connect.unwrap()).map_err(|error| error.to_string())
    }

    #[test]
    fn one_worker_or_several_are_read_in_each_form() {
        let urls = |connect: &str| -> Vec<String> {
            read(connect).unwrap().all().iter().map(|one| one.url.to_string()).collect()
        };
        assert_eq!(urls("http://a:8083"), ["http://a:8083/"]);
        assert_eq!(urls("{url: 'http://a:8083'}"), ["http://a:8083/"]);
        assert_eq!(urls("['http://a:8083', 'http://b:8083']"), ["http://a:8083/", "http://b:8083/"]);
        let shared =
            read("[{url: 'https://a:1', user: ops, password: 'env:P'}, 'https://b:1', {url: 'https://c:1'}]");
        let users: Vec<_> = shared.unwrap().all().iter().map(|one| one.user.clone()).collect();
        assert_eq!(users, [Some("ops".to_owned()), Some("ops".to_owned()), None]);
    }

    #[test]
    fn one_worker_is_written_as_ever_and_several_read_back() {
        let one = read("{url: 'http://a:8083', user: ops}").unwrap();
        assert_eq!(
            serde_json::to_value(&one).unwrap(),
            serde_json::json!({"url": "http://a:8083/", "user": "ops"})
        );
        let several = read("['http://a:8083', {url: 'http://b:8083', user: ops}]").unwrap();
        let back: Workers = serde_json::from_value(serde_json::to_value(&several).unwrap()).unwrap();
        assert_eq!(back, several);
    }

    #[test]
    fn what_is_none_is_told() {
        for (connect, told) in [
            ("[]", "the list of workers is empty"),
            ("[{urll: 'http://a:1'}]", "urll"),
            ("'a worker'", "relative URL"),
            ("7", "the URL of a worker"),
        ] {
            let error = read(connect).unwrap_err();
            assert!(error.contains(told), "{connect}: {error}");
        }
    }
}
