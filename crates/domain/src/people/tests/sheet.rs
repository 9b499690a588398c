use jiff::Timestamp;

use super::local;
use crate::{
    EmployeeNumber, Person, PersonChange, PersonId, SheetError, Validity, read_mappings,
    read_people, write_mappings, write_people,
};

fn faults(error: SheetError) -> Vec<(u64, String)> {
    match error {
        SheetError::Faults(faults) => faults
            .into_iter()
            .map(|fault| (fault.line, fault.message))
            .collect(),
        other => panic!("{other}"),
    }
}

fn person(number: &str, name: &str) -> Person {
    Person {
        id: PersonId(1),
        employee_number: EmployeeNumber::new(number).unwrap(),
        name: name.to_owned(),
        groups: vec!["Day".to_owned(), "Night".to_owned()],
        site: Some("Cairo".to_owned()),
        active: false,
        created_at: Timestamp::UNIX_EPOCH,
        changed_at: Timestamp::UNIX_EPOCH,
    }
}

#[test]
fn what_is_written_is_read_the_same() {
    let people = [person("007", "Dana \"Bo\", O'Neil"), person("A-1", "منى")];
    let file = write_people(true, &people);
    let rows = read_people(&file).unwrap();
    for (row, person) in rows.iter().zip(&people) {
        assert_eq!(row.employee_number, person.employee_number);
        let expected = PersonChange {
            employee_number: None,
            name: Some(person.name.clone()),
            groups: Some(person.groups.clone()),
            site: Some(person.site.clone()),
            active: Some(false),
        };
        assert_eq!(row.change, expected);
    }
    assert_eq!(rows.len(), 2);
}

#[test]
fn a_column_that_is_not_there_changes_nothing() {
    let rows = read_people(b"Employee Number\r\n007\r\n\r\n").unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].change, PersonChange::default());
}

#[test]
fn a_file_of_a_spreadsheet_with_semicolons_is_read() {
    let rows = read_people("\u{feff}employee_number;name;active\n7;Zoé;no\n".as_bytes()).unwrap();
    assert_eq!(rows[0].change.name.as_deref(), Some("Zoé"));
    assert_eq!(rows[0].change.active, Some(false));
}

#[test]
fn every_fault_is_told_with_its_line() {
    let file =
        b"employee_number,name,active\n7,Ann,yes\n,Bob,yes\n\"9\n\",Eve,maybe\n7,Ann again,no\n";
    let told = faults(read_people(file).unwrap_err());
    let lines: Vec<u64> = told.iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [3, 4, 6], "{told:?}");
    assert!(told[0].1.contains("employee number is empty"), "{told:?}");
    assert!(told[1].1.contains("maybe"), "{told:?}");
    assert!(told[2].1.contains("line 2"), "{told:?}");
}

#[test]
fn a_wrong_head_is_told() {
    for (file, word) in [
        ("number,name\n", "number"),
        ("name\nAnn\n", "employee_number"),
        ("employee_number,name,name\n", "twice"),
    ] {
        let told = faults(read_people(file.as_bytes()).unwrap_err());
        assert!(told[0].0 == 1 && told[0].1.contains(word), "{told:?}");
    }
}

#[test]
fn a_file_in_another_encoding_is_told_with_its_line() {
    let told = faults(read_people(b"employee_number,name\n1,Ann\n2,Zo\xe9\n").unwrap_err());
    assert_eq!(told[0].0, 3);
    assert!(told[0].1.contains("UTF-8"), "{told:?}");
}

#[test]
fn too_large_a_file_is_not_read() {
    let large = vec![b'a'; 4 * 1024 * 1024 + 1];
    assert_eq!(read_people(&large), Err(SheetError::TooLarge));
    let many = format!("employee_number\n{}", "1\n".repeat(200));
    assert_eq!(faults(read_people(many.as_bytes()).unwrap_err()).len(), 100);
    let numbers: Vec<String> = (0..50_001).map(|number: u32| number.to_string()).collect();
    let many = format!("employee_number\n{}", numbers.join("\n"));
    assert_eq!(read_people(many.as_bytes()), Err(SheetError::TooManyRows));
}

#[test]
fn mappings_are_read_as_they_are_written() {
    let file = b"terminal,pin_group,pin,employee_number,valid_from,valid_until\nSN1,,007,E7,2026-01-01,\n,Cairo,8,E8,,2026-02-01 12:00:00\n";
    let rows = read_mappings(file).unwrap();
    assert_eq!(rows[0].terminal.as_deref(), Some("SN1"));
    assert_eq!(
        rows[1].validity,
        Validity {
            from: None,
            until: Some(local("2026-02-01 12:00:00"))
        }
    );
    let again = read_mappings(&write_mappings(true, &rows)).unwrap();
    assert_eq!(again, rows);
}

#[test]
fn faults_of_mappings_are_told_with_their_lines() {
    let file = b"terminal,pin_group,pin,employee_number,valid_from,valid_until\nSN1,Cairo,7,E7,,\nSN1,,7 8,E7,,\nSN1,,7,E7,soon,\nSN1,,7,E7,2026-02-01,2026-01-01\nSN1,,7,,,\n";
    let lines: Vec<u64> = faults(read_mappings(file).unwrap_err())
        .into_iter()
        .map(|(line, _)| line)
        .collect();
    assert_eq!(lines, [2, 3, 4, 5, 6]);
}
