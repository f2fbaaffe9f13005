//! What stands below the name of a secret: objects, lists, blocks of YAML, the data of Secrets.

use super::super::*;
use serde_json::json;

#[test]
fn secrets_in_blocks_are_masked() {
    for (text, expected) in [
        (r#"{"password": {"value": "pw1x"}}"#, r#"{"password": {"value": "***"}}"#),
        (
            r#"{"passwords": ["pwa","pwb"], "secrets": {"db": "pw2", "n": {"x": ["pw3"]}}, "a": 1}"#,
            r#"{"passwords": ["***","***"], "secrets": {"db": "***", "n": {"x": ["***"]}}, "a": 1}"#,
        ),
        (
            r#"text {\"password\": {\"value\": \"pw1x\"}, \"a\": 1}"#,
            r#"text {\"password\": {\"value\": \"***\"}, \"a\": 1}"#,
        ),
        ("password:\n  value: pw1\n  more: pw2\nx: 1", "password:\n  value: ***\n  more: ***\nx: 1"),
        (
            "secrets:\n  db: pw1\n  api:\n    key: pw2\nx: 1",
            "secrets:\n  db: ***\n  api:\n    key: ***\nx: 1",
        ),
        (
            "variable \"db_password\" {\n  type = string\n  default = \"pw1\"\n}",
            "variable \"db_password\" {\n  type = string\n  default = \"***\"\n}",
        ),
        (r#"variable "db_password" { default = "pw1" }"#, r#"variable "db_password" { default = "***" }"#),
        (
            "resource \"x\" \"y\" {\n  master_password = \"pw1\"\n}",
            "resource \"x\" \"y\" {\n  master_password = \"***\"\n}",
        ),
        (
            "apiVersion: v1\nkind: Secret\nmetadata:\n  name: my-secret\ntype: Opaque\ndata:\n  username: pw1\n  foo: pw2==\nstringData:\n  config.yaml: |\n    a: pw3",
            "apiVersion: v1\nkind: Secret\nmetadata:\n  name: my-secret\ntype: Opaque\ndata:\n  username: ***\n  foo: ***\nstringData:\n  config.yaml: |\n    ***",
        ),
        (
            r#"{"kind":"Secret","metadata":{"name":"s"},"data":{"x":"pw1"},"stringData":{"y":"pw2"}}"#,
            r#"{"kind":"Secret","metadata":{"name":"s"},"data":{"x":"***"},"stringData":{"y":"***"}}"#,
        ),
        (
            r#"{"auths": {"registry:5000": {"auth": "YW5hOlFRUVE="}}}"#,
            r#"{"auths": {"registry:5000": {"auth": "***"}}}"#,
        ),
        (r#""auth": "YW5hOlFRUVE=""#, r#""auth": "***""#),
        ("_auth=YW5hOlFRUVE=", "_auth=***"),
        ("//registry.npmjs.org/:_authToken=pw1", "//registry.npmjs.org/:_authToken=***"),
        (
            "- apiVersion: v1\n  data:\n    username: pw1\n    b: pw2\n  kind: Secret\n  metadata:\n    name: s",
            "- apiVersion: v1\n  data:\n    username: ***\n    b: ***\n  kind: Secret\n  metadata:\n    name: s",
        ),
        (
            r#"{"kind":"List","items":[{"apiVersion":"v1","data":{"u":"pw1"},"kind":"Secret"}]}"#,
            r#"{"kind":"List","items":[{"apiVersion":"v1","data":{"u":"***"},"kind":"Secret"}]}"#,
        ),
        (
            "    kubectl.kubernetes.io/last-applied-configuration: |\n      {\"apiVersion\":\"v1\",\"data\":{\"username\":\"pw1\"},\"kind\":\"Secret\",\"metadata\":{\"name\":\"x\"}}",
            "    kubectl.kubernetes.io/last-applied-configuration: |\n      {\"apiVersion\":\"v1\",\"data\":{\"username\":\"***\"},\"kind\":\"Secret\",\"metadata\":{\"name\":\"x\"}}",
        ),
        (
            r#"{"a": "{\"apiVersion\":\"v1\",\"stringData\":{\"username\":\"pw1\"},\"kind\":\"Secret\"}"}"#,
            r#"{"a": "{\"apiVersion\":\"v1\",\"stringData\":{\"username\":\"***\"},\"kind\":\"Secret\"}"}"#,
        ),
        ("credentials={user=ana, pw=pw1, nested={a=pw2}}", "credentials={user=ana, pw=***, nested={a=***}}"),
        (
            "{\n  \"passwords\":\n  {\n    \"a\": \"pw1\",\n    \"b\": [\"pw2\",\n      \"pw3\"]\n  }\n}",
            "{\n  \"passwords\":\n  {\n    \"a\": \"***\",\n    \"b\": [\"***\",\n      \"***\"]\n  }\n}",
        ),
        (
            "passwords:\n- pw1\n- user: ana\n  value: \"pw 2\"",
            "passwords:\n- ***\n- user: ana\n  value: \"***\"",
        ),
        (
            "  tokens:\n    - name: a\n      value: pw1\n    - name: b\n      value: 'pw2'",
            "  tokens:\n    - name: a\n      value: ***\n    - name: b\n      value: '***'",
        ),
        (
            "secrets:\n  cert: |\n    pw1\n    pw2\n  other: { a: pw3, b: [pw4] }",
            "secrets:\n  cert: |\n    ***\n  other: { a: ***, b: [***] }",
        ),
        ("  env:\n    DB_PASSWORD: pw1\n  x", "  env:\n    DB_PASSWORD: ***\n  x"),
    ] {
        assert_eq!(mask(text), expected);
        assert!(may_mask(text), "{text}");
        assert_eq!(mask(expected), expected, "what is masked stays as it is");
    }
}

#[test]
fn what_stands_below_a_name_in_json_is_masked() {
    for (value, expected) in [
        (json!({"password": {"value": "pw1x"}}), json!({"password":{"value":"***"}})),
        (
            json!({"passwords": ["pwa","pwb"], "credentials": {"user": "ana", "pw": "pw1"}, "secrets": {"db": "pw2", "n": {"x": ["pw3"]}}}),
            json!({"passwords":["***","***"],"credentials":{"user":"ana","pw":"***"},"secrets":{"db":"***","n":{"x":["***"]}}}),
        ),
        (
            json!({"spec": {"secretKeyRef": {"name": "my-secret", "key": "password"}, "secret": {"secretName": "tls"}}}),
            json!({"spec":{"secretKeyRef":{"name":"my-secret","key":"password"},"secret":{"secretName":"tls"}}}),
        ),
        (
            json!({"kind":"Secret","metadata":{"name":"s"},"data":{"x":"pw1"},"stringData":{"y":"pw2"}}),
            json!({"kind":"Secret","metadata":{"name":"s"},"data":{"x":"***"},"stringData":{"y":"***"}}),
        ),
        (
            json!({"auths": {"registry:5000": {"auth": "YW5hOlFRUVE="}}}),
            json!({"auths":{"registry:5000":{"auth":"***"}}}),
        ),
    ] {
        let mut masked = value;
        mask_json(&mut masked);
        assert_eq!(masked, expected);
    }
}
