//! What the page answers, path by path.

use super::{
    access::{Access, Right},
    decisions::{self, Wish},
    evidence, follow,
    hub::Hub,
    metrics, report, safety,
    site::FILES,
    stream,
};
use crate::{
    history,
    record::{Language, Said, StepId, messages},
};
use axum::{
    Json, Router,
    body::Body,
    extract::{DefaultBodyLimit, Query, Request, State},
    http::{HeaderMap, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use jiff::Timestamp;
use serde::Deserialize;
use std::{io::Read, sync::Arc};
use tokio::{sync::Semaphore, task};

/// Bytes of what is posted.
const LARGEST: usize = 64 * 1024;
/// Bytes of a file that are read at once.
const BLOCK: usize = 64 * 1024;
/// Older records in words that are given at once.
const EARLIER: usize = 300;
/// Streams that are open at once.
const STREAMS: usize = 64;

/// What the answers are made from.
#[derive(Clone)]
struct App {
    hub: Arc<Hub>,
    access: Arc<Access>,
    /// One report at a time: it takes a processor.
    reports: Arc<Semaphore>,
    streams: Arc<Semaphore>,
}

/// What may stand behind the `?`.
#[derive(Debug, Default, Deserialize)]
struct Asked {
    run: Option<String>,
    step: Option<u32>,
    path: Option<String>,
    lang: Option<String>,
    format: Option<String>,
    before: Option<u64>,
    most: Option<u64>,
}

messages! {
    area "page";
    no_file() => "the record does not name this file, or the file is not what was stored" / "le journal ne nomme pas ce fichier, ou le fichier n'est pas celui qui a été enregistré";
    no_run_yet() => "no run yet" / "pas encore d'exécution";
    token_needed() => "a token is needed: `jalon serve` prints the address with it" / "un jeton est nécessaire : `jalon serve` affiche l'adresse qui le contient";
    unreadable_wish() => "the request could not be read" / "la demande est illisible";
    write_token_needed() => "this token gives the right to read only" / "ce jeton ne donne que le droit de lire";
}

/// The answers, behind the guard.
pub(super) fn router(hub: Arc<Hub>, access: Arc<Access>) -> Router {
    let app = App {
        hub,
        access: Arc::clone(&access),
        reports: Arc::new(Semaphore::new(1)),
        streams: Arc::new(Semaphore::new(STREAMS)),
    };
    let readers = Router::new()
        .route("/api/stream", get(events))
        .route("/api/journal", get(earlier))
        .route("/api/runs", get(runs))
        .route("/api/notes", get(notes))
        .route("/api/evidence", get(files))
        .route("/evidence", get(file))
        .route("/report", get(report_of))
        .route("/metrics", get(exposition))
        .route_layer(middleware::from_fn_with_state(app.clone(), may_read));
    let mut site = Router::new();
    for file in FILES {
        let answer = move || async move { ([(header::CONTENT_TYPE, file.media_type)], file.text) };
        site = site.route(file.path, get(answer));
    }
    site.merge(readers)
        .route("/api/session", post(session))
        .route("/api/decide", post(decide))
        .layer(DefaultBodyLimit::max(LARGEST))
        .layer(middleware::from_fn_with_state(access, safety::guard))
        .with_state(app)
}

async fn may_read(State(app): State<App>, request: Request, next: Next) -> Response {
    match safety::right(&app.access, request.headers()) {
        Some(_) => next.run(request).await,
        None => refusal(StatusCode::UNAUTHORIZED, token_needed(), language(None, request.headers())),
    }
}

/// The language that was asked for, else the first of the browser's that there is.
fn language(asked: Option<&str>, headers: &HeaderMap) -> Language {
    let accepted =
        headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut codes = asked.into_iter().chain(accepted.split(',').filter_map(|tag| tag.trim().get(..2)));
    codes.find_map(|code| code.to_ascii_lowercase().parse().ok()).unwrap_or(Language::En)
}

fn refusal(status: StatusCode, said: Said, language: Language) -> Response {
    (status, Json(serde_json::json!({"error": said.in_language(language)}))).into_response()
}

fn json(text: String) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], text).into_response()
}

