use super::{
    super::todos::check,
    {places, tree},
};

// Put together here, so that this file is not one of its own findings.
const WORD: &str = concat!("TO", "DO");

#[test]
fn unfinished_work_with_its_issue_passes() {
    let source = format!("// {WORD}(#12): tail reads\nlet a = \"{WORD}\";");
    let good = tree(&[("a.rs", source.as_str()), ("b.md", WORD)]);
    assert_eq!(check(&good), []);
}

#[test]
fn unfinished_work_without_issue_is_found() {
    let source = format!("fn a() {{}}\n// {WORD}: later");
    let style = format!("/* {WORD} */");
    let bad = tree(&[("a.rs", source.as_str()), ("a.css", style.as_str())]);
    assert_eq!(places(&check(&bad)), ["a.rs:2", "a.css:1"]);
}
