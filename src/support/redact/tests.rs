//! What is masked, in every form that it may have, and what is left alone.

use super::*;
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::json;

#[test]
fn the_usual_shapes_are_masked() {
    for (text, expected) in [
        ("-Djavax.net.ssl.trustStorePassword=changeit -Dx=y", "-Djavax.net.ssl.trustStorePassword=*** -Dx=y"),
        ("ssl.key.password=abc", "ssl.key.password=***"),
        ("ssl.key.password=two words", "ssl.key.password=***"),
        ("Authorization: Basic YTpi", "Authorization: Basic ***"),
        ("Authorization: Bearer abc.def", "Authorization: Bearer ***"),
        (r#"{"Authorization": "Bearer abc.def"}"#, r#"{"Authorization": "Bearer ***"}"#),
        ("curl -H 'Authorization: token ghp_abc123' x", "curl -H 'Authorization: token ***' x"),
        ("X-Api-Key: 0123456789", "X-Api-Key: ***"),
        ("sent with Bearer abcdef0123456789", "sent with Bearer ***"),
        ("sent with Basic YW5hOmh1bnRlcjI=", "sent with Basic ***"),
        ("http://bob:hunter2@host/x", "http://bob:***@host/x"),
        ("http://bob:hun@ter2@host/x@y", "http://bob:***@host/x@y"),
        ("http://bob:hun/ter2@host/x", "http://bob:***@host/x"),
        ("redis://:hunter2@host", "redis://:***@host"),
        ("jdbc:postgresql://h/db?user=u&password=p&x=1", "jdbc:postgresql://h/db?user=u&password=***&x=1"),
        (r#"{"ssl.key.password": "abc", "a": 1}"#, r#"{"ssl.key.password": "***", "a": 1}"#),
        (r#"{\"password\": \"a b,c\", \"x\": 1}"#, r#"{\"password\": \"***\", \"x\": 1}"#),
        ("export AWS_SECRET_ACCESS_KEY=abc/def+1", "export AWS_SECRET_ACCESS_KEY=***"),
        ("curl -u a:b http://x", "curl -u a:*** http://x"),
        ("[curl, -s, -u, \"a:b\", x]", "[curl, -s, -u, \"a:***\", x]"),
        ("see ghp_0123456789abcdefghijABCDEFGHIJ012345 there", "see *** there"),
        ("xoxb-123456789012-abcdefABCDEF", "***"),
        ("redis-cli -a s3cr3tpw ping", "redis-cli -a *** ping"),
        ("curl -ua:b http://x", "curl -ua:*** http://x"),
        ("curl -u 'a:b c' http://x", "curl -u 'a:***' http://x"),
        ("curl --user a:b http://x", "curl --user a:*** http://x"),
        (r#"["curl", "-u", "a:b"]"#, r#"["curl", "-u", "a:***"]"#),
        ("KAFKA_CLIENT_PASSWORDS: x1,y2", "KAFKA_CLIENT_PASSWORDS: ***"),
        ("kcat --password x y", "kcat --password *** y"),
        ("kcat --password 'x y', z", "kcat --password '***', z"),
        (r#"["--password", "x y"]"#, r#"["--password", "***"]"#),
        ("docker login -u ana -p abc registry:5000", "docker login -u ana -p *** registry:5000"),
        ("sudo docker login -p=abc x", "sudo docker login -p=*** x"),
        (r#"[docker, login, -p, "a b"]"#, r#"[docker, login, -p, "***"]"#),
        ("mysql -u root -pabc db -e 'select 1'", "mysql -u root -p*** db -e 'select 1'"),
        ("mysqldump -p'a b' db", "mysqldump -p'***' db"),
        ("sqlcmd -S host -U sa -P abc -Q x", "sqlcmd -S host -U sa -P *** -Q x"),
        ("/usr/bin/ldapsearch -x -w abc -b dc=x", "/usr/bin/ldapsearch -x -w *** -b dc=x"),
        ("mongosh -u a -p abc", "mongosh -u a -p ***"),
        ("docker login --password-stdin r.io <<< abc", "docker login --password-stdin r.io <<< ***"),
        ("echo abc | docker login --password-stdin r.io", "echo *** | docker login --password-stdin r.io"),
        ("echo -n 'a b' | sudo -S id", "echo -n '***' | sudo -S id"),
        ("kinit ana <<EOF\na1\nb2\nEOF\nls", "kinit ana <<EOF\n***\nEOF\nls"),
        ("machine h login ana password abc", "machine h login ana password ***"),
        ("machine h\n  login ana\n  password abc\n", "machine h\n  login ana\n  password ***\n"),
        ("create user u identified by 'abc'", "create user u identified by '***'"),
        ("ALTER ROLE u WITH PASSWORD 'abc';", "ALTER ROLE u WITH PASSWORD '***';"),
        ("Server=h;Uid=sa;Pwd=abc;Encrypt=no", "Server=h;Uid=sa;Pwd=***;Encrypt=no"),
        (
            "https://a.blob.x/c?sv=2021&sig=Ab%2Fc0123456789abcdef%3D&se=1",
            "https://a.blob.x/c?sv=2021&sig=***&se=1",
        ),
        ("see glsa_0123456789abcdefABCDEF0123456789_01234567", "see ***"),
        ("password: |\n  line1\n  line2\nx: 1", "password: |\n  ***\nx: 1"),
        ("a:\n  password: |2-\n    line1\n\n    line2\n  x: 1", "a:\n  password: |2-\n    ***\n  x: 1"),
        ("password:\n  abc\nx: 1", "password:\n  ***\nx: 1"),
        ("passwords:\n  - abc\n  - def\nx: 1", "passwords:\n  ***\nx: 1"),
        ("passwords: [abc, def]", "passwords: [***]"),
        ("password: !vault abc", "password: !vault ***"),
        ("password: &x abc", "password: &x ***"),
        ("password: 'it''s abc'", "password: '***'"),
        ("{\"password\":\n \"abc\"}", "{\"password\":\n \"***\"}"),
        (r#"{"secret":["abc","def"]}"#, r#"{"secret":["***"]}"#),
        ("{'password': b'abc'}", "{'password': b'***'}"),
        ("password: Some(\"abc\")", "password: Some(\"***\")"),
        ("kcat --password \\\n  abc", "kcat --password \\\n  ***"),
        ("**password**: abc1", "**password**: ***"),
        ("curl -sku ana:abc http://x", "curl -sku ana:*** http://x"),
        ("curl -b \"session=abc\" http://x", "curl -b \"session=***\" http://x"),
        ("curl --cert c.pem:abc http://x", "curl --cert c.pem:*** http://x"),
        ("docker exec c curl -u ana:abc http://x", "docker exec c curl -u ana:*** http://x"),
        ("printf \"%s\\n\" abc | kinit ana", "printf \"%s\\n\" *** | kinit ana"),
        (
            "echo -ne \"abc\" | docker login --password-stdin",
            "echo -ne \"***\" | docker login --password-stdin",
        ),
        ("cat <<EOF | kinit ana\nabc\nEOF", "cat <<EOF | kinit ana\n***\nEOF"),
        ("pass=abc", "pass=***"),
        ("<name>db.password</name><value>abc</value>", "<name>db.password</name><value>***</value>"),
        ("aws configure set aws_secret_access_key abc", "aws configure set aws_secret_access_key ***"),
        ("ENV DB_PASSWORD abc", "ENV DB_PASSWORD ***"),
        ("the password \"abc\" was refused", "the password \"***\" was refused"),
        ("clé API : abc123", "clé API : ***"),
        ("jeton : abc123", "jeton : ***"),
        ("phrase de passe : abc123", "phrase de passe : ***"),
        ("dbPass=abc SSHPASS=def", "dbPass=*** SSHPASS=***"),
        ("password2: abc", "password2: ***"),
        ("mysqlimport -pabc db f", "mysqlimport -p*** db f"),
        (
            "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nMIIabc\n",
            "-----BEGIN RSA PRIVATE KEY-----\n***\n",
        ),
        ("keytool -storepass changeit -v", "keytool -storepass *** -v"),
        ("openssl rsa -passin pass:abc -in k", "openssl rsa -passin pass:*** -in k"),
        ("sshpass -p abc ssh h", "sshpass -p *** ssh h"),
        ("password = \"with, blanks\" next", "password = \"***\" next"),
        ("password='with, blanks' next", "password='***' next"),
        ("{password=a,b, user=c}", "{password=***, user=c}"),
        ("<password>a b</password>", "<password>***</password>"),
        (r#"<property name="x.password" value="a b"/>"#, r#"<property name="x.password" value="***"/>"#),
        ("- name: DB_PASSWORD\n  value: abc\n", "- name: DB_PASSWORD\n  value: ***\n"),
        ("password: |\n  abc def\nx: 1", "password: |\n  ***\nx: 1"),
        ("mot de passe : hunter2, à changer", "mot de passe : ***, à changer"),
        ("the password is hunter2", "the password is ***"),
        ("the API key: abc123", "the API key: ***"),
        ("AccountKey=abc==;EndpointSuffix=x", "AccountKey=***;EndpointSuffix=x"),
        ("Set-Cookie: session=abc; Path=/", "Set-Cookie: ***"),
        ("basic.auth.user.info=ana:abc", "basic.auth.user.info=***"),
        (
            "-----BEGIN RSA PRIVATE KEY-----\nMIIabc\nxyz=\n-----END RSA PRIVATE KEY-----\n",
            "-----BEGIN RSA PRIVATE KEY-----\n***\n-----END RSA PRIVATE KEY-----\n",
        ),
    ] {
        assert_eq!(mask(text), expected);
        assert!(may_mask(text), "{text}");
        assert_eq!(mask(expected), expected, "what is masked stays as it is");
    }
    assert!(!mask("sasl.jaas.config=x.Y required username=\"u\" password=\"p\";").contains("\"p\""));
    assert!(!mask("x.PlainLoginModule required user_ana=\"p4ss\";").contains("p4ss"));
}

#[test]
fn ordinary_words_are_no_secrets() {
    for text in [
        "1000 records sent",
        "the password",
        "password alone, token count 12",
        "num.partitions=3, key.serializer=org.apache.kafka.common.serialization.StringSerializer",
        "max.tokens=12, token_count: 7, tokens: 12",
        "password: env:NAME",
        "password=$PASSWORD, password=${file:/a:b}, password: {{ vars.x }}, password=***",
        "ssl.keystore.location=/etc/k.p12",
        "open /etc/passwd: no such file",
        "org.apache.kafka.common.errors.InvalidTokenException: the broker refused it",
        "basic authentication, bearer token, cookie policy",
        "docker run -u 1000:1000 image",
        "sort -u a b",
        "the prefix ghp_ of tokens",
        "npm_config_registry",
        "http://host:8083/connectors?expand=info@2",
        "use --password to log in",
        "the password is wrong",
        "PWD=/home/ana",
        "Secret::new",
        "bypass: 3",
        "compass=north, bypass=yes",
        "tests pass:100%",
        "tokens: 12345678 consumed, tokens_per_second=1234567",
        "password_failures: 1234, failed.password.attempts = 12345",
        "retard de user-tokens : 482910",
        r#"{"topic":"user-password","value":"kept"}"#,
        r#"{"key":"user-token","value":"x1"}"#,
        "docker run -u kafka:kafka image",
        "docker exec --user kafka:kafka c ls",
        "date -u +%H:%M",
        "rsync -u host:/path .",
        "npm_package_dependencies_kafkajs_2",
        "hf_orders_by_customer_v2_2025",
        "ghs_metrics_of_the_broker_1_total",
        "Aizawa-san-has-2-brokers-here",
        "bash: DB_PASSWORD: unbound variable",
        "Failed to load credentials: connection refused",
        "password: unchanged",
        "the secret 'kafka-tls' was not found",
        "un jeton par groupe",
        "ENV PASSWORD_FILE /run/x",
        "secret : aucun",
        "le paramètre --password est obligatoire",
        "--password PASSWORD   the password",
        "--token string   a token",
        "password=$password",
        "client.key=/etc/ssl/client.key",
        "docker build --secret id=npmrc,src=.npmrc .",
        "mongodump -p 27017",
        "docker login registry:5000",
        "mysql -p db",
        "mysql -u root --port 3306",
        "echo done | tee log",
        "cat <<EOF\npassed\nEOF",
        "docker run -p 8080:80 image",
        "docker login r.io && docker run -p 8080:80 image",
        "the login page password reset",
        "x;pwd=/home/ana",
        "unzip -p file.zip",
        "a log?sig=1",
        "-----BEGIN CERTIFICATE-----\nMIIabc\n-----END CERTIFICATE-----",
    ] {
        assert!(matches!(mask(text), Cow::Borrowed(_)), "{text} became {}", mask(text));
    }
}

#[test]
fn what_is_masked_has_a_trace() {
    for key in [
        "x.password",
        "passwd",
        "a-passphrase",
        "client.secret",
        "apiKey",
        "x.api.key",
        "api-key",
        "access_key",
        "privateKey",
        "private.key",
        "shared-key",
        "userInfo",
        "user.info",
        "sasl.jaas.config",
        "authorization",
        "storepass",
        "mdp",
        "db_pass",
        "dbPwd",
        "key.pem",
        "credentials",
        "token",
    ] {
        let upper = format!("{{\"{}\":1}}", key.to_uppercase());
        assert!(is_secret_key(key) && may_mask(&upper) && may_mask(&format!("{{\"{key}\":1}}")), "{key}");
    }
    assert!(!may_mask(r#"{"records": 1000, "topic": "orders", "note": "nothing to hide"}"#));
}

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
fn log_ins_and_addresses_that_let_in_are_masked() {
    for (text, expected) in [
        ("ana:abc@tcp(host:3306)/db", "ana:***@tcp(host:3306)/db"),
        ("DSN=ana:a@b/c@tcp(host:3306)/db?x=1", "DSN=ana:***@tcp(host:3306)/db?x=1"),
        (r#"dsn: "ana:abc@unix(/tmp/mysql.sock)/db""#, r#"dsn: "ana:***@unix(/tmp/mysql.sock)/db""#),
        ("ana:abc@cloudsql(p:r:i)/db", "ana:***@cloudsql(p:r:i)/db"),
        ("ana:abc@/db", "ana:***@/db"),
        ("h:5432:db:ana:a b c\n*:*:*:ana:abc\n", "h:5432:db:ana:***\n*:*:*:ana:***\n"),
        ("echo \"h.x:15432:db:ana:abc\" > ~/.pgpass", "echo \"h.x:15432:db:ana:***\" > ~/.pgpass"),
        ("digest:ana:abc", "digest:ana:***"),
        ("setAcl /x auth:ana:abc:cdrwa", "setAcl /x auth:ana:***:cdrwa"),
        (
            "zk.addAuthInfo(\"digest\", \"ana:abc\".getBytes())",
            "zk.addAuthInfo(\"digest\", \"ana:***\".getBytes())",
        ),
        ("auth_data=[('digest', 'ana:abc')]", "auth_data=[('digest', 'ana:***')]"),
        ("see https://hooks.slack.com/services/T0/B0/xyz.", "see https://hooks.slack.com/services/***."),
        (
            r#""https:\/\/hooks.slack.com\/services\/T0\/B0\/xyz""#,
            r#""https:\/\/hooks.slack.com\/services\/***""#,
        ),
        (
            "https://x.webhook.office.com/webhookb2/a@b/IncomingWebhook/c/d",
            "https://x.webhook.office.com/webhookb2/***",
        ),
        (
            "https://outlook.office.com/webhook/a@b/IncomingWebhook/c/d",
            "https://outlook.office.com/webhook/***",
        ),
        (
            "https://discord.com/api/webhooks/123456789012345678/abcdefghijklmnopqrstuvwxyz?wait=true",
            "https://discord.com/api/webhooks/***?wait=true",
        ),
        (
            "https://discordapp.com/api/v10/webhooks/123456789012345678/abcdefghijklmnopqrstuvwxyz",
            "https://discordapp.com/api/v10/webhooks/***",
        ),
        ("https://chat.x:8065/hooks/abcdefghijk1234567890mnopq", "https://chat.x:8065/hooks/***"),
        (
            "https://canary.discord.com/api/v9/webhooks/12/ab-c",
            "https://canary.discord.com/api/v9/webhooks/***",
        ),
        (
            "https://api.telegram.org/bot123456789:AAF-abcdefghijklmnopqrstuvwxyz/getMe",
            "https://api.telegram.org/bot***/getMe",
        ),
        (
            "https://chat.googleapis.com/v1/spaces/A/messages?key=abc123&token=x%3D",
            "https://chat.googleapis.com/v1/spaces/A/messages?key=***&token=***",
        ),
        ("s.abcDEF1234567890abcdefGH", "***"),
        ("token=s.abcDEF1234567890abcdefGH, x s.abcDEF1234567890abcdefGH", "token=***, x ***"),
        ("create user u identified by abc", "create user u identified by ***"),
        (
            "ALTER USER u IDENTIFIED BY \"abc\" REPLACE def;",
            "ALTER USER u IDENTIFIED BY \"***\" REPLACE ***;",
        ),
        (
            "GRANT ALL ON x.* TO u IDENTIFIED BY abc WITH GRANT OPTION",
            "GRANT ALL ON x.* TO u IDENTIFIED BY *** WITH GRANT OPTION",
        ),
        ("SET PASSWORD FOR 'u'@'h' = 'abc';", "SET PASSWORD FOR 'u'@'h' = '***';"),
        ("SET PASSWORD FOR u = PASSWORD('abc')", "SET PASSWORD FOR u = PASSWORD('***')"),
        ("set password to 'abc'", "set password to '***'"),
        (
            "CREATE USER u\n  IDENTIFIED BY abc\n  QUOTA 1 ON t",
            "CREATE USER u\n  IDENTIFIED BY ***\n  QUOTA 1 ON t",
        ),
        ("CREATE ROLE r WITH LOGIN PASSWORD 'abc'", "CREATE ROLE r WITH LOGIN PASSWORD '***'"),
        ("CREATE LOGIN l WITH PASSWORD = N'abc'", "CREATE LOGIN l WITH PASSWORD = N'***'"),
    ] {
        assert_eq!(mask(text), expected);
        assert!(may_mask(text), "{text}");
        assert_eq!(mask(expected), expected, "what is masked stays as it is");
    }
    for text in [
        "ana@tcp(host:3306)/db",
        "(12.3 MB)/s of a:b",
        "127.0.0.1:5432:5432",
        "10:15:23:5432:x:y",
        "arn:aws:s3:*:*:bucket, arn:*:s3:::bucket",
        "digest:sha256:0123abcd, digest: sha256:0123abcd",
        "digest:ana:Yk2h0X8bq5d0mZ3v3s8v0w7Y2aQ=",
        "digest:ana:Yk2h0X8bq5d0mZ3v3s8v0w7Y2aQ=:cdrwa,world:anyone:r",
        "https://hooks.slack.com/services/... or https://hooks.slack.com/services/${SLACK}",
        "https://h/repo/hooks/pre-commit, https://h/webhooks/12, https://h/bot/1",
        "https://chat.googleapis.com/v1/spaces/A/messages?threadKey=abc",
        "it took 12 s. Then s.next",
        "a user identified by its name",
        "set password policy to 12 characters",
        "create user accounts identified by email addresses",
        "ALTER USER u IDENTIFIED BY VALUES 'hash'",
    ] {
        assert!(matches!(mask(text), Cow::Borrowed(_)), "{text} became {}", mask(text));
    }
}

#[test]
fn command_lines_that_say_a_secret_are_masked() {
    for (text, expected) in [
        ("sqlplus user/pw@host", "sqlplus user/***@host"),
        ("sqlplus -s scott/tiger", "sqlplus -s scott/***"),
        ("sqlplus -L 'sys/\"p@ss\"@db' as sysdba", "sqlplus -L 'sys/\"***' as sysdba"),
        ("$ sqlplus a/b@//db:1521/svc @run.sql", "$ sqlplus a/***@//db:1521/svc @run.sql"),
        ("rman target sys/pw@db catalog cat/pw2@c", "rman target sys/***@db catalog cat/***@c"),
        ("expdp scott/tiger@db directory=d", "expdp scott/***@db directory=d"),
        ("sqlldr userid=scott/tiger control=c", "sqlldr userid=scott/*** control=c"),
        ("rman TARGET sys/pw@db", "rman TARGET sys/***@db"),
        (
            "sqlplus /nolog <<E\nconnect a/b@db\nCONN sys/x AS SYSDBA\nE",
            "sqlplus /nolog <<E\nconnect a/***@db\nCONN sys/*** AS SYSDBA\nE",
        ),
        ("ssh-keygen -q -N'abc' -f k", "ssh-keygen -q -N'***' -f k"),
        ("mongosh -u a -pabc", "mongosh -u a -p***"),
        ("addauth digest ana:abc", "addauth digest ana:***"),
        ("htpasswd -b .htpasswd ana abc", "htpasswd -b .htpasswd ana ***"),
        ("htpasswd -nb ana abc", "htpasswd -nb ana ***"),
        ("htpasswd -nbBC 10 \"\" abc | tr -d ':\\n'", "htpasswd -nbBC 10 \"\" *** | tr -d ':\\n'"),
        ("vault login my-root-token", "vault login ***"),
        ("vault login token=abc", "vault login token=***"),
        (
            "vault login -method=userpass username=ana password=abc",
            "vault login -method=userpass username=ana password=***",
        ),
        (
            "vault kv put kv/app password=x api='a b' ca=@f",
            "vault kv put kv/app password=*** api='***' ca=@f",
        ),
        ("VAULT_TOKEN=abc vault status", "VAULT_TOKEN=*** vault status"),
        ("openssl rsa -in k -passout pass:abc", "openssl rsa -in k -passout pass:***"),
        ("openssl enc -aes-256-cbc -k abc -in f", "openssl enc -aes-256-cbc -k *** -in f"),
        ("net use Z: \\\\srv\\share abc /user:ana", "net use Z: \\\\srv\\share *** /user:ana"),
        ("net user ana abc /add", "net user ana *** /add"),
        ("smbclient //srv/x -U 'DOM\\ana%a b'", "smbclient //srv/x -U 'DOM\\ana%***'"),
        ("smbclient --user=ana%abc //srv/x", "smbclient --user=ana%*** //srv/x"),
        ("redis-cli -h h AUTH abc", "redis-cli -h h AUTH ***"),
        ("kadmin -p ana -w abc -q listprincs", "kadmin -p ana -w *** -q listprincs"),
        ("kadmin.local -q \"addprinc -pw abc ana\"", "kadmin.local -q \"addprinc -pw *** ana\""),
        ("ssh-keygen -p -P abc -N 'd e' -f k", "ssh-keygen -p -P *** -N '***' -f k"),
        ("keytool -storepass abc -keypass def", "keytool -storepass *** -keypass ***"),
        (
            "az login --service-principal -u x -p abc --tenant t",
            "az login --service-principal -u x -p *** --tenant t",
        ),
        (
            "gcloud sql users set-password root --password=abc",
            "gcloud sql users set-password root --password=***",
        ),
        (
            "aws configure set aws_session_token abc --profile p",
            "aws configure set aws_session_token *** --profile p",
        ),
        (
            "kubectl -n n create secret generic s --from-literal=password=x --from-literal 'api=a b'",
            "kubectl -n n create secret generic s --from-literal=password=*** --from-literal 'api=***'",
        ),
        (
            "helm upgrade r c --set auth.username=a,auth.password=b",
            "helm upgrade r c --set auth.username=a,auth.password=***",
        ),
        ("wget --user a --password abc http://h", "wget --user a --password *** http://h"),
        ("wget --http-password=abc http://h", "wget --http-password=*** http://h"),
        ("http -a ana:abc h/x", "http -a ana:*** h/x"),
        ("https --auth=ana:abc h/x", "https --auth=ana:*** h/x"),
        ("plink -ssh ana@h -pw abc", "plink -ssh ana@h -pw ***"),
        ("rabbitmqctl add_user ana abc", "rabbitmqctl add_user ana ***"),
        ("db2 connect to d user ana using abc", "db2 connect to d user ana using ***"),
        ("docker login \\\n  -u ana \\\n  -p abc", "docker login \\\n  -u ana \\\n  -p ***"),
        (
            "\"[\\\"docker\\\", \\\"login\\\", \\\"-p\\\", \\\"abc\\\"]\"",
            "\"[\\\"docker\\\", \\\"login\\\", \\\"-p\\\", \\\"***\\\"]\"",
        ),
        ("curl -u a:b -E c.pem:d http://x", "curl -u a:*** -E c.pem:*** http://x"),
        ("echo abc | docker exec -i c kinit ana", "echo *** | docker exec -i c kinit ana"),
        ("grep password=hunter2 app.log", "grep password=*** app.log"),
    ] {
        assert_eq!(mask(text), expected);
        assert!(may_mask(text), "{text}");
        assert_eq!(mask(expected), expected, "what is masked stays as it is");
    }
}

/// What only looks for a word, or has no secret where another command line has one.
#[test]
fn ordinary_command_lines_stay_as_they_are() {
    for text in [
        "echo ok | grep passwd",
        "echo ok | tee passwd | sed s/a/b/",
        "grep -i password file",
        "grep 'password' \"app.log\"",
        "grep 'password=' app.log",
        "journalctl -u kafka | grep -E 'token|password: '",
        "sed -i 's/password=.*/password=X/' app.conf",
        "awk '/token/' f",
        "awk -F= '/^password=/ {print $2}' f",
        "ps aux | grep secret",
        "cat /etc/passwd | head",
        "getent passwd 'ana'",
        "sqlplus / as sysdba",
        "sqlplus /nolog @run.sql",
        "sqlplus ana@//db:1521/svc",
        "with sqlplus over TCP/IP",
        "connect source/target",
        "usage: htpasswd -nb username password",
        "ssh-keygen [-q] [-N new_passphrase] [-C comment]",
        "kubectl create secret generic NAME [--from-literal=key1=value1]",
        "http -a USERNAME[:PASSWORD] URL",
        "openssl -k is deprecated",
        "Kafka connect a/b@c",
        "keytool -storepass:env STORE",
        "rman target /",
        "vault login failed",
        "the vault login page is slow",
        "vault login -method=oidc",
        "htpasswd -c file ana",
        "net use \\\\srv\\share /delete",
        "the net use of memory is low",
        "net user count by region",
        "smbclient -U ana //srv/share",
        "ssh-keygen -t rsa -N '' -f k",
        "kubectl create configmap c --from-literal=a=b",
        "setAcl /x digest:ana:Yk2h0X8bq5d0mZ3v3s8v0w7Y2aQ=:cdrwa",
        "sh -c \"mysql -p\", \"x\": \"y\"",
        "http://h/x -a b:c",
    ] {
        assert!(matches!(mask(text), Cow::Borrowed(_)), "{text} became {}", mask(text));
    }
}

#[test]
fn words_of_a_command_line_are_looked_at_together() {
    for (words, expected) in [
        (json!(["docker", "login", "-p", "abc"]), json!(["docker", "login", "-p", "***"])),
        (json!(["sudo", "/usr/bin/mysql", "-pabc"]), json!(["sudo", "/usr/bin/mysql", "-p***"])),
        (json!(["docker", "--debug", "login", "-pabc"]), json!(["docker", "--debug", "login", "-p***"])),
        (json!(["docker", "run", "-p", "80:80"]), json!(["docker", "run", "-p", "80:80"])),
        (json!(["mysql", "-p", "db"]), json!(["mysql", "-p", "db"])),
        (json!(["ssh-keygen", "-P", "abc", "-N", "def"]), json!(["ssh-keygen", "-P", "***", "-N", "***"])),
        (json!(["sqlplus", "-s", "ana/abc@db"]), json!(["sqlplus", "-s", "ana/***@db"])),
    ] {
        let mut masked = words;
        mask_record(&mut masked);
        assert_eq!(masked, expected);
    }
}

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
        "argv": ["x", "--password", "a b", "-u", "ana:abc", "--topic", "orders"],
        "env": [{"name": "DB_PASSWORD", "value": "abc"}, {"name": "TOPIC", "value": "orders"}],
        "passwords": ["abc", 1, null], "x.secret": 12, "has_token": true, "token": "env:TOKEN",
    });
    mask_json(&mut value);
    assert_eq!(
        value,
        json!({
            "***": 1, "a ***": 2,
            "argv": ["x", "--password", "***", "-u", "ana:***", "--topic", "orders"],
            "env": [{"name": "DB_PASSWORD", "value": "***"}, {"name": "TOPIC", "value": "orders"}],
            "passwords": ["***", "***", null], "x.secret": "***", "has_token": true, "token": "env:TOKEN",
        })
    );
}

#[test]
fn what_is_no_text_is_searched_too() {
    learn("bytes-of-sécret");
    learn("bytes-of-secret");
    for (bytes, expected) in [
        (&b"\xff\x00bytes-of-secret\xfe"[..], &b"\xff\x00***\xfe"[..]),
        (b"\xffbytes-of-s\xe9cret", b"\xff***"),
        (b"\xff password=abc \xfe", b"\xff password=*** \xfe"),
    ] {
        assert_eq!(mask_bytes(bytes), expected);
    }
    let wide: Vec<u8> = "x bytes-of-secret".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(memchr::memmem::find(&mask_bytes(&wide), b"s\0e\0c\0").is_none());
}

#[test]
fn a_word_finds_the_secret_in_it() {
    learn("held-by-an-argument");
    assert!(holds_secret("--x=held-by-an-argument") && holds_secret("a held-by-an-argument b"));
    assert!(!holds_secret("--x=another"));
}

#[test]
fn a_text_full_of_beginnings_takes_no_time() {
    let started = std::time::Instant::now();
    for beginning in [
        "-----BEGIN PRIVATE KEY-----",
        "http://a:b,",
        "eyJ.",
        "user_x=",
        "password",
        "token\":",
        " -u\"",
        "Bearer a",
        "x=",
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
    ] {
        let text = beginning.repeat((1 << 16) / beginning.len());
        let _ = mask(&text);
        assert!(started.elapsed() < std::time::Duration::from_secs(30), "{beginning}");
    }
}

/// A page of JSON is one line: what is looked at behind each trace is bounded.
#[test]
fn a_long_line_full_of_traces_takes_no_time() {
    let begun = std::time::Instant::now();
    for part in ["password=a ", "echo a <<", "curl -u ", "docker login ", "\"token\":\"a\",", "password: "] {
        let text = part.repeat((64 << 10) / part.len());
        assert!(mask(&text).len() > 32 << 10, "{part}");
    }
    let long = begun.elapsed();
    assert!(long < std::time::Duration::from_secs(60), "{long:?}");
}

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
    ];
    let strategy = proptest::collection::vec(0..PARTS.len(), 0..14);
    proptest::proptest!(proptest::prelude::ProptestConfig::with_cases(3000), |(parts in strategy, cut in 0..3_usize)| {
        let text: String = parts.iter().map(|part| PARTS[*part]).collect();
        let bytes = &text.as_bytes()[..text.len().saturating_sub(cut)];
        let _ = mask_bytes(bytes);
    });
}
