//! How a notice is written for each sort of receiver.

use super::notice::{Mood, Notice};
use crate::{
    plan::notify::{Form, Notify},
    record::Language,
    support::redact,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

/// The longest text that chat tools take, with room for what they add.
const LONGEST: usize = 3_000;

/// The body of a notice for `notify`, known secrets masked; an error in the words of the template engine.
pub(super) fn body(notify: &Notify, notice: &Notice, language: Language) -> Result<String, String> {
    let written = match &notify.template {
        Some(template) => template.filled(notice)?,
        None => in_form(notify.form, notice, language),
    };
    Ok(String::from_utf8_lossy(&redact::mask_known(written.as_bytes())).into_owned())
}

/// What the body is.
pub(super) fn media_type(notify: &Notify, body: &str) -> &'static str {
    let is_json = match (&notify.template, notify.form) {
        (Some(_), _) => serde_json::from_str::<serde::de::IgnoredAny>(body).is_ok(),
        (None, form) => !matches!(form, Form::Mail | Form::Text),
    };
    if is_json { "application/json" } else { "text/plain; charset=utf-8" }
}

fn in_form(form: Form, notice: &Notice, language: Language) -> String {
    match form {
        Form::Json => json!(notice).to_string(),
        Form::Mail => mail(notice, language),
        Form::Mattermost => {
            let head = format!("{} **{}**", icon(notice.mood), markdown(&notice.headline));
            let lines = notice.lines.iter().map(|line| format!("- {}", markdown(line)));
            json!({"text": short(head, lines)}).to_string()
        }
        Form::Slack => {
            let head = format!("{} *{}*", icon(notice.mood), slack(&notice.headline));
            let lines = notice.lines.iter().map(|line| format!("• {}", slack(line)));
            json!({"text": short(head, lines)}).to_string()
        }
        Form::Teams => teams(notice, language).to_string(),
        Form::Text => format!("{}\n", notice.text()),
    }
}

fn icon(mood: Mood) -> &'static str {
    match mood {
        Mood::Good => "✅",
        Mood::Warning => "⚠️",
        Mood::Bad => "❌",
    }
}

/// The head and as many lines as there is room for.
fn short(head: String, lines: impl Iterator<Item = String>) -> String {
    let mut text: String = head.chars().take(LONGEST).collect();
    for line in lines {
        if text.chars().count() + line.chars().count() > LONGEST {
            text.push_str("\n…");
            break;
        }
        text.push('\n');
        text.push_str(&line);
    }
    text
}

/// Slack's own escapes: `<!channel>` of a plan's text must call nobody.
fn slack(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Nothing of a plan's text is markup, a link or a call to everybody.
fn markdown(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii_punctuation()
            && !matches!(c, '.' | ',' | ':' | ';' | '/' | '%' | '\'' | '"' | '=' | '@')
        {
            escaped.push('\\');
        }
        escaped.push(c);
        // Mattermost calls everybody at `@channel`; with a joiner in between it does not.
        if c == '@' {
            escaped.push('\u{2060}');
        }
    }
    escaped
}

/// An adaptive card; its text blocks are a subset of Markdown.
fn teams(notice: &Notice, language: Language) -> Value {
    let colour = match notice.mood {
        Mood::Good => "Good",
        Mood::Warning => "Warning",
        Mood::Bad => "Attention",
    };
    let block = |text: String| json!({"type": "TextBlock", "wrap": true, "text": text});
    let mut blocks = vec![json!({
        "type": "TextBlock", "wrap": true, "weight": "Bolder", "size": "Medium", "color": colour,
        "text": short(markdown(&notice.headline), std::iter::empty()),
    })];
    blocks.extend(notice.lines.iter().map(|line| block(short(markdown(line), std::iter::empty()))));
    let names = match language {
        Language::En => ["run", "environment", "profile"],
        Language::Fr => ["exécution", "environnement", "profil"],
    };
    let facts: Vec<Value> = names
        .iter()
        .zip([&notice.run, &notice.environment, &notice.profile])
        .map(|(title, value)| json!({"title": title, "value": markdown(value)}))
        .collect();
    blocks.push(json!({"type": "FactSet", "facts": facts}));
    json!({
        "type": "message",
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "contentUrl": null,
            "content": {
                "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                "type": "AdaptiveCard",
                "version": "1.4",
                "body": blocks,
            },
        }],
    })
}

/// An e-mail as `sendmail -t` or another program takes it; whom it goes to is on that program's command line.
fn mail(notice: &Notice, language: Language) -> String {
    let one_line = notice.headline.replace(['\r', '\n'], " ");
    let subject = match one_line.is_ascii() && one_line.len() <= 200 {
        true => one_line,
        // RFC 2047: words of at most 75 characters.
        false => one_line
            .chars()
            .collect::<Vec<_>>()
            .chunks(15)
            .map(|part| format!("=?UTF-8?B?{}?=", STANDARD.encode(part.iter().collect::<String>())))
            .collect::<Vec<_>>()
            .join("\r\n "),
    };
    let lines: Vec<String> = notice.text().lines().map(str::to_owned).collect();
    format!(
        "Subject: {subject}\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\
         Content-Transfer-Encoding: 8bit\r\nContent-Language: {language}\r\nAuto-Submitted: auto-generated\r\n\r\n{}\r\n",
        lines.join("\r\n")
    )
}
