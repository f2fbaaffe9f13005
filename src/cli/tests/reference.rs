//! Keeps the generated pages of the book in step with the program.

use super::reference_pages::pages;
use std::{fs, path::Path};

#[test]
fn the_generated_pages_of_the_book_are_up_to_date() {
    let book = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/src");
    let rewrite = std::env::var("INSTA_UPDATE").is_ok_and(|v| v == "always");
    let mut stale = Vec::new();
    let pages = pages();
    for (path, text) in &pages {
        let file = book.join(path);
        if fs::read_to_string(&file).unwrap_or_default() == *text {
            continue;
        }
        match rewrite {
            true => fs::write(&file, text).unwrap(),
            false => stale.push(path.clone()),
        }
    }
    for entry in fs::read_dir(book.join("kinds")).unwrap() {
        let path = format!("kinds/{}", entry.unwrap().file_name().to_string_lossy());
        if !pages.iter().any(|(known, _)| *known == path) {
            match rewrite {
                true => fs::remove_file(book.join(&path)).unwrap(),
                false => stale.push(path),
            }
        }
    }
    assert!(
        stale.is_empty(),
        "out of date in docs/src: {}\nhint: run `INSTA_UPDATE=always cargo test --lib cli::tests::reference`, then read the diff",
        stale.join(", ")
    );
}
