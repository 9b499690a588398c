//! A file has one subject; one that grew too long has two.

use super::{finding::Finding, tree::Tree};

const LIMITED: &[&str] = &["rs", "js", "mjs", "css", "html"];
const LONGEST: usize = 600;
/// Modules that a browser loads; tests that drive one may be longer.
const LONGEST_PAGE_SCRIPT: usize = 150;

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    tree.files
        .iter()
        .filter_map(|file| {
            let extension = file.extension().filter(|it| LIMITED.contains(it))?;
            let is_page_script =
                matches!(extension, "js" | "mjs") && file.path.starts_with("crates/");
            let longest = if is_page_script {
                LONGEST_PAGE_SCRIPT
            } else {
                LONGEST
            };
            let lines = file.text.lines().count();
            (lines > longest).then(|| {
                Finding::new(
                    &file.path,
                    longest + 1,
                    format!("{lines} lines, at most {longest}"),
                    "split it by subject",
                )
            })
        })
        .collect()
}
