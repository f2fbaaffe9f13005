//! Names of settings and their values, in every notation.

use super::super::*;
use serde_json::json;

/// Names that are written as HTML, XML or JSON within another form write them, and values that stand before them.
#[test]
fn values_of_named_fields_are_masked() {
    for (text, expected) in [
        (
            "&quot;password&quot;: &quot;x&quot;, &quot;a&quot;: 1",
            "&quot;password&quot;: &quot;***&quot;, &quot;a&quot;: 1",
        ),
        ("{&#34;password&#34;:&#34;a b&#34;}", "{&#34;password&#34;:&#34;***&#34;}"),
        ("{\\u0022password\\u0022:\\u0022a b\\u0022}", "{\\u0022password\\u0022:\\u0022***\\u0022}"),
        (
            "{&quot;value&quot;: &quot;x&quot;, &quot;name&quot;: &quot;DB_PASSWORD&quot;}",
            "{&quot;value&quot;: &quot;***&quot;, &quot;name&quot;: &quot;DB_PASSWORD&quot;}",
        ),
        (r#"{"value": "x y", "name": "DB_PASSWORD"}"#, r#"{"value": "***", "name": "DB_PASSWORD"}"#),
        (r#"{\"value\":\"x\",\"name\":\"DB_PASSWORD\"}"#, r#"{\"value\":\"***\",\"name\":\"DB_PASSWORD\"}"#),
        ("{value: x, name: DB_PASSWORD}", "{value: ***, name: DB_PASSWORD}"),
        (
            r#"{"value": "x", "type": "s", "name": "DB_PASSWORD"}"#,
            r#"{"value": "***", "type": "s", "name": "DB_PASSWORD"}"#,
        ),
        (
            r#"<setting name="Password" as="s"><value>x</value>"#,
            r#"<setting name="Password" as="s"><value>***</value>"#,
        ),
        (
            r#"<Parameter value="x" override="no" name="password"/>"#,
            r#"<Parameter value="***" override="no" name="password"/>"#,
        ),
        (
            "<param-name>password</param-name>\n<param-value>x</param-value>",
            "<param-name>password</param-name>\n<param-value>***</param-value>",
        ),
        ("&lt;password&gt;x&lt;/password&gt;", "&lt;password&gt;***&lt;/password&gt;"),
        ("Mot de passe : «\u{a0}a b\u{a0}»", "Mot de passe : «\u{a0}***\u{a0}»"),
        (
            "env:\n- value: a b\n  name: DB_PASSWORD\n- name: TOPIC\n  value: t",
            "env:\n- value: ***\n  name: DB_PASSWORD\n- name: TOPIC\n  value: t",
        ),
        ("<password type=\"clear\">x</password>", "<password type=\"clear\">***</password>"),
        (
            "<o:Password Type=\"u#PasswordText\">x</o:Password>",
            "<o:Password Type=\"u#PasswordText\">***</o:Password>",
        ),
        ("<password><![CDATA[x<y]]></password>", "<password><![CDATA[***]]></password>"),
        ("<password>\n  x\n</password>", "<password>\n  ***\n</password>"),
        (r#"<property value="x" name="password"/>"#, r#"<property value="***" name="password"/>"#),
        (
            r#"<property name="password"><value>x</value></property>"#,
            r#"<property name="password"><value>***</value></property>"#,
        ),
        (
            "<property>\n<name>a.secret.key</name>\n<final>true</final>\n<value>x</value></property>",
            "<property>\n<name>a.secret.key</name>\n<final>true</final>\n<value>***</value></property>",
        ),
        (
            "<property><value>x</value><name>a.password</name></property>",
            "<property><value>***</value><name>a.password</name></property>",
        ),
        (r#"<entry key="db.password">x</entry>"#, r#"<entry key="db.password">***</entry>"#),
        (r#"<add key="DbPassword" value="x"/>"#, r#"<add key="DbPassword" value="***"/>"#),
        ("<key>password</key>\n<string>x</string>", "<key>password</key>\n<string>***</string>"),
        ("Passwort: x, Kennwort = y", "Passwort: ***, Kennwort = ***"),
        ("contraseña: x", "contraseña: ***"),
        ("passwd=x mdp: y", "passwd=*** mdp: ***"),
        ("integration key: 0abc", "integration key: ***"),
        ("routing_key: 0123456789abcdef0123456789abcdef", "routing_key: ***"),
        ("port 6379\nrequirepass abc\n", "port 6379\nrequirepass ***\n"),
        ("dbSecret=abc httpSecret=def", "dbSecret=*** httpSecret=***"),
    ] {
        assert_eq!(mask(text), expected);
        assert!(may_mask(text), "{text}");
        assert_eq!(mask(expected), expected, "what is masked stays as it is");
    }
    for text in [
        "- name: TOPIC\n  value: orders\n- name: DB_PASSWORD\n  valueFrom: {}",
        r#"[{"name": "TOPIC", "value": "orders"}, {"name": "DB_PASSWORD"}]"#,
        r#"{"username": "user-token", "value": "kept"}"#,
        "key=user-token, value=kept",
        "key=\"user-token\" value=\"kept\"",
        r#"<property name="a" value="x"/><property name="password" ref="y"/>"#,
        "<property><name>a.password.file</name><value>/x</value></property>",
        "<password type=\"clear\"/><a>x</a>",
        "routing_key=orders.created, service_key: orders",
        "&quot;password&quot; is required",
    ] {
        assert!(matches!(mask(text), Cow::Borrowed(_)), "{text} became {}", mask(text));
    }
}

/// A name of one short word may be a verdict, a folder or a count: what stands around it tells.
#[test]
fn short_names_are_those_of_secrets_by_their_value() {
    for (text, expected) in [
        ("pass: hunter2", "pass: ***"),
        ("pass : x1", "pass : ***"),
        ("pass = abc", "pass = ***"),
        (r#"{"pass": "abc", "a": 1}"#, r#"{"pass": "***", "a": 1}"#),
        (r#"{\"pass\": \"abc\"}"#, r#"{\"pass\": \"***\"}"#),
        ("{'pass' => 'abc'}", "{'pass' => '***'}"),
        ("<pass>abc</pass>", "<pass>***</pass>"),
        ("user: ana, pass: abc for the test", "user: ana, pass: *** for the test"),
        ("USER=ana PASS=1234", "USER=ana PASS=***"),
        ("pass: Tr0ub4dor&3 of the test", "pass: *** of the test"),
        ("pass: abc host: h", "pass: *** host: h"),
        ("pwd: abc", "pwd: ***"),
        ("PWD=abc", "PWD=***"),
        ("creds=ana:abc", "creds=***"),
        ("cred: abc", "cred: ***"),
        ("pw=abc&a=b", "pw=***&a=b"),
        ("admin_pw: abc", "admin_pw: ***"),
    ] {
        assert_eq!(mask(text), expected);
        assert!(may_mask(text), "{text}");
        assert_eq!(mask(expected), expected, "what is masked stays as it is");
    }
    for text in [
        "pass: 12 of 12",
        "pass=true, pass: yes",
        "verdict: pass",
        "pass: 3 criteria",
        "pass: all criteria hold",
        "pass: p99 within the limit",
        "pass: latency, throughput",
        "pass: 12/12, pass: 98.7 %, pass=12ms",
        "pass=1234 fail=3",
        "attempt 1: pass: a.waited_s < slo.wait_s: observed 0.1 s",
        "attempt 1: pass: a.up",
        "pass: a.up",
        "PASS: TestOrders1",
        "--- PASS: TestFoo (0.00s)",
        "first pass: done1",
        r#"{"outcome": "pass", "pass": 12}"#,
        r#"{"pass": "12 of 12"}"#,
        "pass: [orders, checkpoints]",
        "pass:\n  - a\n  - b",
        "let pass = || 1; Verdict::Pass => \"held\", self.pw = pw",
        "pw: 12.5 kW, pw: None)",
        "pwd: /home/ana, bash: pwd: command not found",
        "bypass: abc, compass = north",
    ] {
        assert!(matches!(mask(text), Cow::Borrowed(_)), "{text} became {}", mask(text));
    }
    let mut value = json!({"pass": "abc", "verdicts": {"pass": 3}, "a": {"pass": "all"}, "pwd": "/x", "service_key": "k"});
    mask_json(&mut value);
    assert_eq!(
        value,
        json!({"pass": "***", "verdicts": {"pass": 3}, "a": {"pass": "all"}, "pwd": "/x", "service_key": "k"})
    );
}

#[test]
fn a_sentence_that_says_a_password_is_masked() {
    for (text, masked) in [
        ("le mot de passe du keystore est azerty99", "le mot de passe du keystore est ***"),
        ("the password for admin is qwerty77, change it", "the password for admin is ***, change it"),
        ("the password hash is sha256", "the password hash is sha256"),
        ("le mot de passe du compte est expiré", "le mot de passe du compte est expiré"),
        ("the password for admin is 8 characters long", "the password for admin is 8 characters long"),
    ] {
        assert_eq!(mask(text), masked);
    }
}

#[test]
fn a_name_below_a_name_is_not_its_value() {
    assert_eq!(mask("secret:\n  \"password\": \"Zq7hunter\"\n"), "secret:\n  \"password\": \"***\"\n");
    assert_eq!(mask("\"password\":\n  \"Zq7hunter\"\n"), "\"password\":\n  \"***\"\n");
}
