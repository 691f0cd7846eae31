//! `state`: the channel's own key-value state. Reads see the committed state and this attempt's own writes. Writes are
//! part of the report and committed with the settlement, or never.

use std::{sync::Arc, time::Duration};

use fanfare_core::{ChannelId, StateWrite};
use fanfare_dispatch::{RESERVED, State};
use wasmtime::component::{HasData, Linker};

use crate::{
    bindings::fanfare::channel::state::{self, StateError},
    context::{Account, Context},
    limits,
};

struct StateInterface;

struct View<'a> {
    channel: ChannelId,
    committed: Option<&'a Arc<dyn State>>,
    writes: &'a mut Vec<StateWrite>,
    /// A stage has no settlement to commit writes with.
    is_stage: bool,
    account: &'a mut Account,
}

impl HasData for StateInterface {
    type Data<'a> = View<'a>;
}

pub(super) fn add_to_linker(linker: &mut Linker<Context>) -> wasmtime::Result<()> {
    state::add_to_linker::<_, StateInterface>(linker, |context| View {
        channel: context.delivery.channel,
        is_stage: context.is_stage(),
        committed: context.state.as_ref(),
        writes: &mut context.writes,
        account: &mut context.account,
    })
}

impl state::Host for View<'_> {
    async fn get(&mut self, key: String) -> Result<Option<Vec<u8>>, StateError> {
        self.account.charge(key.len());
        check_key(&key)?;
        let value = self.read(&key).await?;
        self.account.charge(value.as_ref().map_or(0, Vec::len));
        Ok(value)
    }

    fn set(&mut self, key: String, value: Vec<u8>, ttl_seconds: u32) -> Result<(), StateError> {
        self.account.charge(key.len().saturating_add(value.len()));
        check_key(&key)?;
        if value.len() > limits::STATE_VALUE {
            let message = format!("a value may have at most {} bytes, not {}", limits::STATE_VALUE, value.len());
            return Err(StateError::TooLarge(message));
        }
        let ttl = (ttl_seconds > 0).then(|| Duration::from_secs(ttl_seconds.into()));
        self.write(StateWrite::Set { key, value, ttl })
    }

    fn delete(&mut self, key: String) -> Result<(), StateError> {
        self.account.charge(key.len());
        check_key(&key)?;
        self.write(StateWrite::Delete { key })
    }

    async fn increment(&mut self, key: String, by: i32) -> Result<i64, StateError> {
        self.account.charge(key.len());
        check_key(&key)?;
        let before = number(&key, self.read(&key).await?.as_deref())?;
        let sum = before
            .checked_add(by.into())
            .ok_or_else(|| StateError::NotANumber(format!("`{key}` would exceed 64 bits")))?;
        // Attempts often increment the same key several times; one difference is enough.
        if let Some(StateWrite::Increment { key: last, by: so_far }) = self.writes.last_mut()
            && *last == key
            && let Some(together) = so_far.checked_add(by.into())
        {
            *so_far = together;
        } else {
            self.write(StateWrite::Increment { key, by: by.into() })?;
        }
        Ok(sum)
    }
}

impl View<'_> {
    /// A stage may run for an event that is then rejected or a duplicate.
    fn check_kept(&self) -> Result<(), StateError> {
        if self.is_stage {
            return Err(StateError::Unavailable("a stage has no state".to_owned()));
        }
        Ok(())
    }

    fn write(&mut self, write: StateWrite) -> Result<(), StateError> {
        self.check_kept()?;
        if self.writes.len() >= limits::STATE_WRITES {
            return Err(StateError::TooLarge(format!("an attempt may make {} writes", limits::STATE_WRITES)));
        }
        self.writes.push(write);
        Ok(())
    }

    /// The value as this attempt sees it: its own last full write, or else the committed value, plus its own increments
    /// since.
    async fn read(&self, key: &str) -> Result<Option<Vec<u8>>, StateError> {
        let own = self.writes.iter().rev().take_while(|write| !replaces(write, key));
        let added = own.filter_map(|write| match write {
            StateWrite::Increment { key: of, by } if of == key => Some(*by),
            _ => None,
        });
        let added = added.reduce(i64::saturating_add);
        let base = match self.writes.iter().rev().find(|write| replaces(write, key)) {
            Some(StateWrite::Set { value, .. }) => Some(value.clone()),
            Some(_) => None,
            None => self.committed(key).await?,
        };
        let Some(added) = added else { return Ok(base) };
        let sum = number(key, base.as_deref())?.saturating_add(added);
        Ok(Some(sum.to_string().into_bytes()))
    }

    async fn committed(&self, key: &str) -> Result<Option<Vec<u8>>, StateError> {
        self.check_kept()?;
        let Some(state) = self.committed else {
            return Err(StateError::Unavailable("no state is available while a plugin starts".to_owned()));
        };
        state.get(self.channel, key).await.map_err(|error| StateError::Unavailable(error.to_string()))
    }
}

/// Whether a write makes earlier ones irrelevant.
fn replaces(write: &StateWrite, of: &str) -> bool {
    matches!(write, StateWrite::Set { key, .. } | StateWrite::Delete { key } if key == of)
}

fn check_key(key: &str) -> Result<(), StateError> {
    if key.starts_with(RESERVED) {
        return Err(StateError::TooLarge("a key must not begin with a NUL character".to_owned()));
    }
    if key.len() <= limits::STATE_KEY {
        return Ok(());
    }
    Err(StateError::TooLarge(format!("a key may have at most {} bytes, not {}", limits::STATE_KEY, key.len())))
}

