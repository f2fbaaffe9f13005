//! What is masked, in every form that it may have, and what is left alone.

use super::*;

mod addresses;
mod blocks;
mod code;
mod commands;
mod config;
mod fields;
mod kept;
mod learnt;
mod named;
mod notes;
mod programming;
mod programs;
mod shapes;
mod speed;
mod tables;
mod variants;
mod wide;
mod words;

/// Each text has its secrets in `‹›`, and they alone are masked.
fn are_masked(marked: &[&str]) {
    for said in marked {
        let text = said.replace(['‹', '›'], "");
        let mut parts = said.split('‹');
        let mut expected = parts.next().unwrap().to_owned();
        for part in parts {
            expected += MASK;
            expected += part.split_once('›').unwrap().1;
        }
        assert_eq!(mask(&text), expected);
        assert!(may_mask(&text), "{text}");
        assert_eq!(mask(&expected), expected, "what is masked stays as it is");
    }
}

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
        ("passwords: [abc, def]", "passwords: [***, ***]"),
        ("password: !vault abc", "password: !vault ***"),
        ("password: &x abc", "password: &x ***"),
        ("password: 'it''s abc'", "password: '***'"),
        ("{\"password\":\n \"abc\"}", "{\"password\":\n \"***\"}"),
        (r#"{"secret":["abc","def"]}"#, r#"{"secret":["***","***"]}"#),
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
