//! The binary content mode of the CloudEvents HTTP binding: attributes in headers, data in the body.

use std::borrow::Cow;

use bytes::Bytes;
use percent_encoding::{AsciiSet, CONTROLS, percent_decode, utf8_percent_encode};
use serde_json::value::RawValue;

use super::{
    Attribute, DEEPEST, DELIVER_AT, Defaults, Event, ParseError, Payload, check_nesting,
    media_type::{is_json_media_type, is_text_media_type},
    members::{Errors, is_uri, is_uri_reference},
};

/// What a header cannot carry or a reader would misread: everything but printable ASCII, and the space, `"` and `%`
/// (CloudEvents HTTP binding 1.0.2, section 3.1.3.2).
const UNFIT: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'%');

/// `headers` are the `ce-` headers without the prefix, names in lower case, values as received.
pub(super) fn parse<'a>(
    headers: impl IntoIterator<Item = (&'a str, &'a [u8])>,
    content_type: Option<&str>,
    body: Bytes,
    defaults: Defaults,
) -> Result<Event, ParseError> {
    let mut errors = Errors::default();
    let mut seen: Vec<&str> = vec![];
    let (mut id, mut source, mut ty, mut subject, mut time) = (None, None, None, None, None);
    let (mut data_schema, mut extensions) = (None, vec![]);
    for (name, value) in headers {
        let header = format!("ce-{name}");
        if seen.contains(&name) {
            errors.add(&header, "appears twice");
            continue;
        }
        seen.push(name);
        let unquoted = unquote(value.trim_ascii());
        let Some(value) = decode(&unquoted) else {
            return Err(ParseError::Malformed(format!(
                "the header {header} is not valid UTF-8 after percent-decoding"
            )));
        };
        match name {
            "specversion" => {
                if value != "1.0" {
                    errors.add(&header, "must be 1.0");
                }
            }
            "id" => id = errors.plain(&header, value),
            "source" => source = errors.uri_reference(&header, uri(value, &unquoted, is_uri_reference)),
            "type" => ty = errors.plain(&header, value),
            "subject" => subject = errors.plain(&header, value),
            "time" => time = errors.moment(&header, value),
            "dataschema" => data_schema = errors.uri(&header, uri(value, &unquoted, is_uri)),
            "datacontenttype" => errors.add(&header, "belongs in the Content-Type header"),
            _ => {
                if errors.attribute_name(name)
                    && let Some(text) = errors.printable(&header, value)
                {
                    let value = Attribute::String(text);
                    if name == DELIVER_AT {
                        errors.deliver_at(&header, &value);
                    }
                    extensions.push((name.to_owned(), value));
                }
            }
        }
    }
    for required in ["specversion", "id", "source", "type"] {
        if !seen.contains(&required) {
            errors.add(&format!("ce-{required}"), "is missing");
        }
    }
    errors.into_result()?;
    let (data_content_type, data) = data(content_type, body)?;
    Ok(Event {
        id: id.unwrap_or_default(),
        source: source.unwrap_or_default(),
        ty: ty.unwrap_or_default(),
        subject,
        time: time.unwrap_or_else(|| crate::rfc3339(defaults.now)),
        data_content_type,
        data_schema,
        extensions,
        data,
    })
}

/// The body and its media type. An event without a media type means JSON, so a body that is not JSON gets one.
fn data(content_type: Option<&str>, body: Bytes) -> Result<(Option<String>, Option<Payload>), ParseError> {
    let named = content_type.map(str::to_owned);
    if body.is_empty() {
        return Ok((named, None));
    }
    // Parsing as a `RawValue` requires valid UTF-8 throughout, strings included. JSON's `null` means no data, as in the
    // other forms.
    let json = || serde_json::from_slice::<&RawValue>(&body);
    let text = |raw: &RawValue| (raw.get() != "null").then(|| Payload::Text(raw.get().to_owned()));
    let Some(media_type) = content_type else {
        return match json() {
            Ok(raw) => {
                check_nesting(&body, DEEPEST)?;
                Ok((None, text(raw)))
            }
            Err(_) => Ok((Some("application/octet-stream".to_owned()), Some(Payload::Binary(body)))),
        };
    };
    if is_json_media_type(media_type) {
        check_nesting(&body, DEEPEST)?;
        return match json() {
            Ok(raw) => Ok((named, text(raw))),
            Err(error) => {
                Err(ParseError::Malformed(format!("the body is not JSON, although its type is {media_type}: {error}")))
            }
        };
    }
    match std::str::from_utf8(&body) {
        Ok(text) if is_text_media_type(media_type) => Ok((named, Some(Payload::Text(text.to_owned())))),
        _ => Ok((named, Some(Payload::Binary(body)))),
    }
}

