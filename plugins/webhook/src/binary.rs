//! CloudEvents' binary mode: attributes as `ce-` headers.

use fanfare_plugin_sdk::Event;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

/// What a header cannot contain or a reader would misunderstand: anything but printable ASCII, and the space, `"` and
/// `%` (CloudEvents HTTP binding 1.0.2, section 3.1.3.2).
const UNFIT: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'%');

/// The event's attributes as headers.
pub fn headers(event: &Event) -> Vec<(String, String)> {
    let mut headers = vec![
        ("ce-specversion".to_owned(), "1.0".to_owned()),
        ("ce-id".to_owned(), encode(&event.id)),
        ("ce-source".to_owned(), encode(&event.source)),
        ("ce-type".to_owned(), encode(&event.type_)),
        ("ce-time".to_owned(), encode(&event.time)),
    ];
    for (name, value) in [("ce-subject", &event.subject), ("ce-dataschema", &event.data_schema)] {
        headers.extend(value.as_deref().map(|value| (name.to_owned(), encode(value))));
    }
    headers.extend(event.extensions.iter().map(|(name, value)| (format!("ce-{name}"), encode(value))));
    // The one attribute that is a standard HTTP header, in which percent-encoding has no meaning.
    let content_type = event.data_content_type.as_deref().or(event.data.as_ref().map(|_| "application/json"));
    headers.extend(content_type.map(|value| ("content-type".to_owned(), value.to_owned())));
    headers
}

fn encode(value: &str) -> String {
    utf8_percent_encode(value, UNFIT).to_string()
}

#[cfg(test)]
mod tests {
    use super::encode;

    #[test]
    fn values_are_encoded_as_the_http_binding_says() {
        // The first is the specification's own example.
        let table = [
            ("Euro € 😀", "Euro%20%E2%82%AC%20%F0%9F%98%80"),
            ("100%", "100%25"),
            ("say \"hi\"", "say%20%22hi%22"),
            ("a\r\nx-injected: 1", "a%0D%0Ax-injected:%201"),
            ("!#$&'()*+,-./:;<=>?@[\\]^_`{|}~", "!#$&'()*+,-./:;<=>?@[\\]^_`{|}~"),
            ("\u{7f}", "%7F"),
            ("", ""),
        ];
        for (value, expected) in table {
            assert_eq!(encode(value), expected, "{value:?}");
        }
    }
}
