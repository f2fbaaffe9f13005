//! Secrets that were learnt, in every form.

use super::super::*;
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use serde_json::json;

/// Every form of a secret in a text.
fn forms(secret: &str) -> Vec<String> {
    let json = serde_json::to_string(secret).unwrap();
    let url: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let html =
        secret.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;").replace('\'', "&#39;");
    vec![
        secret.to_owned(),
        json[1..json.len() - 1].to_owned(),
        serde_json::to_string(&json).unwrap(),
        url.replace('+', "%20"),
        url.to_lowercase().replace('+', "%20"),
        url,
        html,
        format!("'{}'", secret.replace('\'', r"'\''")),
        STANDARD.encode(secret),
        STANDARD.encode(format!("ana:{secret}")),
        STANDARD.encode(format!("anna:{secret}")),
        STANDARD.encode(format!("a:{secret}\n")),
        STANDARD.encode(STANDARD.encode(secret)),
        STANDARD.encode(format!("{{\"auth\": \"{}\"}}", STANDARD.encode(format!("ana:{secret}")))),
        format!("{secret:?}"),
    ]
}

#[test]
fn a_learnt_secret_is_masked_in_every_form() {
    let secrets = ["p&q<r>\"s'\\t/ü=1", "s3cr3t of the test, really", "plain-long-secret", "dollar$and`tick"];
    secrets.iter().for_each(|secret| learn(secret));
    for secret in secrets {
        for form in forms(secret) {
            for text in [form.clone(), format!("a {form} b"), format!("a\n{form}\nb")] {
                let masked = mask(&text);
                assert!(masked.contains(MASK), "{secret}: {text}");
                for at in secret.char_indices().map(|(at, _)| at).filter(|at| at + 5 <= secret.len()) {
                    let part = secret.get(at..at + 5);
                    assert!(part.is_none_or(|part| !masked.contains(part)), "{secret}: {masked}");
                }
                assert!(may_mask(&serde_json::to_string(&text).unwrap()), "{text}");
            }
        }
        assert_eq!(mask(&format!("a\n{secret}\n  b")), "a\n***\n  b");
    }
}

#[test]
fn of_secrets_that_overlap_nothing_is_left() {
    ["0verlap-one", "0verlap-one-longer", "longer-and-more", "0verlap"]
        .iter()
        .for_each(|secret| learn(secret));
    assert_eq!(mask("x 0verlap-one-longer y"), "x *** y");
    assert_eq!(mask("x 0verlap-one-longer-and-more y"), "x *** y");
    assert_eq!(mask("x 0verlap-two y"), "x ***-two y");
}

#[test]
fn a_secret_of_several_lines_is_masked_line_by_line() {
    let body = ["MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcw", "ggSjAgEAAoIBAQDBj08sp5jvEHHs0wJ1cw=="];
    let pem = format!(
        "-----BEGIN PRIVATE KEY-----\n{}\n{}\n-----END PRIVATE KEY-----\n-----BEGIN CERTIFICATE-----\nMIICpublic\n-----END CERTIFICATE-----\n",
        body[0], body[1]
    );
    learn(&pem);
    for text in [
        body[0].to_owned(),
        format!("+ {}", body[1]),
        pem.replace('\n', "\\n"),
        pem.replace('\n', "\\\n "),
        pem.replace('\n', " "),
        STANDARD.encode(&pem),
    ] {
        let masked = mask(&text);
        for line in body {
            assert!(!masked.contains(line) && !masked.contains(&STANDARD.encode(line)[4..20]), "{masked}");
        }
        assert!(masked.contains(MASK), "{masked}");
    }
    assert_eq!(mask("MIICpublic"), "MIICpublic");
}

#[test]
fn a_secret_within_a_secret_is_known_too() {
    learn("x.ScramLoginModule required username=\"ana\" password=\"in-the-jaas-line\";");
    learn("ana:behind-the-colon");
    learn("Bearer behind-the-scheme");
    for secret in ["in-the-jaas-line", "behind-the-colon", "behind-the-scheme"] {
        assert_eq!(mask(&format!("it is {secret}.")), "it is ***.");
    }
}

