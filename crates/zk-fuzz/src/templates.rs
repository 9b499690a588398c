use zk_wire::{BulkUpload, OperationTable, TemplateRow, TemplateTable};

/// What was read of templates, uploads and operations is written as it came, and nothing gets lost between.
pub(crate) fn templates(input: &[u8]) {
    let read = TemplateTable::decode(input);
    let mut written = Vec::new();
    for row in &read.rows {
        assert!(
            row.encode(&mut written).is_ok(),
            "a row that was read cannot be written"
        );
    }
    written.extend_from_slice(&read.unreadable);
    assert_eq!(written, input);

    if let Some(row) = TemplateRow::from_answer(1, 0, input) {
        assert!(input.starts_with(&row.template));
    }

    let operations = OperationTable::decode(input);
    for row in &operations.rows {
        assert_eq!(
            zk_wire::OperationRow::decode(&row.encode()).as_ref(),
            Ok(row)
        );
    }

    if let Ok(upload) = BulkUpload::parse(input) {
        let bytes: usize = upload.templates.iter().map(|row| row.template.len()).sum();
        assert!(bytes <= input.len(), "more came out than was sent");
        if let Ok(written) = upload.to_bytes() {
            assert_eq!(
                BulkUpload::parse(&written).map(|again| again.templates),
                Ok(upload.templates)
            );
        }
    }
}
