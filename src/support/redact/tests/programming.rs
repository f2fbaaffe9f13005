//! Secrets that programs have in clear: arguments of calls, what is taken where nothing is found, values that change.

use super::{super::*, are_masked};

#[test]
fn literals_of_programs_are_masked() {
    are_masked(&[
        r#"  ~ password = "‹a1›" -> "‹b1›""#,
        r#"  ~ password = "‹changeit›" -> "‹azerty›""#,
        r#"      ~ master_password      = "‹changeit›" -> "‹azerty›" # forces replacement"#,
        "  ~ password = (sensitive value)",
        r#"  ~ password = "‹changeit›" -> (known after apply)"#,
        "  ~ password = (known after apply)",
        r#"  - password = "‹changeit›" -> null"#,
        r#"  + password = "‹changeit›""#,
        r#"  ~ "password" = "‹changeit›" => "‹azerty›""#,
        r#"  ~ db_password: "‹changeit›" => "‹azerty›""#,
        "password: ‹changeit› -> ‹azerty›",
        r#"password: "‹old1›" → "‹new1›""#,
        r#"  [diff: ~password: "‹changeit›" => "‹azerty›"]"#,
        "~ password = ‹changeit› -> ‹azerty›",
        "-  password: ‹changeit›\n+  password: ‹azerty›",
        r#"DriverManager.getConnection(url, "u", "‹x1›")"#,
        r#"DriverManager.getConnection("jdbc:x", "u", "‹changeit›");"#,
        r#"getConnection(url, user, "‹changeit›")"#,
        r#"conn = psycopg2.connect("h", "u", "‹changeit›", "db")"#,
        r#"mysqli_connect("h", "u", "‹changeit›", "db")"#,
        r#"new mysqli("h", "u", "‹changeit›")"#,
        r#"new PDO($dsn, "u", "‹changeit›")"#,
        r#"cx_Oracle.connect("u", "‹changeit›", "db")"#,
        r#"MySQLdb.connect("h", "u", "‹changeit›", "db")"#,
        r#"pymysql.connect(host="h", user="u", passwd="‹changeit›")"#,
        r#"dataSource.getConnection("u", "‹changeit›")"#,
        r#"smtp.login("u", "‹changeit›")"#,
        "server.login('u', '‹changeit›')",
        r#"imap.login("a@b.c", "‹changeit›")"#,
        "ftp.login(user='u', passwd='‹changeit›')",
        r#"ssh.connect(h, username="u", password="‹changeit›")"#,
        r#"const password = os.getenv("PASSWORD") || "‹x1›""#,
        r#"const password = process.env.PASSWORD || "‹changeit›""#,
        r#"const password = process.env.DB_PASSWORD ?? "‹changeit›""#,
        r#"password = os.environ.get("DB_PASSWORD") or "‹changeit›""#,
        r#"password = os.environ.get("DB_PASSWORD", "‹changeit›")"#,
        "password = os.getenv('PASSWORD') or '‹changeit›'",
        "password: process.env.DB_PASSWORD || '‹changeit›',",
        r#"pw = env("DB_PASSWORD", "‹changeit›")"#,
        "$password = getenv('DB_PASSWORD') ?: '‹changeit›';",
        "$password = $_ENV['DB_PASSWORD'] ?? '‹changeit›';",
        r#"password = ENV["DB_PASSWORD"] || "‹changeit›""#,
        r#"password = ENV.fetch("DB_PASSWORD", "‹changeit›")"#,
        r#"password = ENV.fetch("DB_PASSWORD") { "‹changeit›" }"#,
        r#"let password = env::var("DB_PASSWORD").unwrap_or("‹changeit›".into());"#,
        r#"let password = std::env::var("PASSWORD").unwrap_or_else(|_| "‹changeit›".to_string());"#,
        r#"val password = System.getenv("DB_PASSWORD") ?: "‹changeit›""#,
        r#"String password = System.getenv().getOrDefault("DB_PASSWORD", "‹changeit›");"#,
        r#"String password = System.getProperty("db.password", "‹changeit›");"#,
        r#"String password = Optional.ofNullable(System.getenv("DB_PASSWORD")).orElse("‹changeit›");"#,
        r#"password = config.get("password") || "‹changeit›""#,
        r#"password = cond ? "‹changeit›" : "‹azerty›""#,
        r#"password := os.Getenv("DB_PASSWORD"); if password == "" { password = "‹changeit›" }"#,
        r#"if password == "‹changeit›" {"#,
        r#"if (password.equals("‹changeit›"))"#,
        r#"assert_eq!(password, "‹changeit›");"#,
        r#"@Value("${db.password:‹changeit›}")"#,
        "password: ${DB_PASSWORD:‹changeit›}",
        "password: ${DB_PASSWORD:‹-changeit›}",
        "password = {{ db_password | default('‹changeit›') }}",
        r#"{{ .Values.password | default "‹changeit›" }}"#,
        r#"ConvertTo-SecureString "‹x1›" -AsPlainText -Force"#,
        "$p = ConvertTo-SecureString -String '‹changeit›' -AsPlainText -Force",
        r#"$p = ConvertTo-SecureString -AsPlainText "‹changeit›" -Force"#,
        "$p = ConvertTo-SecureString '‹changeit›' -AsPlainText -Force",
        r#"$c = New-Object System.Management.Automation.PSCredential("u", (ConvertTo-SecureString "‹changeit›" -AsPlainText -Force))"#,
        r#""‹changeit›" | ConvertTo-SecureString -AsPlainText -Force"#,
        "[SecureString]$p = ConvertTo-SecureString ‹changeit› -AsPlainText -Force",
        r#"new NetworkCredential("u", "‹changeit›")"#,
        r#"new ClientSecretCredential("t", "c", "‹changeit›")"#,
        r#"new ClientSecretCredential(tenant, id, "‹changeit›")"#,
        r#"x.setPassword(user, "‹changeit›")"#,
        r#"p.setCredentials(new UsernamePasswordCredentials(user, "‹changeit›"))"#,
        "DriverManager.getConnection(\n    url,\n    \"u\",\n    \"‹changeit›\");",
        r#"DriverManager.getConnection(String.format("jdbc:%s", h), "u", "‹changeit›")"#,
        r#"await client.login('u', "‹changeit›");"#,
        r#"var c = new NetworkCredential(user, "‹changeit›", domain);"#,
        "const secret = process.env['JWT_SECRET'] || '‹changeit›'",
        r#"const p = process.env.DB_PASSWORD ? process.env.DB_PASSWORD : "‹changeit›""#,
        r#"token: process.env.API_TOKEN ?? "‹changeit›","#,
        "pw = os.environ.get('DB_PASSWORD') or '‹changeit›'",
        r#"password = os.getenv("DB_PASSWORD") or b"‹changeit›""#,
        r#"password = System.getenv("PASSWORD") != null ? System.getenv("PASSWORD") : "‹changeit›";"#,
        "def password = params.DB_PASSWORD ?: '‹changeit›'",
        r#"password: <%= ENV.fetch("DB_PASSWORD", "‹changeit›") %>"#,
        "password: {{ lookup('env', 'DB_PASSWORD') | default('‹changeit›', true) }}",
        r#".env("DB_PASSWORD").unwrap_or_else(|| "‹changeit›".into())"#,
        r#"viper.SetDefault("db.password", "‹changeit›")"#,
        r#"password = getenv("DB_PASSWORD", default="‹changeit›")"#,
        "~ resource \"x\" {\n    ~ token = \"‹old1›\" -> \"‹new1›\"\n    ~ name = \"a\" -> \"b\"\n  }",
        r#"-/+ password: "‹changeit›" => "‹azerty›" (forces new resource)"#,
        r#""password": "‹changeit›" → "‹azerty›""#,
    ]);
}

