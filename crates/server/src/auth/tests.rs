use super::ApiKeyText;

#[test]
fn a_key_is_read_as_it_was_written() {
    let key = ApiKeyText::from_random([0xa5; 32]);
    let text = key.expose();
    assert_eq!(text.len(), "zka_".len() + 43);
    let read = ApiKeyText::parse(&format!(" {text}\n")).unwrap();
    assert_eq!(read.hash(), key.hash());
    assert!(text.ends_with(key.hint()) && key.hint().len() == 4);
}

#[test]
fn keys_of_different_bits_differ() {
    let mut bits = [0; 32];
    let zero = ApiKeyText::from_random(bits);
    bits[31] = 1;
    assert_ne!(ApiKeyText::from_random(bits).expose(), zero.expose());
}

#[test]
fn what_cannot_be_a_key_is_none() {
    let good = ApiKeyText::from_random([1; 32]);
    for text in [
        "",
        "zka_",
        "key",
        &good.expose()[1..],
        &format!("{}x", good.expose()),
        &good.expose().replace('_', "-"),
    ] {
        assert!(ApiKeyText::parse(text).is_none(), "{text:?}");
    }
}

#[test]
fn a_key_does_not_show_itself() {
    let key = ApiKeyText::from_random([1; 32]);
    assert!(!format!("{key:?}").contains(key.expose()));
}
