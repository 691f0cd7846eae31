//! Deserializes flat `key = text` pairs as the tree that they came from.
//!
//! A node is a run of the sorted pairs with a common prefix. Nothing is copied.

use std::fmt::{self, Display};

use serde::de::{
    self, DeserializeOwned, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, SeqAccess, Visitor,
    value::{MapAccessDeserializer, StrDeserializer},
};

/// The problem and its key.
#[derive(Debug)]
pub(super) struct Error {
    /// The innermost member first.
    path: Vec<String>,
    what: String,
}

impl Error {
    fn new(what: impl Into<String>) -> Self {
        Self { path: Vec::new(), what: what.into() }
    }

    fn within(mut self, member: &str) -> Self {
        self.path.push(member.to_owned());
        self
    }

    /// The error with the full key, for the operator of this table.
    pub(super) fn in_table(&self, table: &str) -> String {
        let path: String = self.path.iter().rev().map(|member| format!(".{member}")).collect();
        format!("`{table}.settings{path}` {}", self.what)
    }
}

impl Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl std::error::Error for Error {}

impl de::Error for Error {
    fn custom<T: Display>(what: T) -> Self {
        Self::new(format!("is wrong: {what}"))
    }

    fn missing_field(field: &'static str) -> Self {
        Self::new("is missing: set it in the daemon's config").within(field)
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        Self::new(format!("is not a setting of this plugin; it knows {}", expected.join(", "))).within(field)
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        Self::new(format!("is `{variant}`; it must be one of {}", expected.join(", ")))
    }
}

pub(super) fn read<T: DeserializeOwned>(sorted: &[(String, String)]) -> Result<T, Error> {
    T::deserialize(Node { pairs: sorted, at: 0 })
}

/// The pairs under one key. The rest of their keys begins at `at`. If that is past the key's end, the node is a value.
#[derive(Clone, Copy)]
struct Node<'a> {
    pairs: &'a [(String, String)],
    at: usize,
}

impl<'a> Node<'a> {
    fn text(self) -> Option<&'a str> {
        self.pairs.first().filter(|(key, _)| self.at > key.len()).map(|(_, value)| value.as_str())
    }

    fn expect_text(self) -> Result<&'a str, Error> {
        self.text().ok_or_else(|| Error::new("is a table or a list; it must be a single value"))
    }

    /// The members, sorted by name.
    fn members(self) -> Members<'a> {
        Members { rest: self, value: None }
    }

    fn expect_members(self) -> Result<Members<'a>, Error> {
        match self.text() {
            Some(text) => Err(Error::new(format!("is `{text}`; it must be a table"))),
            None => Ok(self.members()),
        }
    }

    fn parse<T: std::str::FromStr>(self, expected: &str) -> Result<T, Error> {
        let text = self.expect_text()?;
        text.trim().parse().map_err(|_| Error::new(format!("is `{text}`; it must be {expected}")))
    }
}

struct Members<'a> {
    rest: Node<'a>,
    /// The member whose key was returned to serde, but not yet its value.
    value: Option<(&'a str, Node<'a>)>,
}

impl<'a> Iterator for Members<'a> {
    type Item = (&'a str, Node<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let Node { pairs, at } = self.rest;
        let name = |key: &'a str| key.get(at..).and_then(|rest| rest.split('.').next()).unwrap_or_default();
        let first = name(&pairs.first()?.0);
        let len = pairs.iter().take_while(|(key, _)| name(key) == first).count();
        let (member, rest) = pairs.split_at(len);
        self.rest.pairs = rest;
        Some((first, Node { pairs: member, at: at + first.len() + 1 }))
    }
}

impl<'de> MapAccess<'de> for Members<'_> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        self.value = self.next();
        self.value.map(|(name, _)| seed.deserialize(StrDeserializer::<Error>::new(name))).transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Error> {
        let (name, node) = self.value.take().ok_or_else(|| Error::new("was asked for a value before its key"))?;
        seed.deserialize(node).map_err(|error| error.within(name))
    }
}

struct Items<'a>(std::vec::IntoIter<(&'a str, Node<'a>)>);

impl<'a> Items<'a> {
    /// The members sorted by their numbers (`10` after `9`). `None` if one is not a number.
    fn of(members: Members<'a>) -> Option<Self> {
        let mut items =
            members.map(|member| Some((member.0.parse::<u32>().ok()?, member))).collect::<Option<Vec<_>>>()?;
        items.sort_unstable_by_key(|&(number, _)| number);
        Some(Self(items.into_iter().map(|(_, member)| member).collect::<Vec<_>>().into_iter()))
    }
}

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        self.0.next().map(|(name, node)| seed.deserialize(node).map_err(|error| error.within(name))).transpose()
    }
}

macro_rules! parsed {
    ($($deserialize:ident $visit:ident $expected:literal)*) => {$(
        fn $deserialize<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            visitor.$visit(self.parse($expected)?)
        }
    )*};
}

impl<'de> Deserializer<'de> for Node<'_> {
    type Error = Error;

    parsed! {
        deserialize_bool visit_bool "true or false"
        deserialize_i8 visit_i8 "a whole number from -128 to 127"
        deserialize_i16 visit_i16 "a whole number of 16 bits"
        deserialize_i32 visit_i32 "a whole number of 32 bits"
        deserialize_i64 visit_i64 "a whole number of 64 bits"
        deserialize_u8 visit_u8 "a whole number from 0 to 255"
        deserialize_u16 visit_u16 "a whole number from 0 to 65535"
        deserialize_u32 visit_u32 "a whole number from 0 of 32 bits"
        deserialize_u64 visit_u64 "a whole number from 0 of 64 bits"
        deserialize_f32 visit_f32 "a number"
        deserialize_f64 visit_f64 "a number"
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.text() {
            Some(text) => visitor.visit_str(text),
            None => match Items::of(self.members()) {
                Some(items) if !self.pairs.is_empty() => visitor.visit_seq(items),
                _ => visitor.visit_map(self.members()),
            },
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_str(self.expect_text()?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let items = Items::of(self.expect_members()?).ok_or_else(|| Error::new("is a table; it must be a list"))?;
        visitor.visit_seq(items)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_map(self.expect_members()?)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.text() {
            Some(text) => visitor.visit_enum(text.into_deserializer()),
            None => visitor.visit_enum(MapAccessDeserializer::new(self.members())),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! { i128 u128 bytes byte_buf unit unit_struct identifier }
}

#[cfg(test)]
mod tests;
