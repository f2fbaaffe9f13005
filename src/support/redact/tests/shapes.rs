//! Texts made at random of parts of shapes, and of whole shapes with a secret in them.

use super::super::*;
use proptest::prelude::*;

/// Parts of shapes in any order, cut anywhere: whatever stands at the end of a text, nothing is looked at behind it.
#[test]
fn no_text_is_too_odd() {
    const PARTS: &[&str] = &[
        "password",
        ": ",
        "=",
        "|",
        "\n",
        "  ",
        "- ",
        "[",
        "]",
        "\"",
        "'",
        "curl",
        " -u",
        " -sku ",
        " -b ",
        "a:b",
        "docker login",
        " -p",
        "<<",
        "<EOF",
        "EOF",
        "echo ",
        "kinit ",
        "-----BEGIN ",
        "RSA PRIVATE KEY-----",
        "Proc-Type: 4",
        "\\",
        "**",
        "!vault ",
        "Some(",
        "identified by ",
        "pass=",
        "sig=",
        "?",
        "ghp_",
        "0aB",
        "machine h login a ",
        "&quot;",
        "<![CDATA[",
        "</value><name>",
        "vault login ",
        "pass",
        "@tcp(h)/",
        ":5432:",
        "digest:",
        "/hooks/",
        "/bot",
        " replace ",
        "connect ",
        " auth:a:b:c",
        "{",
        "}",
        "<",
        ">",
        "«",
        "set password for ",
        "é",
        "\u{a0}",
        "value",
        ";",
        ",",
        "\t",
        "| ",
        "--- |",
        "\r\n",
        "kind: Secret",
        "data:",
        "\"kind\":\"Secret\"",
        "\"data\":",
        "\\\"",
        "put(\"password\", ",
        "(",
        ")",
        "variable \"",
        "default = ",
        "auth",
        "--password",
        "- docker\n",
        "String",
        "&'a ",
        "<String>",
        " for user ",
        "this.",
        "\0",
        "p\0a\0s\0s\0w\0d\0",
        "\0\u{feff}",
    ];
    let strategy = proptest::collection::vec(0..PARTS.len(), 0..14);
    proptest::proptest!(proptest::prelude::ProptestConfig::with_cases(3000), |(parts in strategy, cut in 0..3_usize)| {
        let text: String = parts.iter().map(|part| PARTS[*part]).collect();
        let bytes = &text.as_bytes()[..text.len().saturating_sub(cut)];
        let _ = mask_bytes(bytes);
    });
}

/// Every way to say a secret, which stands where the `@` is.
const FORMS: &[&str] = &[
    "{\"password\": {\"value\": \"@\"}}",
    "{\"passwords\": [\"a\", \"@\"]}",
    "{\"secrets\": {\"a\": {\"b\": [\"@\"]}}}",
    "{\\\"password\\\": {\\\"value\\\": \\\"@\\\"}}",
    "password:\n  value: @",
    "passwords:\n- a\n- @",
    "user;password\nana;@",
    "user,password,host\nana,@,h",
    "| user | password |\n|---|---|\n| ana | @ |",
    "password;@",
    "user\tpassword\nana\t@",
    "props.put(\"ssl.key.password\", \"@\");",
    "p.setProperty(\"ssl.key.password\", \"@\");",
    "os.environ[\"PASSWORD\"] = \"@\"",
    "x.withPassword(\"@\")",
    ".option(\"password\", \"@\")",
    "curl -u 'ana':'@' http://h",
    "curl -u ana:\"@\" http://h",
    "kcat --password \\\n  @",
    "args:\n  - --password\n  - @",
    "variable \"db_password\" {\n  default = \"@\"\n}",
    "kind: Secret\nstringData:\n  a: @",
    "{\"kind\":\"Secret\",\"data\":{\"a\":\"@\"}}",
    "password for user ana: @",
    "password: str = \"@\"",
    "let password: String = \"@\".into();",
    "password=@",
    "\"password\": \"@\"",
    "<password>@</password>",
    "docker login -p @ r.io",
    "http://ana:@@h/x",
    "Authorization: Bearer @",
];

/// What may stand before and behind, in lines of its own.
const AROUND: &[&str] = &[
    "",
    "1000 records sent, 12.5 MB/sec",
    "# a note",
    "topic: orders",
    "user: ana",
    "a;b;c",
    "| a | b |",
    "don't",
    "\"a\": \"b\",",
    "é à ü",
    "for (key, value) in map {",
    "apiVersion: v1",
    "password",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    /// Whatever stands around it, and however it is written, a secret is not left.
    #[test]
    fn a_secret_is_masked_wherever_it_stands(
        form in 0..FORMS.len(),
        secret in "[A-Z][a-z]{3,6}[0-9]{2,4}[a-zA-Z0-9]{4,8}",
        before in proptest::collection::vec(0..AROUND.len(), 0..4),
        behind in proptest::collection::vec(0..AROUND.len(), 0..4),
        wide in 0..4_usize,
    ) {
        let lines = |lines: &[usize]| lines.iter().map(|at| format!("{}\n", AROUND[*at])).collect::<String>();
        let said = FORMS[form].replacen('@', &secret, 1);
        let text = format!("{}\n{said}\n\n{}", lines(&before), lines(&behind));
        let masked = match wide {
            0 | 1 => mask(&text).into_owned().into_bytes(),
            2 => mask_bytes(&text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>()).into_owned(),
            _ => mask_bytes(&text.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<_>>()).into_owned(),
        };
        let narrow: Vec<u8> = masked.into_iter().filter(|b| *b != 0).collect();
        let left = String::from_utf8_lossy(&narrow).into_owned();
        prop_assert!(!left.contains(&secret[1..secret.len() - 1]), "{text}\n---\n{left}");
    }
}
