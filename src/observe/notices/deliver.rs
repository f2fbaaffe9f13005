//! Delivers the notices of one receiver, one after the other, and tries again what failed.

use super::{form, notice::Notice};
use crate::{
    clients::{
        Endpoint,
        http::{Client, HttpError, Method, header},
    },
    plan::notify::{Address, Notify, web_address},
    record::{Arg, Event, Said, Speaks, messages},
    support::{inherited, redact},
};
use std::{
    process::Stdio,
    sync::mpsc::{Receiver, Sender},
    time::Duration,
};
use tokio::{io::AsyncWriteExt, process::Command, time};
use url::Url;

/// How long one try may take.
const TRY: Duration = Duration::from_secs(10);
/// How long to wait before each further try.
const AGAIN: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(5)];

messages! {
    area "notices delivery";
    answered(status) => "it answered {status}" / "réponse {status}";
    command_failed(program, status) => "`{program}` ended with {status}" / "`{program}` s'est terminé avec {status}";
    command_not_run(program, cause) => "`{program}` cannot be run: {cause}" / "`{program}` ne peut pas être lancé : {cause}";
    no_address() => "the secret is no address that begins with http:// or https://" / "le secret n'est pas une adresse commençant par http:// ou https://";
    no_answer(limit) => "no answer within {limit}" / "pas de réponse en {limit}";
    no_runtime(cause) => "nothing can be sent from here: {cause}" / "rien ne peut être envoyé d'ici : {cause}";
}

/// Why a try failed, and whether another one may help.
struct Failed {
    why: Said,
    for_good: bool,
}

/// Delivers what comes until no more can come, and says of each notice what became of it.
pub(super) fn all(notify: &Notify, notices: &Receiver<(Notice, String)>, outcome: &Sender<Event>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    while let Ok((notice, body)) = notices.recv() {
        let (tries, failure) = match &runtime {
            Ok(runtime) => runtime.block_on(delivered(notify, &body)),
            Err(cause) => (0, Some(no_runtime(cause.to_string()))),
        };
        let failure = failure.map(Said::masked);
        let told = Event::NoticeSent { record: notice.record, to: notify.name.clone(), tries, failure };
        if outcome.send(told).is_err() {
            return;
        }
    }
}

/// How often it was tried, and why it failed where it did.
async fn delivered(notify: &Notify, body: &str) -> (u32, Option<Said>) {
    let mut tries = 0;
    loop {
        tries += 1;
        let tried = match &notify.url {
            Some(address) => time::timeout(TRY, post(notify, address, body)).await,
            None => time::timeout(TRY, run(&notify.command, body)).await,
        };
        let failed = match tried {
            Ok(Ok(())) => return (tries, None),
            Ok(Err(failed)) => failed,
            Err(_) => Failed { why: no_answer(TRY), for_good: false },
        };
        match AGAIN.get(tries as usize - 1) {
            Some(pause) if !failed.for_good => time::sleep(*pause).await,
            _ => return (tries, Some(failed.why)),
        }
    }
}

/// Posts a body. Errors name no address: chat tools put a token into its path.
async fn post(notify: &Notify, address: &Address, body: &str) -> Result<(), Failed> {
    let for_good = |why: Said| Failed { why, for_good: true };
    let url = match address {
        Address::Plain(url) => url.clone(),
        Address::Secret(reference) => {
            let secret = reference.resolve().map_err(|error| for_good(error.said()))?;
            web_address(secret.expose()).ok_or_else(|| for_good(no_address()))?
        }
    };
    keep_secret(&url);
    let mut endpoint = Endpoint::at(url.clone());
    endpoint.headers.clone_from(&notify.headers);
    endpoint.ca_file.clone_from(&notify.ca_file);
    let client = Client::open(Said::verbatim(&*notify.name), &endpoint)
        .await
        .map_err(|e| for_good(without_address(e)))?;
    let request = client
        .request(Method::POST, url)
        .header(header::CONTENT_TYPE, form::media_type(notify, body))
        .body(body.to_owned());
    let response = client
        .send(request)
        .await
        .map_err(|error| Failed { why: without_address(error), for_good: false })?;
    match response.status {
        200..=299 => Ok(()),
        // Too many, too early, or something that passes on its side.
        status @ (408 | 425 | 429 | 500..) => Err(Failed { why: answered(status), for_good: false }),
        status => Err(for_good(answered(status))),
    }
}

/// Everything behind the host may be a token.
fn keep_secret(url: &Url) {
    let path = url.path().trim_matches('/');
    if path.len() >= 16 {
        redact::learn(path);
    }
    if let Some(query) = url.query().filter(|query| query.len() >= 16) {
        redact::learn(query);
    }
}

fn without_address(error: HttpError) -> Said {
    match error {
        HttpError::Unreachable { cause, .. } | HttpError::Unreadable { cause, .. } => cause,
        other => other.said(),
    }
}

/// Runs a program with the body on its standard input.
async fn run(command: &[String], body: &str) -> Result<(), Failed> {
    let Some((program, args)) = command.split_first() else { return Ok(()) };
    let not_run = |cause: std::io::Error| Failed {
        why: command_not_run(program, cause.to_string()),
        for_good: cause.kind() == std::io::ErrorKind::NotFound,
    };
    let mut child = Command::new(program)
        .args(args)
        .env_clear()
        .envs(inherited::variables())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(not_run)?;
    if let Some(mut stdin) = child.stdin.take() {
        // One that does not read all of it says by its end what that means.
        let _ = stdin.write_all(body.as_bytes()).await;
    }
    let status = child.wait().await.map_err(not_run)?;
    if status.success() {
        return Ok(());
    }
    Err(Failed { why: command_failed(program, Arg::text(status)), for_good: false })
}
