//! Secrets in programs, words that a shell joins, and options with their value in the next line.

use super::super::*;

#[test]
fn secrets_in_programs_are_masked() {
    for (text, expected) in [
        (r#"props.put("ssl.key.password", "pw1");"#, r#"props.put("ssl.key.password", "***");"#),
        (
            r#"props.setProperty("ssl.key.password", "pw1");"#,
            r#"props.setProperty("ssl.key.password", "***");"#,
        ),
        (r#"os.environ["PASSWORD"] = "pw1""#, r#"os.environ["PASSWORD"] = "***""#),
        ("os.environ['DB_PASSWORD']='pw1'", "os.environ['DB_PASSWORD']='***'"),
        (r#"builder.withPassword("pw1").build()"#, r#"builder.withPassword("***").build()"#),
        (r#".option("password", "pw1")"#, r#".option("password", "***")"#),
        (r#"config.set("sasl.password", 'pw1')"#, r#"config.set("sasl.password", '***')"#),
        (r#"conf.set(ConfigOptions.PASSWORD, "pw1")"#, r#"conf.set(ConfigOptions.PASSWORD, "***")"#),
        (
            r#"props.put(SslConfigs.SSL_KEY_PASSWORD_CONFIG, "pw1");"#,
            r#"props.put(SslConfigs.SSL_KEY_PASSWORD_CONFIG, "***");"#,
        ),
        (r#"setPassword("pw1")"#, r#"setPassword("***")"#),
        (r#".password("pw1")"#, r#".password("***")"#),
        ("curl -u 'ana':'pw1' http://x", "curl -u 'ana':*** http://x"),
        (r#"curl -u "ana":"pw1" http://x"#, r#"curl -u "ana":*** http://x"#),
        ("curl -u ana:'pw 1' http://x", "curl -u ana:*** http://x"),
        (r#"curl -u ana":"pw1 http://x"#, r#"curl -u ana":*** http://x"#),
        ("curl --user 'ana':pw1'pw2' http://x", "curl --user 'ana':*** http://x"),
        ("curl --user='ana:pw1' http://x", "curl --user='ana:***' http://x"),
        (r#"kcat --password 'QQQ'"pw" x"#, "kcat --password *** x"),
        ("export PASSWORD=QQQ'pw1'", "export PASSWORD=***"),
        (r#"PASSWORD="QQQ"'pw'pw cmd"#, "PASSWORD=*** cmd"),
        ("args:\n  - --password\n  - pw1\n  - x", "args:\n  - --password\n  - ***\n  - x"),
        ("args:\n- \"--password\"\n- \"pw 1\"", "args:\n- \"--password\"\n- \"***\""),
        (
            "command:\n  - docker\n  - login\n  - -p\n  - pw1",
            "command:\n  - docker\n  - login\n  - -p\n  - ***",
        ),
        ("kcat --password \\\n   pw1", "kcat --password \\\n   ***"),
        ("kcat --password \\\n   'pw1' -x", "kcat --password \\\n   '***' -x"),
        ("--password\npw1", "--password\n***"),
        ("token: 12345678", "token: ***"),
        ("api_token=12345678", "api_token=***"),
        ("password for user ana: pw1", "password for user ana: ***"),
        ("Password for user 'ana': pw1", "Password for user 'ana': ***"),
        ("password for ana is pw1", "password for ana is ***"),
        ("mot de passe de ana : pw1", "mot de passe de ana : ***"),
        ("mot de passe du compte ana : pw1", "mot de passe du compte ana : ***"),
        ("password (ana): pw1", "password (ana): ***"),
        (
            r#"<add name="x" connectionString="Password=pw1;"/>"#,
            r#"<add name="x" connectionString="Password=***;"/>"#,
        ),
        (r#""password" => "pw1""#, r#""password" => "***""#),
        (r#":password => "pw1""#, r#":password => "***""#),
        (r#"password := "pw1""#, r#"password := "***""#),
        (r#"let password = String::from("pw1");"#, r#"let password = String::from("***");"#),
        (r#"String password = "pw1";"#, r#"String password = "***";"#),
        (r#"char *password = "pw1";"#, r#"char *password = "***";"#),
        (r#"password: str = "pw1""#, r#"password: str = "***""#),
        ("const password: string = 'pw1';", "const password: string = '***';"),
        (r#"let password: &str = "pw1";"#, r#"let password: &str = "***";"#),
        (r#"#define PASSWORD "pw1""#, r#"#define PASSWORD "***""#),
        ("define('DB_PASSWORD', 'pw1');", "define('DB_PASSWORD', '***');"),
        ("setenv PASSWORD pw1", "setenv PASSWORD ***"),
        ("fish: set -x DB_PASSWORD pw1", "fish: set -x DB_PASSWORD ***"),
        (r#"[("password", "pw1")]"#, r#"[("password", "***")]"#),
        (
            r#"System.setProperty("javax.net.ssl.keyStorePassword", "pw1")"#,
            r#"System.setProperty("javax.net.ssl.keyStorePassword", "***")"#,
        ),
        (
            r#"env.put(Context.SECURITY_CREDENTIALS, "pw1")"#,
            r#"env.put(Context.SECURITY_CREDENTIALS, "***")"#,
        ),
        (
            r#"new PasswordAuthentication("ana", "pw1".toCharArray())"#,
            r#"new PasswordAuthentication("ana", "***".toCharArray())"#,
        ),
        (r#"$env:DB_PASSWORD = "pw1""#, r#"$env:DB_PASSWORD = "***""#),
        (
            r#"[Environment]::SetEnvironmentVariable("DB_PASSWORD", "pw1")"#,
            r#"[Environment]::SetEnvironmentVariable("DB_PASSWORD", "***")"#,
        ),
        ("[client]\npassword = \"pw1#a\"", "[client]\npassword = \"***\""),
        (
            r#"Properties p = new Properties(); p.put("user", "ana"); p.put("password", "pw1");"#,
            r#"Properties p = new Properties(); p.put("user", "ana"); p.put("password", "***");"#,
        ),
        (r#"Map.of("user", "ana", "password", "pw1")"#, r#"Map.of("user", "ana", "password", "***")"#),
        (r#"mapOf("user" to "ana", "password" to "pw1")"#, r#"mapOf("user" to "ana", "password" to "***")"#),
        (r#"String out = "{\"password\": \"pw1\"}";"#, r#"String out = "{\"password\": \"***\"}";"#),
        (
            "props.put(\n    \"ssl.key.password\",\n    \"pw1\");",
            "props.put(\n    \"ssl.key.password\",\n    \"***\");",
        ),
        (r#"x.setPassword("ana", "pw1")"#, r#"x.setPassword("ana", "***")"#),
        (r#"password: SecretString::new("pw1".into()),"#, r#"password: SecretString::new("***".into()),"#),
        (r#"password = new SecretString("pw1")"#, r#"password = new SecretString("***")"#),
        ("- \"-e\"\n- \"DB_PASSWORD=pw1\"", "- \"-e\"\n- \"DB_PASSWORD=***\""),
        ("kcat -X sasl.password=pw1 -X sasl.username=a", "kcat -X sasl.password=*** -X sasl.username=a"),
        (
            r#"kafka-topics.sh --command-config <(echo "sasl.password=pw1")"#,
            r#"kafka-topics.sh --command-config <(echo "sasl.password=***")"#,
        ),
    ] {
        assert_eq!(mask(text), expected);
        assert!(may_mask(text), "{text}");
        assert_eq!(mask(expected), expected, "what is masked stays as it is");
    }
}
