//! Text that strangers had a hand in, where people read it.

/// Characters that make a text look like something else: those that control a terminal, break a line, or turn the direction of what
/// follows.
pub(crate) fn is_misleading(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
