//! The files of the page itself, as they are in the program: it asks nobody else for anything.

/// One file.
pub(super) struct File {
    /// Path in the address.
    pub(super) path: &'static str,
    /// Media type.
    pub(super) media_type: &'static str,
    /// What it holds.
    pub(super) text: &'static str,
}

macro_rules! file {
    ($path:literal, $name:literal, $media_type:literal) => {
        File { path: $path, media_type: $media_type, text: include_str!(concat!("assets/", $name)) }
    };
}

/// Every file.
pub(super) const FILES: [File; 8] = [
    file!("/", "index.html", "text/html; charset=utf-8"),
    file!("/page.css", "page.css", "text/css; charset=utf-8"),
    file!("/page.js", "page.js", "text/javascript; charset=utf-8"),
    file!("/draw.js", "draw.js", "text/javascript; charset=utf-8"),
    file!("/words.js", "words.js", "text/javascript; charset=utf-8"),
    file!("/show.js", "show.js", "text/javascript; charset=utf-8"),
    file!("/decide.js", "decide.js", "text/javascript; charset=utf-8"),
    file!("/icon.svg", "icon.svg", "image/svg+xml"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_small_and_runs_no_text_as_a_script() {
        let bytes: usize = FILES.iter().map(|file| file.text.len()).sum();
        assert!(bytes < 250_000, "{bytes} bytes");
        for file in &FILES {
            for forbidden in [
                "innerHTML",
                "outerHTML",
                "insertAdjacentHTML",
                "document.write",
                "eval(",
                "http://",
                "https://",
            ] {
                let text = file.text.replace("http://www.w3.org/2000/svg", "");
                assert!(!text.contains(forbidden), "{} has {forbidden}", file.path);
            }
        }
        let page = FILES[0].text;
        assert!(!page.contains("style=") && !page.contains("onclick") && !page.contains("<style"));
        assert_eq!(page.matches("<script").count(), 1, "the page has a script of its own");
    }
}
