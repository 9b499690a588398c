use zk_wire::ReplyNumber;

use super::Numbering;

fn is_answer(numbering: &mut Numbering, told: u16, asked: u16) -> bool {
    numbering.is_answer(told, ReplyNumber::new(asked), true)
}

#[test]
fn a_terminal_whose_numbers_are_off_is_understood_from_its_first_answer_on() {
    for off in [1, 7, u16::MAX] {
        let mut numbering = Numbering::default();
        assert!(is_answer(&mut numbering, off, 0));
        assert!(numbering.is_off());
        assert!(is_answer(&mut numbering, 5_u16.wrapping_add(off), 5));
        // Doubled, the answer before carries this number.
        assert!(!is_answer(&mut numbering, 5_u16.wrapping_add(off), 6));
    }
}

#[test]
fn a_late_or_doubled_answer_is_none() {
    let mut numbering = Numbering::default();
    assert!(is_answer(&mut numbering, 5, 5));
    assert!(!is_answer(&mut numbering, 5, 6));
    assert!(!is_answer(&mut numbering, 0, 6));
    assert!(!numbering.is_off());
}

#[test]
fn one_that_is_off_does_not_change_its_mind() {
    let mut numbering = Numbering::default();
    assert!(is_answer(&mut numbering, 6, 5));
    assert!(!is_answer(&mut numbering, 6, 6));
    assert!(!is_answer(&mut numbering, 9, 6));
}

#[test]
fn numbers_that_were_used_before_prove_nothing() {
    let mut numbering = Numbering::default();
    numbering.asks(ReplyNumber::new(65_534));
    numbering.asks(ReplyNumber::new(65_534).next());
    assert!(!is_answer(&mut numbering, 9, 0));
}

#[test]
fn datagrams_may_come_from_anywhere() {
    let mut numbering = Numbering::default();
    assert!(!numbering.is_answer(1, ReplyNumber::default(), false));
}