#[test]
fn digits_are_masked_as_numbers_and_not_within_longer_ones() {
    learn("4711");
    learn("98765432109876543210987");
    assert_eq!(mask("pin 4711, 14711 records, 47110 bytes"), "pin ***, 14711 records, 47110 bytes");
    let mut value = json!({"pin": 4711, "n": 47110, "list": [4711, "4711"]});
    mask_json(&mut value);
    assert_eq!(value, json!({"pin": "***", "n": 47110, "list": ["***", "***"]}));
    let text = r#"{"a": 98765432109876543210987, "b": "98765432109876543210987"}"#;
    assert_eq!(mask_known(text.as_bytes()), &br#"{"a": "***", "b": "***"}"#[..]);
}

#[test]
fn keys_lists_and_pairs_of_json_are_masked() {
    learn("key-of-the-object");
    let mut value = json!({
        "key-of-the-object": 1, "a key-of-the-object": 2,
        "argv": ["x", "--password", "a b", "-u", "ana:abc", "--db-pass", "ab", "--topic", "orders"],
        "env": [{"name": "DB_PASSWORD", "value": "abc"}, {"name": "TOPIC", "value": "orders"}],
        "passwords": ["abc", 1, null], "x.secret": 12, "has_token": true, "token": "env:TOKEN",
    });
    mask_json(&mut value);
    assert_eq!(
        value,
        json!({
            "***": 1, "a ***": 2,
            "argv": ["x", "--password", "***", "-u", "ana:***", "--db-pass", "***", "--topic", "orders"],
            "env": [{"name": "DB_PASSWORD", "value": "***"}, {"name": "TOPIC", "value": "orders"}],
            "passwords": ["***", "***", null], "x.secret": "***", "has_token": true, "token": "env:TOKEN",
        })
    );
}

#[test]
fn base64_takes_no_word_of_another_line_with_it() {
    let secret = "Bq7hunterlongpw1";
    learn(secret);
    let word = STANDARD.encode(format!("{secret}xx"));
    let text = format!(
        "before records\n{word}\n1000000 records sent\nheader\nmb64\n{word}\nthroughput=199401 rec/s\n"
    );
    let masked = mask(&text).into_owned();
    for kept in ["before records\n", "1000000 records sent\nheader\nmb64\n", "throughput=199401 rec/s\n"] {
        assert!(masked.contains(kept), "{masked}");
    }
    assert!(!masked.contains(&word[4..12]), "{masked}");
}

#[test]
fn what_a_whole_text_shows_is_masked_in_each_of_its_lines() {
    let text = "kind: Secret\nstringData:\n  kafka-jaas: Xq7rhubarbe-11\n---\npasswords:\n  alice: Xq7rhubarbe-20\n\n- fin du test\n\n\
                name;user;password\nprod;ana;Xq7rhubarbe-66\n\npassword: |\n  Xq7rhubarbe-58\n\nlag of 12000 records\n";
    learn_whole(text.as_bytes());
    for line in text.lines() {
        let masked = mask(line);
        assert!(!masked.contains("rhubarbe"), "{line} became {masked}");
    }
    assert_eq!(mask("lag of 12000 records"), "lag of 12000 records");
}

#[test]
fn a_value_in_a_schema_is_masked() {
    let mut value = json!({"password": {"type": "string", "default": "hunter-7xx"}, "token": {"type": "string", "value": "hunter-8xx"}});
    mask_json(&mut value);
    assert_eq!(
        value,
        json!({"password": {"type": "string", "default": "***"}, "token": {"type": "string", "value": "***"}})
    );
}

/// The bytes of a text by a form of escape for those that it is for.
fn escaped(bytes: &[u8], is_plain: fn(&u8) -> bool, form: fn(u8) -> String) -> Vec<u8> {
    let write = |b: &u8| if is_plain(b) { vec![*b] } else { form(*b).into_bytes() };
    bytes.iter().flat_map(write).collect()
}

#[test]
fn a_learnt_secret_is_masked_as_it_is_written_elsewhere() {
    let none = |_: &u8| false;
    let printed = |b: &u8| b.is_ascii_graphic() && *b != b'=';
    for secret in
        ["Qz7\"wor'd=x;9\u{e9}\u{20ac}", "pl\u{e4}in-Passw\u{f6}rd-77", "it's-\"one\"-5", "of-ascii-alone-91"]
    {
        learn(secret);
        let wide = |unit: fn(u16) -> [u8; 2]| secret.encode_utf16().flat_map(unit).collect::<Vec<u8>>();
        let (windows, ..) = encoding_rs::WINDOWS_1252.encode(secret);
        let apart = icu_normalizer::DecomposingNormalizerBorrowed::new_nfd().normalize(secret);
        let hex: String = secret.bytes().map(|b| format!("{b:02x}")).collect();
        let units: String = secret.encode_utf16().map(|unit| format!("%u{unit:04x}")).collect();
        let codes: String = secret.chars().map(|c| format!("\\u{{{:x}}}", u32::from(c))).collect();
        for form in [
            secret.replace('"', "\"\"").into_bytes(),
            secret.replace('\'', "''").into_bytes(),
            escaped(secret.as_bytes(), printed, |b| format!("={b:02X}")),
            escaped(secret.as_bytes(), none, |b| format!("\\{b:03o}")),
            escaped(secret.as_bytes(), u8::is_ascii, |b| format!("\\{b:03o}")),
            escaped(secret.as_bytes(), none, |b| format!("\\0{b:03o}")),
            escaped(secret.as_bytes(), none, |b| format!("\\x{b:02x}")),
            escaped(secret.as_bytes(), u8::is_ascii, |b| format!("\\x{b:02X}")),
            STANDARD.encode(wide(u16::to_le_bytes)).into_bytes(),
            STANDARD.encode(wide(u16::to_be_bytes)).into_bytes(),
            STANDARD.encode([&b"u\0:\0"[..], &wide(u16::to_le_bytes)].concat()).into_bytes(),
            windows.to_vec(),
            STANDARD.encode(&windows).into_bytes(),
            escaped(&windows, u8::is_ascii_alphanumeric, |b| format!("%{b:02X}")),
            apart.as_bytes().to_vec(),
            hex.to_uppercase().into_bytes(),
            hex.into_bytes(),
            units.into_bytes(),
            codes.into_bytes(),
        ] {
            let text = [b"a ", &form[..], b" b"].concat();
            let shown = String::from_utf8_lossy(&text);
            assert_eq!(String::from_utf8_lossy(&mask_bytes(&text)), "a *** b", "{shown}");
        }
    }
    // A line that goes on.
    assert_eq!(mask("a of-asc=\r\nii-alone-91 b"), "a *** b");
    learn("p\u{e9}ri-me\u{301}tre-5");
    assert_eq!(mask("pe\u{301}ri-me\u{301}tre-5 p\u{e9}ri-m\u{e9}tre-5"), "*** ***");
    // Digits alone are no secret in hexadecimal.
    learn("4712");
    assert_eq!(mask("34373132 records, 12347126 bytes"), "34373132 records, 12347126 bytes");
}

/// What a whole text must not have after masking, and what else of it must stay.
fn is_masked(form: &[u8], what: &str) {
    let text = [b"before ordinary\n", form, b"\nafter\n"].concat();
    let masked = mask_bytes(&text);
    let shown = String::from_utf8_lossy(&masked);
    assert!(memchr::memmem::find(&masked, form).is_none(), "{what}: {shown}");
    assert!(shown.starts_with("before ordinary\n") && shown.ends_with("\nafter\n"), "{what}: {shown}");
}

#[test]
fn base64_of_an_escaped_secret_is_masked() {
    for secret in ["Zr0ub4dor\"&7 x", "Zl\\ash-and-'quote'-5", "Z\u{e9}ro <&> d\u{e9}faut 9"] {
        learn(secret);
        let inner = [
            json!({"auths": {"h": {"password": secret}}}).to_string(),
            serde_json::to_string(&json!({"p": secret}).to_string()).unwrap(),
            format!("a=b&p={}", url::form_urlencoded::byte_serialize(secret.as_bytes()).collect::<String>()),
            format!("<p>{}</p>", secret.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")),
            format!("p: '{}'", secret.replace('\'', "''")),
        ];
        for inner in inner.iter().filter(|inner| !inner.contains(secret)) {
            for before in ["", ".", ".."] {
                let text = format!("{before}{inner}");
                is_masked(STANDARD.encode(&text).as_bytes(), inner);
                is_masked(URL_SAFE_NO_PAD.encode(&text).as_bytes(), inner);
            }
            is_masked(format!("/api/v1/{}", URL_SAFE_NO_PAD.encode(inner)).as_bytes(), inner);
            is_masked(STANDARD.encode(STANDARD.encode(inner)).as_bytes(), inner);
            is_masked(STANDARD.encode(inner).replace('/', "\\/").replace('=', "\\u003d").as_bytes(), inner);
            let wide: Vec<u8> = inner.encode_utf16().flat_map(u16::to_le_bytes).collect();
            is_masked(STANDARD.encode(wide).as_bytes(), inner);
            let long = STANDARD.encode(format!("{}{inner}{}", "head ".repeat(12), " tail".repeat(12)));
            for between in ["\n", "\r\n", "\n    ", "\\n"] {
                let lines: Vec<&str> =
                    long.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).unwrap()).collect();
                is_masked(lines.join(between).as_bytes(), inner);
            }
        }
    }
}

