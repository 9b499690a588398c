use super::super::rust_text::RustText;

fn strings(source: &str) -> Vec<(usize, String)> {
    RustText::parse(source).strings
}

#[test]
fn strings_of_every_kind_are_found_with_their_lines() {
    assert_eq!(
        strings("a(\"one\");\nb(r\"two\\\");\nc(r#\"say \"three\"\"#);\nd(b\"four\");"),
        [
            (1, "one".to_owned()),
            (2, "two\\".to_owned()),
            (3, "say \"three\"".to_owned()),
            (4, "four".to_owned()),
        ]
    );
}

#[test]
fn an_escaped_quote_ends_no_string() {
    assert_eq!(strings(r#"a("say \"one\" \\"); b("two")"#).len(), 2);
}

#[test]
fn a_quote_as_a_character_begins_no_string() {
    assert_eq!(
        strings(r#"match c { '"' => 1, '\'' => 2, b'"' => 3 }; a("x")"#).len(),
        1
    );
    assert_eq!(
        strings("fn a<'a>(x: &'a str) -> &'static str { \"x\" }").len(),
        1
    );
}

#[test]
fn comments_are_no_code_and_their_quotes_no_strings() {
    let text =
        RustText::parse("let a = 1; // say \"x\"\n/* outer /* inner */ \"y\" */ let b = 2;\n");
    assert_eq!(text.strings, []);
    assert_eq!(text.comments.len(), 2);
    assert!(text.code.contains("let b = 2;"));
    assert!(!text.code.contains("inner"));
}

#[test]
fn the_code_keeps_the_lines_of_the_source() {
    let source = "a(\"x\ny\");\n/* 1\n2 */\nr#\"p\nq\"#;\n\"u \\\n v\";\nlast";
    let text = RustText::parse(source);
    assert_eq!(text.code.lines().count(), source.lines().count());
    assert_eq!(text.code.lines().last(), Some("last"));
}
