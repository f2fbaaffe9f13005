//! Files of configuration: properties, JAAS, routers, and values of several words.

use super::{super::*, are_masked};

#[test]
fn users_of_a_broker_are_masked() {
    are_masked(&[
        r#"org.apache.kafka.common.security.plain.PlainLoginModule required username="a" password="‹b›" user_alice="‹x›" user_bob="‹y›";"#,
        "KafkaServer {\n  org.apache.kafka.common.security.plain.PlainLoginModule required\n  username=\"admin\"\n  password=\"‹Zq7hunter1›\"\n  user_admin=\"‹Zq7hunter1›\"\n  user_alice=\"‹alice-pw›\";\n};",
        r#"x.PlainLoginModule required user_admin='‹x1›' user_al.ice = "‹x2›" user_bob=‹x3›;"#,
        r#"{"a": "x.PlainLoginModule required username=\"a\" password=\"‹b1›\" user_alice=\"‹x1›\" user_bob=\"‹y1›\";"}"#,
        "Server {\n org.apache.zookeeper.server.auth.DigestLoginModule required\n user_super=\"‹x1›\"\n user_kafka=\"‹y1›\";\n};",
        "x.PlainLoginModule required user_alice=&quot;‹x1›&quot; user_bob=&quot;‹y1›&quot;;",
        "x.PlainLoginModule required \\\n  username=\"a\" \\\n  password=\"‹b1›\" \\\n  user_alice=\"‹x1›\" \\\n  user_bob=\"‹y1›\";",
        "listener.name.sasl_ssl.plain.sasl.jaas.config=‹x.PlainLoginModule required username=\"a\" password=\"b\" user_alice=\"x\" user_bob=\"y\";›\nnum.partitions=3",
        "listener.name.sasl_ssl.plain.sasl.jaas.config=‹x.PlainLoginModule required \\›\n  username=\"a\" \\\n  password=\"‹b1›\" \\\n  user_alice=\"‹x1›\";",
        r#"listener.name.external.scram-sha-512.sasl.jaas.config: ‹x.ScramLoginModule required user_alice="x";›"#,
        r#"x.PlainLoginModule required user_alice-b="‹x1›" user_bob_c="‹x y›" user_é="‹z1›";"#,
    ]);
}

#[test]
fn values_behind_a_blank_are_masked() {
    are_masked(&[
        "ssl.truststore.password ‹Zq7hunter1›",
        "sasl.oauthbearer.client.secret ‹changeit›",
        "a=b\nssl.keystore.password ‹changeit›\nc=d",
        "  ssl.key.password   ‹hunter2›",
        "ssl.key.password\t‹changeit›",
        "bootstrap.servers h:9092\nsasl.password ‹hunter2›\nsecurity.protocol SSL",
        "`ssl.truststore.password ‹changeit›`",
        "+ssl.truststore.password ‹changeit›",
        "- ssl.truststore.password ‹changeit›",
        "> ssl.truststore.password ‹changeit›",
        "sasl.oauthbearer.client.credentials.client.secret ‹abc›",
        "listener.name.internal.ssl.keystore.password ‹Zq7hunter1›",
        "javax.net.ssl.trustStorePassword ‹changeit›",
        "spring.datasource.password ‹s3cr3t!›",
        "confluent.license.api.key ‹abc›",
        "ssl.truststore.password: ‹a b c›",
        "ssl.keystore.password : ‹changeit›",
        "db.password = ‹a b c›",
        "password = ‹correct horse battery›",
        "schema.registry.basic.auth.user.info ‹ana:hunter2›",
    ]);
}

