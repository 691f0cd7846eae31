//! Resolves names on separate threads. The system's resolver (`getaddrinfo`) blocks its thread for as long as a slow
//! name server likes, and must not occupy the threads for files and the journal.
//!
//! A look-up cannot be cancelled, so its permits are returned when it really ends, not when its caller leaves. A
//! channel has a few permits, so that one with unresolvable names slows down only itself. Concurrent callers of the
//! same name share one look-up.

use std::{
    collections::HashMap,
    io,
    net::{IpAddr, ToSocketAddrs as _},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use tokio::{
    sync::{AcquireError, OwnedSemaphorePermit, Semaphore, watch},
    time::timeout,
};

use crate::limits;

/// Why there is no address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum LookupError {
    #[error("no answer within {} s: see the name servers in /etc/resolv.conf", limits::LOOKUP.as_secs())]
    Late,
    #[error("{0}")]
    Failed(Arc<str>),
}

type Found = Result<Arc<[IpAddr]>, LookupError>;
type Source = dyn Fn(&str) -> io::Result<Vec<IpAddr>> + Send + Sync;

#[derive(Clone)]
pub(crate) struct Names(Arc<Inner>);

struct Inner {
    source: Box<Source>,
    patience: Duration,
    /// The look-ups in progress, each on its thread, with the receiver of its result.
    flying: Mutex<HashMap<String, watch::Receiver<Option<Found>>>>,
    /// A permit per look-up.
    all: Arc<Semaphore>,
}

impl Names {
    pub(super) fn of_system() -> Self {
        Self::new(limits::LOOKUP, |name: &str| Ok((name, 0).to_socket_addrs()?.map(|address| address.ip()).collect()))
    }

    fn new(patience: Duration, source: impl Fn(&str) -> io::Result<Vec<IpAddr>> + Send + Sync + 'static) -> Self {
        let all = Arc::new(Semaphore::new(limits::LOOKUPS_AT_ONCE));
        Self(Arc::new(Inner { source: Box::new(source), patience, flying: Mutex::default(), all }))
    }

    /// The addresses of a name: at least one. `own` has a permit per look-up that the channel may have in progress.
    pub(crate) async fn look_up(&self, name: &str, own: &Arc<Semaphore>) -> Found {
        if let Ok(address) = name.parse() {
            return Ok([address].into());
        }
        timeout(self.0.patience, self.ask(name, own)).await.unwrap_or(Err(LookupError::Late))
    }

    async fn ask(&self, name: &str, own: &Arc<Semaphore>) -> Found {
        let under_way = self.0.flying().get(name).cloned();
        let mut answer = match under_way {
            Some(answer) => answer,
            None => {
                // Before the look-up can be joined, so that nobody waits for a look-up that waits itself.
                let permits =
                    self.permits(own).await.map_err(|closed| LookupError::Failed(closed.to_string().into()))?;
                self.fly(name, permits)?
            }
        };
        let answer = answer.wait_for(Option::is_some).await;
        match answer.as_deref() {
            Ok(Some(found)) => found.clone(),
            Ok(None) | Err(_) => Err(LookupError::Failed("the look-up ended without an answer".into())),
        }
    }

    async fn permits(&self, own: &Arc<Semaphore>) -> Result<[OwnedSemaphorePermit; 2], AcquireError> {
        let own = Arc::clone(own).acquire_owned().await?;
        Ok([own, Arc::clone(&self.0.all).acquire_owned().await?])
    }

    /// Joins a look-up that has begun meanwhile, or begins one.
    fn fly(
        &self,
        name: &str,
        permits: [OwnedSemaphorePermit; 2],
    ) -> Result<watch::Receiver<Option<Found>>, LookupError> {
        let mut flying = self.0.flying();
        if let Some(answer) = flying.get(name) {
            return Ok(answer.clone());
        }
        let (tell, answer) = watch::channel(None);
        let landing = Landing { inner: Arc::clone(&self.0), name: name.to_owned(), _permits: permits };
        let look = move || {
            let found = match (landing.inner.source)(&landing.name) {
                Ok(found) if found.is_empty() => Err(LookupError::Failed("it has no address".into())),
                Ok(found) => Ok(found.into()),
                Err(error) => Err(LookupError::Failed(error.to_string().into())),
            };
            // Removed before the result is sent, so that the next caller looks up again.
            drop(landing);
            tell.send_replace(Some(found));
        };
        flying.insert(name.to_owned(), answer.clone());
        // If the thread cannot be started, `look` is dropped and removes the look-up.
        drop(flying);
        let thread = thread::Builder::new().name("look-up".to_owned()).stack_size(limits::LOOKUP_STACK);
        thread.spawn(look).map_err(|error| LookupError::Failed(error.to_string().into()))?;
        Ok(answer)
    }
}

