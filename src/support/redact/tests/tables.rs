//! Tables: columns under the name of a secret, and cells beside one.

use super::super::*;

#[test]
fn secrets_in_tables_are_masked() {
    for (text, expected) in [
        ("user;password\nana;pw1\nbob;pw2", "user;password\nana;***\nbob;***"),
        ("user,password\nana,pw1\nbob,pw2", "user,password\nana,***\nbob,***"),
        (
            "| user | password |\n|------|----------|\n| ana  | pw1    |\n| bob  | pw2    |",
            "| user | password |\n|------|----------|\n| ana  | ***    |\n| bob  | ***    |",
        ),
        ("| password | pw1 |", "| password | *** |"),
        ("password;pw1", "password;***"),
        ("password\tpw1", "password\t***"),
        ("user\tpassword\thost\nana\tpw1\th", "user\tpassword\thost\nana\t***\th"),
        ("\"name\",\"value\"\n\"db.password\",\"pw1\"", "\"name\",\"value\"\n\"db.password\",\"***\""),
        ("user|password\nana|pw1", "user|password\nana|***"),
        (
            "+------+----------+\n| user | password |\n+------+----------+\n| ana  | pw1    |\n+------+----------+",
            "+------+----------+\n| user | password |\n+------+----------+\n| ana  | ***    |\n+------+----------+",
        ),
        (
            " usename | passwd \n---------+--------\n ana     | pw1\n bob     | pw2\n(2 rows)",
            " usename | passwd \n---------+--------\n ana     | ***\n bob     | ***\n(2 rows)",
        ),
        ("\"user\";\"mot de passe\"\n\"ana\";\"pw;1\"", "\"user\";\"mot de passe\"\n\"ana\";\"***\""),
        ("host,user,password,port\nh,ana,\"pw,1\",9092", "host,user,password,port\nh,ana,\"***\",9092"),
        (
            "| option | value | description |\n|---|---|---|\n| topic | x | a |\n| `ssl.key.password` | `pw1` | the key |",
            "| option | value | description |\n|---|---|---|\n| topic | x | a |\n| `ssl.key.password` | `***` | the key |",
        ),
        ("key;value\ntopic;orders\nssl.key.password;pw1", "key;value\ntopic;orders\nssl.key.password;***"),
        ("topic\torders\npassword\tpw1", "topic\torders\npassword\t***"),
    ] {
        assert_eq!(mask(text), expected);
        assert!(may_mask(text), "{text}");
        assert_eq!(mask(expected), expected, "what is masked stays as it is");
    }
}

/// A column of tokens or secrets may have names of them, or numbers: what has the letters of one is masked.
#[test]
fn a_column_of_tokens_is_masked_where_they_look_like_ones() {
    for (text, expected) in [
        (
            "| topic | token | lag |\n|---|---|---|\n| orders | Zq7hunter1 | 12 |\n| a | payments | 3 |",
            "| topic | token | lag |\n|---|---|---|\n| orders | *** | 12 |\n| a | payments | 3 |",
        ),
        ("user,token,host\nana,hvs.x!,h1", "user,token,host\nana,***,h1"),
        (
            "| user | password |\n|---|---|\n| ana | secret |\n| bob | pw2 |",
            "| user | password |\n|---|---|\n| ana | *** |\n| bob | *** |",
        ),
    ] {
        assert_eq!(mask(text), expected);
    }
}