/// Says what the token may do, and gives a browser its cookie to read by.
async fn session(State(app): State<App>, headers: HeaderMap) -> Response {
    let Some(right) = safety::right(&app.access, &headers) else {
        return refusal(StatusCode::UNAUTHORIZED, token_needed(), language(None, &headers));
    };
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let secure = if app.access.is_proxy(host) { "; Secure" } else { "" };
    let cookie = format!(
        "{}={}; HttpOnly; SameSite=Strict; Path=/{secure}",
        app.access.cookie(),
        app.access.cookie_value()
    );
    let right = if right == Right::Write { "write" } else { "read" };
    ([(header::SET_COOKIE, cookie)], Json(serde_json::json!({"right": right}))).into_response()
}

async fn decide(
    State(app): State<App>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let language = language(asked.lang.as_deref(), &headers);
    match safety::by_token(&app.access, &headers) {
        Some(Right::Write) => {}
        Some(Right::Read) => return refusal(StatusCode::FORBIDDEN, write_token_needed(), language),
        None => return refusal(StatusCode::UNAUTHORIZED, token_needed(), language),
    }
    let Ok(body) = axum::body::to_bytes(body, LARGEST).await else {
        return refusal(StatusCode::PAYLOAD_TOO_LARGE, unreadable_wish(), language);
    };
    let Ok(wish) = serde_json::from_slice::<Wish>(&body) else {
        return refusal(StatusCode::BAD_REQUEST, unreadable_wish(), language);
    };
    let done = task::spawn_blocking(move || decisions::carry_out(&app.hub, wish, language)).await;
    match done {
        Ok(Ok(said)) => Json(serde_json::json!({"done": said.in_language(language)})).into_response(),
        Ok(Err(refused)) => {
            let status =
                if refused.is_busy { StatusCode::CONFLICT } else { StatusCode::UNPROCESSABLE_ENTITY };
            refusal(status, refused.said, language)
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

async fn events(State(app): State<App>, Query(asked): Query<Asked>, headers: HeaderMap) -> Response {
    let language = language(asked.lang.as_deref(), &headers);
    let Ok(place) = app.streams.clone().try_acquire_owned() else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let run = match asked.run.as_deref() {
        None => None,
        Some(name) => match on_blocking(&app, Some(name)).await {
            None => return refusal(StatusCode::NOT_FOUND, no_run_yet(), language),
            run => run,
        },
    };
    let since = headers.get("last-event-id").and_then(|id| id.to_str().ok()).and_then(|id| {
        let (run, seq) = id.rsplit_once(':')?;
        Some((run.to_owned(), seq.parse().ok()?))
    });
    let events = stream::events(Arc::clone(&app.hub), run, since, language);
    // Its place is free again when the stream is dropped.
    let events = futures_util::StreamExt::map(events, move |piece| {
        let _held = &place;
        piece
    });
    (
        [(header::CONTENT_TYPE, "text/event-stream"), (header::CACHE_CONTROL, "no-store")],
        Body::from_stream(events),
    )
        .into_response()
}

/// Finds a run, which may have to be read first.
async fn on_blocking(app: &App, name: Option<&str>) -> Option<Arc<follow::Follower>> {
    let (hub, name) = (Arc::clone(&app.hub), name.map(str::to_owned));
    task::spawn_blocking(move || hub.run(name.as_deref())).await.ok().flatten()
}

async fn earlier(State(app): State<App>, Query(asked): Query<Asked>, headers: HeaderMap) -> Response {
    let language = language(asked.lang.as_deref(), &headers);
    let Some(follower) = on_blocking(&app, asked.run.as_deref()).await else {
        return refusal(StatusCode::NOT_FOUND, no_run_yet(), language);
    };
    let before = asked.before.unwrap_or(u64::MAX);
    let read = task::spawn_blocking(move || follow::earlier(&follower.dir, before, EARLIER, language)).await;
    match read {
        Ok(Ok(text)) => json(text),
        Ok(Err(said)) => refusal(StatusCode::UNPROCESSABLE_ENTITY, said, language),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

async fn runs(State(app): State<App>, Query(asked): Query<Asked>, headers: HeaderMap) -> Response {
    let language = language(asked.lang.as_deref(), &headers);
    let read = task::spawn_blocking(move || app.hub.listed(language)).await;
    read.map_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response(), json)
}

async fn notes(State(app): State<App>) -> Response {
    let read = task::spawn_blocking(move || {
        let notes = history::notes::all(&app.hub.runs()).unwrap_or_default();
        let rows = notes.iter().map(|(record, note)| {
            let step = note.step.map(|step| step.0);
            serde_json::json!({"at": record.at, "kind": note.kind, "by": note.by, "text": note.text.as_str(), "step": step})
        });
        serde_json::Value::from_iter(rows).to_string()
    });
    read.await.map_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response(), json)
}

async fn files(State(app): State<App>, Query(asked): Query<Asked>, headers: HeaderMap) -> Response {
    match on_blocking(&app, asked.run.as_deref()).await {
        Some(follower) => json(evidence::list(&follower.state(), asked.step.map(StepId))),
        None => refusal(StatusCode::NOT_FOUND, no_run_yet(), language(asked.lang.as_deref(), &headers)),
    }
}

async fn file(State(app): State<App>, Query(asked): Query<Asked>, headers: HeaderMap) -> Response {
    let language = language(asked.lang.as_deref(), &headers);
    let follower = on_blocking(&app, asked.run.as_deref()).await;
    let opened = task::spawn_blocking(move || {
        let follower = follower?;
        evidence::open(&follower.dir, &follower.state(), asked.path.as_deref()?, asked.most)
    });
    let Ok(Some(opened)) = opened.await else {
        return refusal(StatusCode::NOT_FOUND, no_file(), language);
    };
    let name: String = opened
        .name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '_' })
        .collect();
    let kind = if opened.media_type.starts_with("text/") { "inline" } else { "attachment" };
    let headers = [
        (header::CONTENT_TYPE, opened.media_type.to_owned()),
        (header::CONTENT_LENGTH, opened.bytes.to_string()),
        (header::CONTENT_DISPOSITION, format!("{kind}; filename=\"{name}\"")),
        (header::CONTENT_SECURITY_POLICY, safety::NOTHING.to_owned()),
    ];
    // Read when it is sent: a file may be larger than the memory.
    let body = futures_util::stream::unfold(opened.file, |mut file| async move {
        let read = task::spawn_blocking(move || {
            let mut block = vec![0; BLOCK];
            let read = file.read(&mut block)?;
            block.truncate(read);
            Ok::<_, std::io::Error>((block, file))
        });
        match read.await {
            Ok(Ok((block, file))) if !block.is_empty() => Some((Ok::<_, std::io::Error>(block), file)),
            // What can be read no further ends before its length, and the browser says so.
            _ => None,
        }
    });
    (headers, Body::from_stream(body)).into_response()
}

async fn report_of(State(app): State<App>, Query(asked): Query<Asked>, headers: HeaderMap) -> Response {
    let language = language(asked.lang.as_deref(), &headers);
    let Some(follower) = on_blocking(&app, asked.run.as_deref()).await else {
        return refusal(StatusCode::NOT_FOUND, no_run_yet(), language);
    };
    let form = asked.format.unwrap_or_else(|| "html".to_owned());
    let Ok(_one) = app.reports.acquire().await else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let (hub, run, name) = (Arc::clone(&app.hub), follower.dir.run.clone(), form.clone());
    let made =
        task::spawn_blocking(move || report::of_run(hub.campaign(), run.as_str(), &name, language)).await;
    match made {
        Ok(Ok((bytes, extension))) => {
            let media_type = match form.as_str() {
                "html" => "text/html; charset=utf-8",
                "md" | "json" | "junit" => "text/plain; charset=utf-8",
                _ => "application/octet-stream",
            };
            let kind = if media_type.starts_with("text/") { "inline" } else { "attachment" };
            let name = format!("{kind}; filename=\"report-{}.{language}.{extension}\"", follower.dir.run);
            let headers = [
                (header::CONTENT_TYPE, media_type.to_owned()),
                (header::CONTENT_DISPOSITION, name),
                (header::CONTENT_SECURITY_POLICY, safety::REPORT.to_owned()),
            ];
            (headers, bytes).into_response()
        }
        Ok(Err(said)) => refusal(StatusCode::UNPROCESSABLE_ENTITY, said, language),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

async fn exposition(State(app): State<App>, Query(asked): Query<Asked>) -> Response {
    let media_type = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    let text = match on_blocking(&app, asked.run.as_deref()).await {
        Some(follower) => {
            let live = history::is_live(&follower.dir);
            metrics::exposition(&follower.state(), live, Timestamp::now())
        }
        None => String::new(),
    };
    (media_type, text).into_response()
}