fn number(key: &str, value: Option<&[u8]>) -> Result<i64, StateError> {
    let Some(value) = value else { return Ok(0) };
    let text = std::str::from_utf8(value).ok();
    text.and_then(|text| text.parse().ok()).ok_or_else(|| StateError::NotANumber(format!("`{key}` is not an integer")))
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use fanfare_dispatch::{BoxFuture, JournalError};

    use super::*;
    use crate::bindings::fanfare::channel::state::Host as _;

    struct Committed(HashMap<&'static str, &'static [u8]>);

    impl State for Committed {
        fn get<'a>(&'a self, _: ChannelId, key: &'a str) -> BoxFuture<'a, Result<Option<Vec<u8>>, JournalError>> {
            Box::pin(async move {
                match key {
                    "broken" => Err(JournalError::Closed),
                    _ => Ok(self.0.get(key).map(|value| value.to_vec())),
                }
            })
        }
    }

    fn committed() -> Arc<dyn State> {
        Arc::new(Committed(HashMap::from([("n", b"40".as_slice()), ("text", b"abc".as_slice())])))
    }

    macro_rules! view {
        ($view:ident, $writes:ident) => {
            let (committed, mut $writes, mut account) = (committed(), vec![], Account::default());
            let mut $view = View {
                channel: ChannelId(1),
                committed: Some(&committed),
                writes: &mut $writes,
                account: &mut account,
                is_stage: false,
            };
        };
    }

    async fn get(view: &mut View<'_>, key: &str) -> Option<String> {
        view.get(key.to_owned()).await.unwrap().map(|value| String::from_utf8(value).unwrap())
    }

    #[tokio::test]
    async fn reads_see_what_is_committed_and_the_attempt_s_own_writes() {
        view!(view, writes);
        assert_eq!(get(&mut view, "text").await.as_deref(), Some("abc"));
        view.set("text".to_owned(), b"new".to_vec(), 60).unwrap();
        assert_eq!(get(&mut view, "text").await.as_deref(), Some("new"));
        view.delete("text".to_owned()).unwrap();
        assert_eq!(get(&mut view, "text").await, None);
        assert_eq!(get(&mut view, "nothing").await, None);
        let ttl = Some(Duration::from_secs(60));
        let set = StateWrite::Set { key: "text".to_owned(), value: b"new".to_vec(), ttl };
        assert_eq!(writes, [set, StateWrite::Delete { key: "text".to_owned() }]);
    }

    #[tokio::test]
    async fn increments_add_to_what_is_seen_and_leave_as_differences() {
        view!(view, writes);
        assert_eq!(view.increment("n".to_owned(), 1).await.unwrap(), 41);
        assert_eq!(view.increment("n".to_owned(), 2).await.unwrap(), 43);
        assert_eq!(get(&mut view, "n").await.as_deref(), Some("43"));
        assert_eq!(view.increment("new".to_owned(), -5).await.unwrap(), -5);
        view.set("n".to_owned(), b"7".to_vec(), 0).unwrap();
        assert_eq!(view.increment("n".to_owned(), 1).await.unwrap(), 8);
        let by = |key: &str, by| StateWrite::Increment { key: key.to_owned(), by };
        let set = StateWrite::Set { key: "n".to_owned(), value: b"7".to_vec(), ttl: None };
        assert_eq!(writes, [by("n", 3), by("new", -5), set, by("n", 1)]);
    }

    #[tokio::test]
    async fn a_value_that_is_not_a_number_or_overflows_cannot_be_added_to() {
        view!(view, writes);
        assert!(matches!(view.increment("text".to_owned(), 1).await, Err(StateError::NotANumber(_))));
        view.set("big".to_owned(), i64::MAX.to_string().into_bytes(), 0).unwrap();
        assert!(matches!(view.increment("big".to_owned(), 1).await, Err(StateError::NotANumber(_))));
        assert_eq!(writes.len(), 1);
    }

    #[tokio::test]
    async fn keys_values_and_writes_are_bounded() {
        view!(view, writes);
        let long = "k".repeat(limits::STATE_KEY + 1);
        assert!(matches!(view.get(long.clone()).await, Err(StateError::TooLarge(_))));
        assert!(matches!(view.set(long.clone(), vec![], 0), Err(StateError::TooLarge(_))));
        assert!(matches!(view.delete(long.clone()), Err(StateError::TooLarge(_))));
        assert!(matches!(view.increment(long, 1).await, Err(StateError::TooLarge(_))));
        let large = vec![0; limits::STATE_VALUE + 1];
        assert!(matches!(view.set("k".to_owned(), large, 0), Err(StateError::TooLarge(_))));
        for n in 0..limits::STATE_WRITES {
            view.delete(n.to_string()).unwrap();
        }
        assert!(matches!(view.delete("more".to_owned()), Err(StateError::TooLarge(_))));
        assert_eq!(writes.len(), limits::STATE_WRITES);
    }

    #[tokio::test]
    async fn a_store_that_fails_is_unavailable_to_the_guest() {
        view!(view, writes);
        assert!(matches!(view.get("broken".to_owned()).await, Err(StateError::Unavailable(_))));
        assert!(writes.is_empty());
    }
}