/// A URI from a header. Percent-encoding in a URI looks like the binding's own encoding, and some senders do not encode
/// it a second time: they send `/a%20b` and mean it literally. So the raw value is used if only that is a valid URI.
fn uri(decoded: String, raw: &[u8], sound: fn(&str) -> bool) -> String {
    match std::str::from_utf8(raw) {
        Ok(raw) if !sound(&decoded) && sound(raw) => raw.to_owned(),
        _ => decoded,
    }
}

/// A header's value without the quotes of a quoted string.
fn unquote(value: &[u8]) -> Cow<'_, [u8]> {
    let [b'"', quoted @ .., b'"'] = value else { return Cow::Borrowed(value) };
    let mut out = Vec::with_capacity(quoted.len());
    let mut bytes = quoted.iter();
    while let Some(&byte) = bytes.next() {
        out.push(if byte == b'\\' { bytes.next().copied().unwrap_or(byte) } else { byte });
    }
    Cow::Owned(out)
}

/// Decodes percent-encoding once. Leaves malformed sequences as they are. Returns `None` if the result is not UTF-8.
fn decode(unquoted: &[u8]) -> Option<String> {
    percent_decode(unquoted).decode_utf8().ok().map(Cow::into_owned)
}

/// The attributes as headers.
pub(super) fn headers(event: &Event) -> Vec<(String, String)> {
    let attribute = |name: &str, value: &str| (format!("ce-{name}"), encode(value));
    let mut headers = vec![
        attribute("specversion", "1.0"),
        attribute("id", &event.id),
        attribute("source", &event.source),
        attribute("type", &event.ty),
        attribute("time", &event.time),
    ];
    for (name, value) in [("subject", &event.subject), ("dataschema", &event.data_schema)] {
        headers.extend(value.as_deref().map(|value| attribute(name, value)));
    }
    headers.extend(event.extensions.iter().map(|(name, value)| attribute(name, &value.as_text())));
    // `content-type` is an HTTP header of its own, in which percent-encoding has no meaning.
    if event.data.is_some() || event.data_content_type.is_some() {
        headers.push(("content-type".to_owned(), event.content_type().to_owned()));
    }
    headers
}