#[test]
fn what_programs_ask_for_stays_as_it_is() {
    for text in [
        r#"getConnection(url, "u", password)"#,
        r#"getConnection("a")"#,
        "getConnection(url, user, pass)",
        r#"connect("h", 9092, "x")"#,
        r#"login("u")"#,
        r#"const password = os.getenv("PASSWORD") || """#,
        "const password = process.env.PASSWORD || null",
        "const password = process.env.PASSWORD || defaultPassword",
        r#"const isToken = a || "b""#,
        "ConvertTo-SecureString $p -AsPlainText -Force",
        "ConvertTo-SecureString -String $env:PW -AsPlainText",
        "~ password = (sensitive value) -> (sensitive value)",
        r#"~ password_version = "1" -> "2""#,
        "~ token_ttl = 3600 -> 7200",
        r#"~ topic = "a" -> "b""#,
        r#"test.login("page", home)"#,
        "password || defaultPassword",
        r#"x = a ? b : "c""#,
        "x.setPassword(user, password)",
        r#"new PSCredential("u", $secure)"#,
        r#"topic = "a" -> "b""#,
    ] {
        assert!(matches!(mask(text), Cow::Borrowed(_)), "{text} became {}", mask(text));
    }
}

#[test]
fn declarations_of_programs_stay_as_they_are() {
    for text in [
        "SecretOperator secretOperations,",
        "HasJmxSecretTemplate getTemplate();",
        r#"SecretUtils.createSecret(namespace, NAME, KEY, "user.crt");"#,
        r#"new PasswordGenerator(10, "ab", "ab")"#,
        "if (secret) {\n    LOGGER.info(\"Deleting Secret: {}/{}\", a, b);",
        "Adds a trust secret containing: Intermediate CA + Root CA.",
        "a ConfigMap of the user with Log4j / Log4j2",
        "secretAnnotations = new HashMap<>();",
    ] {
        assert!(matches!(mask(text), Cow::Borrowed(_)), "{text} became {}", mask(text));
    }
}

#[test]
fn what_a_call_only_names_stays_as_it_is() {
    for text in [
        r#"fs::write(path.join("token"), "content of it")"#,
        r#"assert!(cause.contains("user and password"), "the cause is not said")"#,
        r#"assert!(!properties.contains_key("sasl.password"), "it is left out")"#,
    ] {
        assert!(matches!(mask(text), Cow::Borrowed(_)), "{text} became {}", mask(text));
    }
}