#[test]
fn a_secret_with_marks_between_its_letters_is_masked() {
    for secret in ["Yr0ub4dor\"&7 x", "Yy-of-ascii-alone-92"] {
        learn(secret);
        let each = |mark: &str| secret.chars().map(|c| format!("{mark}{c}")).collect::<String>();
        let coloured = each("\x1b[38;5;196m");
        for form in [
            format!("\x1b[01;31m\x1b[K{}\x1b[m\x1b[K{}", &secret[..5], &secret[5..]),
            format!("{}\x1b]8;;http://h\x07{}\x1b]8;;\x1b\\", &secret[..5], &secret[5..]),
            format!("{}\x1b(B\x1b[m{}", &secret[..5], &secret[5..]),
            serde_json::to_string(&coloured).unwrap(),
            coloured.replace('\x1b', "^["),
            coloured.replace('\x1b', "#033"),
            coloured.replace('\x1b', "\\e"),
            coloured.replace('\x1b', "\\033"),
            coloured.replace('\x1b', ""),
            coloured.replace("\x1b[", "\u{9b}"),
            coloured,
            each("_\x08"),
            secret.chars().map(|c| format!("{c}\x08{c}")).collect(),
            format!("{}\u{200b}{}", &secret[..5], &secret[5..]),
            format!("{}\\\n{}", &secret[..5], &secret[5..]),
        ] {
            is_masked(form.as_bytes(), &form);
        }
    }
}

