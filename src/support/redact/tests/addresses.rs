//! Addresses and strings of connections whose passwords have what should have been escaped.

use super::{super::*, are_masked};

#[test]
fn passwords_in_addresses_are_masked_whole() {
    are_masked(&[
        "jdbc:postgresql://u:‹p@ss›@h/db",
        "jdbc:postgresql://u:‹p@ss›@h:5432/db?ssl=true",
        "jdbc:sqlserver://h;user=u;password=‹p@ss›;encrypt=true",
        "jdbc:sqlserver://h:1433;databaseName=d;user=u;password=‹p@ss;w›;encrypt=true",
        "jdbc:postgresql://h/db?user=u&password=‹p@ss›&ssl=true",
        "jdbc:postgresql://h/db?password=‹p@ss›",
        "http://h/x?password=‹p@ss›&a=b",
        "https://h/x?token=‹a@b›&c=d",
        "https://h/x?api_key=‹a@b/c#frag›",
        "https://u:‹p@ss/w›@h.x:80/x",
        "https://u:‹p@s?s›@h.example/x",
        "https://u:‹p#ss›@h/x",
        "amqp://u:‹p@ss›@h:5672/vhost",
        "mongodb://u:‹p@ss›@h1:27017,h2:27017/db?x=1",
        "mongodb://u:‹p@ss›@h1,h2/db",
        "redis://:‹p@ss›@h:6379/0",
        "postgres://u:‹p@:ss›@h/db",
        "postgres://u:‹p:ss@w›@h/db",
        "mysql://u:‹p@ss›@h:3306/db",
        "mysql+pymysql://u:‹p@ss›@h/db",
        "jdbc:mysql://h/db?user=u&password=‹p@ss›&useSSL=false",
        "jdbc:mysql://u:‹p@ss›@h/db",
        "jdbc:oracle:thin:u/‹p@ss›@h:1521:sid",
        "jdbc:oracle:thin:u/‹pw1›@//h:1521/svc",
        r#"jdbc:oracle:thin:u/"‹p@ss›"@h:1521/svc"#,
        "jdbc:db2://h:50000/d:user=u;password=‹p@ss›;",
        "jdbc:h2:mem:x;USER=sa;PASSWORD=‹p@ss›",
        "jdbc:mariadb://h/db?user=u&password=‹p@ss›",
        "jdbc:redshift://h/db?UID=u&PWD=‹p@ss›",
        "jdbc:snowflake://h/?user=u&password=‹p@ss›&db=d",
        "url=jdbc:postgresql://u:‹p@ss›@h/db",
        "spring.datasource.url=jdbc:postgresql://h/db?user=u&password=‹p@ss›",
        r#""url": "jdbc:postgresql://h/db?user=u&password=‹p@ss›&a=b""#,
        "connection.url: jdbc:sqlserver://h;user=u;password=‹p@ss›;encrypt=true",
        "Server=h;Database=d;User Id=u;Password=‹p@ss›;",
        "Server=h;Database=d;User Id=u;Password=‹p@ss›;Encrypt=yes",
        "Server=h;Password='‹p@;ss›';Encrypt=yes",
        r#"Server=h;Password="‹p@;ss›";Encrypt=yes"#,
        "Driver={x};Server=h;UID=u;PWD={‹p@;ss›};Encrypt=yes",
        "amqps://u:‹p%40ss›@h",
        "sftp://u:‹p@ss›@h/path",
        "ldap://cn=a:‹p@ss›@h",
        "https://‹ghp_x0123456789abcdefghij›@github.com/o/r",
        "git+https://oauth2:‹tok@en›@h/r.git",
        "http://u:‹p@ss›@h1:80 and http://v:‹q@rr›@h2:80",
        "nats://u:‹p@ss›@h1:4222,nats://u:‹p@ss›@h2:4222",
    ]);
}

#[test]
fn addresses_without_a_password_stay_as_they_are() {
    for text in [
        "http://h:8080/x@y",
        "http://h/a?mail=a@b",
        "https://h/@scope/pkg",
        "http://h:9092,http://i:9092 a@b",
        "jdbc:postgresql://h:5432/db",
        "jdbc:oracle:thin:@h:1521:sid",
        "jdbc:oracle:thin:@//h:1521/svc",
        "mailto:ana@h",
        "kafka://h:9092/topic@1",
        "https://h/a@b/c@d.example",
        "jdbc:sqlserver://h:1433;databaseName=d;encrypt=true",
    ] {
        assert!(matches!(mask(text), Cow::Borrowed(_)), "{text} became {}", mask(text));
    }
}
