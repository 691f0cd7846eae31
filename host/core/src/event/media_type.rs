//! Media types (RFC 6838), as in `Content-Type` and `datacontenttype`.

use mediatype::{
    MediaType, ReadParams as _,
    names::{APPLICATION, CHARSET, JSON, TEXT, XML},
};

/// Type and subtype, without the parameters.
#[must_use]
pub fn essence(media_type: &str) -> &str {
    media_type.split(';').next().unwrap_or_default().trim()
}

/// The essence, parsed. Parameters do not change what the data is, so malformed ones do not matter.
fn parsed(media_type: &str) -> Option<MediaType<'_>> {
    MediaType::parse(essence(media_type)).ok()
}

/// `application/json`, `text/json` and every `+json` type; parameters are ignored.
#[must_use]
pub fn is_json_media_type(media_type: &str) -> bool {
    parsed(media_type).is_some_and(|parsed| parsed.subty == JSON || parsed.suffix == Some(JSON))
}

/// `text/…`, `application/xml` and every `+xml` type; parameters are ignored.
pub(super) fn is_text_media_type(media_type: &str) -> bool {
    parsed(media_type).is_some_and(|parsed| {
        parsed.ty == TEXT || parsed.ty == APPLICATION && parsed.subty == XML || parsed.suffix == Some(XML)
    })
}

/// The value of the parameter `charset`, without quotes.
#[must_use]
pub fn charset(media_type: &str) -> Option<String> {
    let parsed = MediaType::parse(media_type.trim()).ok()?;
    Some(parsed.get_param(CHARSET)?.unquoted_str().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_media_types_are_distinguished_from_others() {
        for yes in [
            "application/json",
            "text/json; charset=utf-8",
            "application/ld+json",
            "application/vnd.api+v1+json",
            "APPLICATION/JSON",
            " application/json ; charset",
        ] {
            assert!(is_json_media_type(yes), "{yes}");
        }
        for no in ["", "text/plain", "json", "application/jsonp", "application/+json", "application/json, text/plain"] {
            assert!(!is_json_media_type(no), "{no}");
        }
    }

    #[test]
    fn text_media_types_are_distinguished_from_others() {
        for yes in ["text/plain", "Text/CSV; header=present", "application/xml", "image/svg+xml", "application/x+XML"] {
            assert!(is_text_media_type(yes), "{yes}");
        }
        for no in ["", "image/png", "application/xmlish", "xml", "textual/plain", "image/xml"] {
            assert!(!is_text_media_type(no), "{no}");
        }
    }

    /// The examples of RFC 9110, section 8.3.1, are equivalent.
    #[test]
    fn a_charset_is_read_with_and_without_quotes() {
        for same in [
            "text/html;charset=utf-8",
            "Text/HTML;Charset=\"utf-8\"",
            "text/html; charset=\"utf-8\"",
            "text/html ; format=\"a;charset=b\"; charset=utf-8",
        ] {
            assert_eq!(charset(same).as_deref(), Some("utf-8"), "{same}");
        }
        for none in ["text/html", "text/html;", "text/html; format=\"charset=b\"", ""] {
            assert_eq!(charset(none), None, "{none}");
        }
    }
}