#[test]
fn a_secret_in_html_is_masked_by_the_names_and_numbers_of_its_letters() {
    let secret = "X\u{e9}ro \"<&>\" d'\u{ff} 9, a=b+c-\u{20ac}";
    learn(secret);
    let named = |c: char| match c {
        '\u{e9}' => "&eacute;".to_owned(),
        '\u{ff}' => "&yuml;".to_owned(),
        '\u{20ac}' => "&euro;".to_owned(),
        '"' => "&quot;".to_owned(),
        '&' => "&amp;".to_owned(),
        '<' => "&lt;".to_owned(),
        '>' => "&gt;".to_owned(),
        '\'' => "&apos;".to_owned(),
        ' ' => "&nbsp;".to_owned(),
        '=' => "&equals;".to_owned(),
        '+' => "&plus;".to_owned(),
        ',' => "&comma;".to_owned(),
        c => c.to_string(),
    };
    let names: String = secret.chars().map(named).collect();
    for form in [
        secret.chars().map(|c| format!("&#{};", u32::from(c))).collect(),
        secret.chars().map(|c| format!("&#{:09};", u32::from(c))).collect(),
        secret.chars().map(|c| format!("&#x{:x};", u32::from(c))).collect(),
        secret.chars().map(|c| format!("&#X{:010X};", u32::from(c))).collect(),
        names.replace("&nbsp;", " "),
        names.replace('&', "&amp;"),
        names.replace('&', "&amp;amp;"),
        names,
    ] {
        is_masked(form.as_bytes(), &form);
    }
}

#[test]
fn a_secret_that_was_read_in_another_character_set_is_masked() {
    for secret in ["W\u{e9}ro-d\u{e9}faut-\u{20ac}9", "W-\"\u{e0}\"-l\u{ee}le-77"] {
        learn(secret);
        let windows = |text: &str| {
            encoding_rs::WINDOWS_1252.decode_without_bom_handling(text.as_bytes()).0.into_owned()
        };
        let latin = |text: &str| text.bytes().map(char::from).collect::<String>();
        let bytes = encoding_rs::WINDOWS_1252.encode(secret).0.into_owned();
        for form in [
            windows(secret),
            windows(&windows(secret)),
            latin(secret),
            latin(&latin(secret)),
            windows(&latin(secret)),
            serde_json::to_string(&windows(secret)).unwrap(),
            windows(secret).replace('\u{a0}', " "),
            secret.replace(|c: char| !c.is_ascii(), "?"),
            secret.replace(|c: char| !c.is_ascii(), "\u{fffd}"),
            String::from_utf8_lossy(&bytes).into_owned(),
        ] {
            is_masked(form.as_bytes(), &form);
        }
    }
    learn("W\u{e9}ro-console-8");
    is_masked(b"W\x82ro-console-8", "code page 850");
    is_masked("W\u{251c}\u{ae}ro-console-8".as_bytes(), "code page 850");
    is_masked(b"WM-CM-)ro-console-8", "cat -v");
}

#[test]
fn a_secret_is_masked_however_often_the_same_escape_was_applied() {
    let secret = "V&r\u{e9}-\"a/b\"-5%";
    learn(secret);
    let percent = |text: &str| {
        text.bytes()
            .map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") })
            .collect::<String>()
    };
    let json = |text: &str| serde_json::to_string(text).unwrap();
    for form in [
        percent(&percent(secret)),
        percent(&percent(&percent(secret))),
        json(&percent(&percent(secret))),
        json(&json(&json(&json(secret)))),
        secret.bytes().map(|b| format!("%25{b:02X}")).collect(),
        secret.replace('%', "%%"),
        secret.replace('"', "`\""),
        secret.replace('&', "^&"),
        secret.replace('"', "\\22").replace('&', "\\26"),
        secret.bytes().map(|b| format!("{b:02x}")).collect::<Vec<_>>().join(":"),
        format!("{:?}", secret.as_bytes()),
    ] {
        is_masked(form.as_bytes(), &form);
    }
}