#[test]
fn directives_are_masked() {
    are_masked(&[
        "bindpw ‹Zq7hunter1›",
        "bindpw ‹secret›",
        "rootpw ‹Zq7hunter1›",
        "rootpw ‹{SSHA}abc123›",
        "base dc=x\nbinddn cn=a\nbindpw ‹changeit›\nssl on",
        "rootbindpw ‹changeit›",
        "enable secret 5 ‹$1$abc$def›",
        "enable secret ‹Zq7hunter1›",
        "enable password ‹Zq7hunter1›",
        "enable password 7 ‹0822455D0A16›",
        "enable secret level 15 5 ‹$1$abc$def›",
        " password 7 ‹0822455D0A16›",
        "username ana password 7 ‹0822455D0A16›",
        "username ana privilege 15 secret 9 ‹$9$abc$def›",
        "username ana secret ‹Zq7hunter1›",
        "username ana password 0 ‹Zq7hunter1›",
        "neighbor 10.0.0.1 password ‹Zq7hunter1›",
        "neighbor 10.0.0.1 password 7 ‹0822455D0A16›",
        "snmp-server community ‹Zq7hunter1› RO",
        "tacacs-server key 7 ‹0822455D0A16›",
        "radius-server key ‹Zq7hunter1›",
        "key-string 7 ‹0822455D0A16›",
        "crypto isakmp key ‹Zq7hunter1› address 1.2.3.4",
        "pre-shared-key ‹Zq7hunter1›",
        r#"pre-shared-key ascii-text "‹Zq7hunter1›""#,
        r#"set system root-authentication encrypted-password "‹$6$abc›""#,
        "set user ana password ‹Zq7hunter1›",
        "requirepass ‹Zq7hunter1›",
        "masterauth ‹Zq7hunter1›",
        "sentinel auth-pass mymaster ‹Zq7hunter1›",
        "user ana on >‹Zq7hunter1› ~* +@all",
        "ACL SETUSER ana on >‹Zq7hunter1› ~* +@all",
        "auth_pass ‹Zq7hunter1›",
        "stats auth admin:‹Zq7hunter1›",
        "user ana insecure-password ‹Zq7hunter1›",
        "user ana password ‹$6$abc$def›",
        r#"AuthLDAPBindPassword "‹Zq7hunter1›""#,
        "AuthLDAPBindPassword ‹Zq7hunter1›",
        "cachemgr_passwd ‹Zq7hunter1› all",
        "remote_password ‹Zq7hunter1›",
        "set imap_pass=‹Zq7hunter1›",
        r#"psk="‹Zq7hunter1›""#,
        "ldap_default_authtok = ‹Zq7hunter1›",
        "rocommunity ‹Zq7hunter1›",
    ]);
}

#[test]
fn values_of_several_words_are_masked() {
    are_masked(&[
        "password: ‹correct horse battery›",
        "a: 1\npassword: ‹correct horse battery›\nb: 2",
        "db:\n  user: ana\n  password: ‹correct horse battery›\n  port: 1",
        "db:\n  password: ‹correct horse battery› # the one of ana",
        "password = ‹a b c›",
        "user = ana\npassword = ‹correct horse battery›",
        "user=ana\npassword=‹correct horse battery›\nport=1",
        "ssl.key.password=‹a b c›",
        "  - name: DB_PASSWORD\n    value: ‹correct horse battery›",
        "DB_PASSWORD=‹correct› horse battery",
        r#"password: "‹correct horse battery›""#,
        "password='‹correct horse battery›'",
        "[client]\nuser = root\npassword = ‹correct horse battery›",
        "<password>‹correct horse battery›</password>",
        "the password: ‹hunter2› is wrong",
        "DB_PASSWORD: ‹correct horse battery›",
        "environment:\n  DB_PASSWORD: ‹correct horse battery›\n  A: b",
        "api_token: ‹abc def ghi›",
        "- password: ‹correct horse battery›",
        "- user: ana\n  password: ‹correct horse battery›",
        "{password: ‹a b c›, user: b}",
        "{user: b, password: ‹a b c›}",
        "passphrase: ‹correct horse battery staple›",
        "ssl.keystore.password: ‹correct horse battery›",
    ]);
}

#[test]
fn lines_without_a_secret_stay_as_they_are() {
    for text in [
        "ssl.key.password is required",
        "ssl.key.password must be set",
        "set ssl.key.password in the file",
        "ssl.truststore.password missing",
        "ssl.truststore.password\n",
        "The setting ssl.truststore.password names the password of the store",
        "password policy",
        "password reset",
        "Password authentication",
        "secret created",
        "token refresh",
        "Token expired",
        "token bucket",
        "password rotation done",
        "Secret rotation",
        "ssl.keystore.password sensitive=true",
        r#"user_id=12 user_name="x""#,
        "user_count=12",
        "x.PlainLoginModule required;\nuser count=3",
        "enable secret rotation",
        "enable password authentication",
        "enable password expiry",
        "enable secret scanning",
        "snmp-server community public RO",
        "the community of users",
        "user ana on >",
        "user ana password reset",
        "username ana",
        "neighbor 10.0.0.1 remote-as 1",
        "the bindpw of the server",
        "bindpw",
        "key-string",
        "stats auth",
        r#"x.PlainLoginModule required username="a"; user_count="12""#,
    ] {
        assert!(matches!(mask(text), Cow::Borrowed(_)), "{text} became {}", mask(text));
    }
}

/// In a sentence, and in a line of a shell, the secret is the next word.
#[test]
fn other_words_of_a_line_stay() {
    are_masked(&[
        "the password: ‹hunter2› is wrong",
        "Mot de passe : ‹hunter2›, à changer demain",
        "DB_PASSWORD=‹hunter2› ./run.sh",
        "A=1\nDB_PASSWORD=‹hunter2› ./run.sh",
        "password = ‹hunter2› if x else y",
        "password=‹hunter2› and more",
        "user: ana password: ‹hunter2› host: h",
        "curl -d password=‹hunter2› http://h",
        "password: ‹hunter2› (valid for 3 days)",
    ]);
}
