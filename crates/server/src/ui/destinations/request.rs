use crate::{actions::RequestView, ui::frame::sentence_of};

/// A request as a page shows it.
pub(super) struct ShownRequest {
    pub(super) line: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: String,
    /// Why none can be written.
    pub(super) fault: Option<String>,
}

impl From<RequestView> for ShownRequest {
    fn from(request: RequestView) -> Self {
        Self {
            line: format!(
                "{} {}",
                request.method.unwrap_or_default(),
                request.url.unwrap_or_default()
            ),
            headers: request
                .headers
                .into_iter()
                .map(|header| (header.name, header.value))
                .collect(),
            body: readable(request.body.unwrap_or_default()),
            fault: request.fault.map(|fault| {
                let line = fault
                    .line
                    .map(|line| format!(", line {line}"))
                    .unwrap_or_default();
                sentence_of(&format!("{}{line}: {}", fault.place, fault.message))
            }),
        }
    }
}

/// JSON with line breaks; anything else as it is.
fn readable(body: String) -> String {
    if !body.starts_with(['{', '[']) {
        return body;
    }
    match serde_json::from_str::<serde::de::IgnoredAny>(&body) {
        Ok(_) => broken_up(&body),
        Err(_) => body,
    }
}

/// Keeps the order of keys and every sign of values.
fn broken_up(json: &str) -> String {
    let mut text = String::with_capacity(json.len() * 2);
    let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
    let mut signs = json.chars().peekable();
    while let Some(sign) = signs.next() {
        if in_text {
            text.push(sign);
            (in_text, escaped) = match (sign, escaped) {
                ('"', false) => (false, false),
                ('\\', false) => (true, true),
                _ => (true, false),
            };
            continue;
        }
        match sign {
            '"' => {
                in_text = true;
                text.push(sign);
            }
            '{' | '[' => {
                text.push(sign);
                while signs.next_if(char::is_ascii_whitespace).is_some() {}
                if signs.peek().is_some_and(|next| !matches!(next, '}' | ']')) {
                    depth += 1;
                    new_line(&mut text, depth);
                } else {
                    text.extend(signs.next());
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                new_line(&mut text, depth);
                text.push(sign);
            }
            ',' => {
                text.push(sign);
                new_line(&mut text, depth);
            }
            ':' => text.push_str(": "),
            sign if sign.is_ascii_whitespace() => {}
            sign => text.push(sign),
        }
    }
    text
}

fn new_line(text: &mut String, depth: usize) {
    text.push('\n');
    for _ in 0..depth {
        text.push_str("  ");
    }
}
