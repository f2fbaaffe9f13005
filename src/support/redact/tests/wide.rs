//! Texts in UTF-16 with secrets that nobody referred to.

use super::super::*;

fn units(text: &str, little: bool) -> Vec<u8> {
    let units = text.encode_utf16();
    if little {
        units.flat_map(u16::to_le_bytes).collect()
    } else {
        units.flat_map(u16::to_be_bytes).collect()
    }
}

#[test]
fn secrets_in_utf_16_are_masked_in_it() {
    for (text, expected) in [
        ("password=abc1 and more\r\nx", "password=*** and more\r\nx"),
        ("é à password=ééabc1 x", "é à password=*** x"),
        ("a 😀 token: \"ab😀c1\" b", "a 😀 token: \"***\" b"),
        ("{\"password\": {\"value\": \"abc1\"}}", "{\"password\": {\"value\": \"***\"}}"),
        ("user;password\r\nana;abc1\r\n", "user;password\r\nana;***\r\n"),
        ("пароль password=пароль x", "пароль password=*** x"),
    ] {
        for little in [true, false] {
            for mark in ["", "\u{feff}"] {
                let [bytes, wanted] = [text, expected].map(|text| units(&format!("{mark}{text}"), little));
                assert_eq!(mask_bytes(&bytes), wanted, "{text}, {little}, {mark:?}");
                // As a part of other bytes, at an even place or not.
                for begin in ["a\n", "ab\n"].iter().filter(|_| text.is_ascii()) {
                    let around = |inner: &[u8]| [begin.as_bytes(), inner, b"\nthe end\n"].concat();
                    assert_eq!(mask_bytes(&around(&bytes)), around(&wanted), "{text}, {little}, {mark:?}");
                }
            }
        }
    }
    learn("wide-and-resolved");
    assert_eq!(mask_bytes(&units("it is wide-and-resolved.", true)), units("it is ***.", true));
}

#[test]
fn zeros_alone_are_no_text() {
    for bytes in [&b"\0\0\0\0p\0a"[..], b"a\0b\0c", b"records\0sent\0\0", &[0; 64]] {
        assert!(matches!(mask_bytes(bytes), Cow::Borrowed(_)));
    }
    assert!(may_mask("\"p\\u0000a\\u0000s\\u0000\""));
}