fn encode(value: &str) -> String {
    utf8_percent_encode(value, UNFIT).to_string()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use uuid::Uuid;

    use super::*;

    const REQUIRED: [(&str, &[u8]); 4] =
        [("specversion", b"1.0"), ("id", b"1"), ("source", b"/shop"), ("type", b"order.paid")];

    fn event(more: &[(&str, &[u8])], content_type: Option<&str>, body: &'static [u8]) -> Result<Event, ParseError> {
        let headers: Vec<_> = REQUIRED.iter().chain(more).copied().collect();
        parse(headers, content_type, Bytes::from_static(body), Defaults { now: Timestamp::UNIX_EPOCH, id: Uuid::nil() })
    }

    #[test]
    fn header_values_are_unquoted_and_percent_decoded_once() {
        for (value, want) in [
            (&b"plain"[..], Some("plain")),
            (b" padded ", Some("padded")),
            (b"Euro%20%E2%82%AC%20%F0%9F%98%80", Some("Euro \u{20ac} \u{1f600}")),
            (b"\"quoted \\\"text\\\"\"", Some("quoted \"text\"")),
            (b"\"%22\"", Some("\"")),
            (b"once%2541", Some("once%41")),
            (b"100%", Some("100%")),
            (b"%zz%4", Some("%zz%4")),
            (b"%ff", None),
            (b"\xff", None),
        ] {
            assert_eq!(decode(&unquote(value.trim_ascii())).as_deref(), want, "{}", String::from_utf8_lossy(value));
        }
    }

    /// The same table as in `plugins/webhook`, whose first row is the specification's own example.
    #[test]
    fn values_are_encoded_as_the_http_binding_says() {
        let table = [
            ("Euro \u{20ac} \u{1f600}", "Euro%20%E2%82%AC%20%F0%9F%98%80"),
            ("100%", "100%25"),
            ("say \"hi\"", "say%20%22hi%22"),
            ("a\r\nx-injected: 1", "a%0D%0Ax-injected:%201"),
            ("!#$&'()*+,-./:;<=>?@[\\]^_`{|}~", "!#$&'()*+,-./:;<=>?@[\\]^_`{|}~"),
            ("\u{7f}", "%7F"),
            ("", ""),
        ];
        for (value, want) in table {
            assert_eq!(encode(value), want, "{value:?}");
        }
    }

    #[test]
    fn attributes_come_from_headers_and_data_from_the_body() {
        let more: &[(&str, &[u8])] = &[
            ("subject", b"o-1"),
            ("time", b"2026-11-20T10:30:00Z"),
            ("dataschema", b"https://s.example/1"),
            ("tier", b"gold"),
        ];
        let event = event(more, Some("application/json; charset=utf-8"), b" {\"n\":1} ").unwrap();
        assert_eq!((event.id.as_str(), event.source.as_str(), event.ty.as_str()), ("1", "/shop", "order.paid"));
        assert_eq!((event.subject.as_deref(), event.time.as_str()), (Some("o-1"), "2026-11-20T10:30:00Z"));
        assert_eq!(event.extension("tier"), Some(&Attribute::String("gold".into())));
        assert_eq!(event.data, Some(Payload::Text("{\"n\":1}".into())));
        assert_eq!(event.data_content_type.as_deref(), Some("application/json; charset=utf-8"));
    }

    #[test]
    fn the_media_type_says_what_the_body_is() {
        let text = |text: &str| Some(Payload::Text(text.into()));
        let binary = |bytes: &'static [u8]| Some(Payload::Binary(Bytes::from_static(bytes)));
        for (media_type, body, want) in [
            (Some("text/plain"), &b"hello"[..], text("hello")),
            (Some("application/vnd.x+xml"), b"<a/>", text("<a/>")),
            (Some("text/plain"), b"\xff\xfe", binary(b"\xff\xfe")),
            (Some("image/png"), b"abc", binary(b"abc")),
            (Some("application/json"), b"", None),
            (None, b"[1]", text("[1]")),
            (None, b"\x00", binary(b"\x00")),
        ] {
            assert_eq!(event(&[], media_type, body).unwrap().data, want, "{media_type:?}");
        }
        for broken in [&b"{"[..], b"{\"a\":\"\xff\"}", b"[1] 2"] {
            let error = event(&[], Some("application/json"), broken).unwrap_err();
            assert!(matches!(error, ParseError::Malformed(_)), "{error}");
        }
        assert_eq!(event(&[], Some("application/json"), b" null ").unwrap().data, None, "as in the other forms");
        assert_eq!(event(&[], None, b"\x00").unwrap().data_content_type.as_deref(), Some("application/octet-stream"));
    }

    #[test]
    fn everything_wrong_is_said_at_once() {
        let defaults = Defaults { now: Timestamp::UNIX_EPOCH, id: Uuid::nil() };
        let headers: [(&str, &[u8]); 7] = [
            ("specversion", b"0.3"),
            ("id", b""),
            ("source", b"not a uri"),
            ("time", b"noon"),
            ("dataschema", b"relative"),
            ("datacontenttype", b"text/plain"),
            ("Bad_Name", b"x"),
        ];
        let ParseError::Invalid(errors) = parse(headers, None, Bytes::new(), defaults).unwrap_err() else { panic!() };
        let pointers: Vec<_> = errors.iter().map(|error| error.pointer.as_str()).collect();
        assert_eq!(
            pointers,
            [
                "/ce-specversion",
                "/ce-id",
                "/ce-source",
                "/ce-time",
                "/ce-dataschema",
                "/ce-datacontenttype",
                "/Bad_Name",
                "/ce-type"
            ]
        );
    }
}
