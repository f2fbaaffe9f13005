//! Command lines that hold a secret, and those that hold none.

use super::super::*;
use serde_json::json;

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
