//! A text full of beginnings of shapes takes a time that grows with it, and no faster.

use super::super::*;
use std::time::{Duration, Instant};

/// Parts of shapes, each of which is repeated over a whole text.
const PARTS: &[&str] = &[
    "-----BEGIN PRIVATE KEY-----",
    "http://a:b,",
    "eyJ.",
    "user_x=",
    "password",
    "token\":",
    " -u\"",
    "Bearer a",
    "\\\"secret",
    "<password>",
    "cookie:",
    "&amp;",
    "%2",
    "mot de passe ",
    "vault login ",
    "http ",
    "a:5432:",
    "@tcp(h)/",
    "value: x name: pass=",
    "value name=password}",
    "<name=password ",
    "<password>\n",
    "identified by x ",
    "password=a ",
    "echo a <<",
    "curl -u ",
    "docker login ",
    "\"token\":\"a\",",
    "password: ",
    "password: {",
    "password: [",
    "password:\n  a: b\n",
    "password:\n ",
    "password:\n- a\n",
    "secrets:\n  - a\n",
    "password;",
    "password,",
    "password|",
    "|password|\n",
    "password\\tx\n",
    "password,x\n",
    "user,password\n",
    "a,password\n\n",
    "kind: Secret\n",
    "data:\n  a: b\nkind: Secret\n",
    "{\"kind\":\"Secret\",",
    "\"kind\":\"Secret\"",
    "{\"data\":",
    "{\"password\":{\"password\":",
    "'password':'a'",
    "'a':'b'",
    "password='a''b'",
    "password=a'b",
    "curl -u 'a':'b' ",
    "curl -u 'a':",
    "--password\n",
    "- --password\n",
    "--password \\\\\n",
    "put(\"password\", \"x",
    "put(\"password\",",
    "variable \"password\" { ",
    "password(",
    "\"password\"",
    "password for a: ",
    "password for a ",
    "password (",
    "- docker\n- login\n",
    "docker\n",
    "curl ",
    "password: String ",
    "a: &'a str password: &'a str = ",
    "auth: ",
    "auth=\"YW5hOmh1bnRlcjI=\"",
    "p\0a",
    "'",
    "\\'",
    "=",
    "pass=",
    "pass=1",
    "secret=[",
    "secret: my-tls\n",
    "kinit <<",
    "echo x | ",
    "sqlplus a/b@c ",
    "export PASSWORD=",
    "Some(\"password\")",
    "password: Some(\"",
    "s.",
    " s.",
    "ghp_",
    "0123456789",
    "sig=",
    "?sig=abcdefghijklmnopqrst",
    ":*:",
    "digest:a:b ",
    "auth:a:b:c ",
    "/hooks/",
    "password: |\n  a\n",
    "password: |\n",
    "password: \"",
    "password: '",
    "password \"",
    "the password is a1 ",
    "name=\"password\" value=\"",
    "\"name\": \"password\", ",
    "{\"name\": \"password\", ",
    "\"value\": \"x\", \"name\": \"password\"",
    "<value>x</value><name>password</name>",
    "&lt;password&gt;",
    "&quot;password&quot;: &quot;",
    "machine h login a password b ",
    "-passin pass:",
    "net use \\\\\\\\h\\\\s x ",
    "curl -sku ",
    "Authorization: ",
    "Authorization: Digest a ",
    "Basic YW5hOmh1bnRlcjI=",
    "| user | password |\n|---|---|\n| a | b1 |\n",
    "{\"kind\":\"Secret\",\"data\":{\"a\":\"b\"}}",
    "secrets:\n  a:\n",
    "_auth=YW5hOlFRUVE=",
    "token = self.token;",
    "password;x1\n",
];

fn time(part: &str, length: usize) -> Duration {
    let text = part.repeat(length / part.len());
    let begun = Instant::now();
    let _ = mask(&text);
    begun.elapsed()
}

/// Twice the text takes about twice the time. What takes little is not looked at: a machine may be busy.
#[test]
fn a_text_full_of_beginnings_takes_no_time() {
    const LENGTH: usize = 16 << 10;
    for part in PARTS {
        let short = time(part, LENGTH);
        assert!(short < Duration::from_secs(30), "{part:?}: {short:?}");
        if short < Duration::from_millis(200) {
            continue;
        }
        let ratio = || time(part, 2 * LENGTH).as_secs_f64() / time(part, LENGTH).as_secs_f64();
        assert!((0..3).any(|_| ratio() < 3.2), "{part:?}: {short:?}");
    }
}
