use super::{line, missed};

const EMPTY: &str = "figures with nothing behind: stored and queued 80000.00, one at a time 300.00, drained 40000.00, memory 89.00";

#[test]
fn lines_of_figures_are_told_from_others() {
    let read = line(EMPTY).unwrap();
    assert_eq!(read.of, "with nothing behind");
    assert_eq!(read.values[0], ("stored and queued".to_owned(), 80_000.0));
    assert_eq!(read.values[3], ("memory".to_owned(), 89.0));
    assert_eq!(line("10000000 delivered, after 300 s more"), None);
    assert_eq!(line("figures of nothing: drained many"), None);
}

#[test]
fn figures_as_promised_are_no_fault() {
    let ratio =
        "figures ratio: stored and queued 0.80, one at a time 0.95, drained 0.70, memory 2.10";
    assert!(missed(&[line(EMPTY).unwrap(), line(ratio).unwrap()]).is_empty());
}

#[test]
fn each_figure_that_is_worse_is_named() {
    let slow = "figures behind 10: stored and queued 10.00, one at a time 1.00, drained 4999.00, memory 151.00";
    let ratio =
        "figures ratio: stored and queued 0.49, one at a time 0.51, drained 0.10, memory 9.00";
    assert_eq!(
        missed(&[line(slow).unwrap(), line(ratio).unwrap()]),
        [
            "drained behind 10: 4999 instead of 5000",
            "memory behind 10: 151 instead of 150",
            "stored and queued ratio: 0.49 instead of 0.5",
            "drained ratio: 0.1 instead of 0.5",
        ]
    );
}