impl Inner {
    fn flying(&self) -> MutexGuard<'_, HashMap<String, watch::Receiver<Option<Found>>>> {
        self.flying.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Removes a look-up when it ends, however it ends.
struct Landing {
    inner: Arc<Inner>,
    name: String,
    _permits: [OwnedSemaphorePermit; 2],
}

impl Drop for Landing {
    fn drop(&mut self) {
        self.inner.flying().remove(&self.name);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    /// A name server that records the names and answers those that begin with `slow` only when allowed, once each time.
    struct Slow {
        names: Names,
        asked: mpsc::Receiver<String>,
        let_go: mpsc::Sender<()>,
    }

    /// Longer than any test.
    const PATIENT: Duration = Duration::from_secs(600);

    fn slow(patience: Duration) -> Slow {
        let ((ask, asked), (let_go, wait)) = (mpsc::channel(), mpsc::channel());
        let (ask, wait) = (Mutex::new(ask), Mutex::new(wait));
        let names = Names::new(patience, move |name| {
            // The test may have stopped reading.
            _ = ask.lock().unwrap_or_else(PoisonError::into_inner).send(name.to_owned());
            match name {
                "none.example" => Ok(vec![]),
                "broken.example" => Err(io::Error::other("on purpose")),
                "panics.example" => panic!("on purpose"),
                name if name.starts_with("slow") => {
                    // Also ends when the test does.
                    _ = wait.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    Ok(vec![[192, 0, 2, 2].into()])
                }
                _ => Ok(vec![[192, 0, 2, 1].into()]),
            }
        });
        Slow { names, asked, let_go }
    }

    fn own(permits: usize) -> Arc<Semaphore> {
        Arc::new(Semaphore::new(permits))
    }

    fn at(last: u8) -> Found {
        Ok([IpAddr::from([192, 0, 2, last])].into())
    }

    /// Looks these up concurrently, each in its own task.
    fn all_ask(names: &Names, own: &Arc<Semaphore>, asked: &[&'static str]) -> Vec<tokio::task::JoinHandle<Found>> {
        let ask = |&name: &&'static str| {
            let (names, own) = (names.clone(), Arc::clone(own));
            tokio::spawn(async move { names.look_up(name, &own).await })
        };
        asked.iter().map(ask).collect()
    }

    /// Lets the other tasks run until they wait. All share one thread.
    async fn settle() {
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn whoever_asks_for_the_same_name_waits_for_the_same_answer() {
        let Slow { names, asked, let_go } = slow(PATIENT);
        let own = own(2);
        let waiting = all_ask(&names, &own, &["slow.example"; 64]);
        settle().await;
        assert_eq!((names.0.flying().len(), own.available_permits()), (1, 1));
        let_go.send(()).unwrap();
        for waits in waiting {
            assert_eq!(waits.await.unwrap(), at(2));
        }
        assert_eq!(asked.try_iter().collect::<Vec<_>>(), ["slow.example"]);
        // The next caller looks up again.
        let_go.send(()).unwrap();
        assert_eq!(names.look_up("slow.example", &own).await, at(2));
        assert_eq!(asked.try_iter().count(), 1);
    }

    #[tokio::test]
    async fn a_channel_with_slow_names_delays_only_itself() {
        let Slow { names, let_go, .. } = slow(PATIENT);
        let its_own = own(2);
        let waiting = all_ask(&names, &its_own, &["slow1.example", "slow2.example", "slow3.example", "a.example"]);
        settle().await;
        assert_eq!(names.0.flying().len(), 2, "within its limit");
        assert_eq!(names.look_up("b.example", &own(1)).await, at(1));
        assert!(waiting.iter().all(|waits| !waits.is_finished()));
        // Callers that leave do not end the look-ups, which keep their permits.
        waiting[0].abort();
        waiting[1].abort();
        settle().await;
        assert_eq!((names.0.flying().len(), its_own.available_permits()), (2, 0));
        for _ in 0..3 {
            let_go.send(()).unwrap();
        }
        for (waits, last) in waiting.into_iter().skip(2).zip([2, 1]) {
            assert_eq!(waits.await.unwrap(), at(last));
        }
    }

    #[test]
    fn no_thread_that_files_are_read_with_is_taken_up() {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().max_blocking_threads(1).build().unwrap();
        runtime.block_on(async {
            let Slow { names, let_go, .. } = slow(PATIENT);
            let slow = all_ask(&names, &own(8), &["slow1.example", "slow2.example", "slow3.example"]);
            settle().await;
            assert_eq!(tokio::task::spawn_blocking(|| 1).await.unwrap(), 1);
            assert!(slow.iter().all(|waits| !waits.is_finished()));
            drop(let_go);
        });
    }

    #[tokio::test]
    async fn a_look_up_without_a_response_times_out_and_so_do_those_behind_it() {
        let Slow { names, let_go, .. } = slow(Duration::from_millis(100));
        let own = own(1);
        assert_eq!(names.look_up("slow.example", &own).await, Err(LookupError::Late));
        assert_eq!(names.look_up("a.example", &own).await, Err(LookupError::Late));
        let_go.send(()).unwrap();
        // Once the first has ended, there is room again.
        drop(own.acquire().await.unwrap());
        assert_eq!(names.look_up("a.example", &own).await, at(1));
    }

    #[tokio::test]
    async fn however_a_look_up_ends_its_permits_are_returned() {
        let Slow { names, .. } = slow(PATIENT);
        let own = own(1);
        for (name, why) in
            [("none.example", "no address"), ("broken.example", "on purpose"), ("panics.example", "without an answer")]
        {
            let error = names.look_up(name, &own).await.unwrap_err();
            assert!(error.to_string().contains(why), "{name}: {error}");
        }
        assert_eq!(names.look_up("a.example", &own).await, at(1));
        // An address needs no look-up.
        assert_eq!(names.look_up("192.0.2.7", &Arc::new(Semaphore::new(0))).await, at(7));
        drop(own.acquire().await.unwrap());
        assert!(names.0.flying().is_empty());
    }

    #[tokio::test]
    async fn the_system_knows_this_machine() {
        let found = Names::of_system().look_up("localhost", &own(1)).await.unwrap();
        assert!(found.iter().all(IpAddr::is_loopback));
    }
}
