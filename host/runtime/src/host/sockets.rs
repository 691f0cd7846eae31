//! `wasi:sockets`: TCP to granted targets. A name is looked up only if it is granted, because a look-up alone can leak
//! data. A connection goes only to an address that is granted itself, or that a granted name resolved to in this
//! attempt, so a name that changes its address (DNS rebinding) gains nothing.

use std::{
    net::{IpAddr, SocketAddr},
    sync::{Arc, PoisonError},
    vec,
};

use futures_util::FutureExt as _;
use wasmtime::component::{HasData, Linker, Resource, ResourceType};
use wasmtime_wasi::{
    WasiCtx, WasiCtxBuilder, WasiView as _,
    p2::{
        Pollable, SocketError,
        bindings::sockets::{
            network::{self, ErrorCode, IpAddress, IpAddressFamily, Network},
            tcp::TcpSocket,
            tcp_create_socket,
        },
        subscribe,
    },
    runtime::AbortOnDropJoinHandle,
    sockets::{SocketAddrUse, WasiSocketsCtxView},
};

use crate::{
    channel_view::ChannelView,
    context::{Context, Found, Names, Requests},
    egress::{self, LookupError},
    grants::{self, Refusal},
    limits,
};

/// The addresses of a name, once resolved.
struct Addresses {
    name: String,
    found: Lookup,
}

enum Lookup {
    UnderWay(AbortOnDropJoinHandle<Result<Arc<[IpAddr]>, LookupError>>),
    Over(Result<vec::IntoIter<IpAddr>, ErrorCode>),
}

impl Addresses {
    fn over(&mut self, found: Result<Arc<[IpAddr]>, LookupError>) {
        self.found = Lookup::Over(match found {
            Ok(found) => Ok(Vec::from(&*found).into_iter()),
            Err(LookupError::Failed(_)) => Err(ErrorCode::NameUnresolvable),
            Err(LookupError::Late) => Err(ErrorCode::TemporaryResolverFailure),
        });
    }

    fn next(&mut self) -> Result<Option<IpAddr>, ErrorCode> {
        if let Lookup::UnderWay(looking) = &mut self.found {
            let found = looking.now_or_never().ok_or(ErrorCode::WouldBlock)?;
            self.over(found);
        }
        match &mut self.found {
            Lookup::Over(Ok(found)) => Ok(found.next()),
            Lookup::Over(Err(code)) => Err(*code),
            Lookup::UnderWay(_) => Err(ErrorCode::WouldBlock),
        }
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for Addresses {
    async fn ready(&mut self) {
        if let Lookup::UnderWay(looking) = &mut self.found {
            let found = looking.await;
            self.over(found);
        }
    }
}

struct Sockets;

struct View<'a> {
    wasi: WasiSocketsCtxView<'a>,
    channel_view: &'a ChannelView,
    requests: &'a Requests,
    names: &'a mut Names,
    lookups: &'a egress::Names,
}

impl HasData for Sockets {
    type Data<'a> = View<'a>;
}

/// Replaces the stock look-up and the stock constructor of sockets.
pub(super) fn add_to_linker(linker: &mut Linker<Context>) -> wasmtime::Result<()> {
    linker.allow_shadowing(true);
    tcp_create_socket::add_to_linker::<_, Sockets>(linker, view)?;
    add_lookup_to_linker(linker)?;
    linker.allow_shadowing(false);
    Ok(())
}

/// Written by hand, because the stock bindings require the stock stream of addresses, whose look-up blocks a thread.
fn add_lookup_to_linker(linker: &mut Linker<Context>) -> wasmtime::Result<()> {
    let mut lookup = linker.instance("wasi:sockets/ip-name-lookup@0.2.12")?;
    lookup.resource("resolve-address-stream", ResourceType::host::<Addresses>(), |mut store, stream| {
        view(store.data_mut()).wasi.table.delete(Resource::<Addresses>::new_own(stream))?;
        Ok(())
    })?;
    lookup.func_wrap("resolve-addresses", |mut store, (network, name): (Resource<Network>, String)| {
        let result = view(store.data_mut()).resolve(&network, &name);
        Ok((coded(result)?,))
    })?;
    lookup.func_wrap(
        "[method]resolve-address-stream.resolve-next-address",
        |mut store, (stream,): (Resource<Addresses>,)| {
            let result = view(store.data_mut()).next(&stream);
            Ok((coded(result)?,))
        },
    )?;
    lookup.func_wrap("[method]resolve-address-stream.subscribe", |mut store, (stream,): (Resource<Addresses>,)| {
        Ok((subscribe(view(store.data_mut()).wasi.table, stream)?,))
    })
}

/// Splits the guest's error codes from our own errors, which end the guest.
fn coded<T>(result: Result<T, SocketError>) -> wasmtime::Result<Result<T, ErrorCode>> {
    match result {
        Ok(value) => Ok(Ok(value)),
        Err(error) => error.downcast().map(Err),
    }
}

fn view(context: &mut Context) -> View<'_> {
    // Creates the context if necessary.
    context.ctx();
    let Context { wasi, table, names, requests, channel_view, services, .. } = context;
    let ctx = wasi.get_or_insert_with(|| Box::new(WasiCtx::builder().build())).sockets();
    let wasi = WasiSocketsCtxView { ctx, table };
    let (requests, names) = (requests.get_or_insert_default(), names.get_or_insert_default());
    View { wasi, channel_view, requests, names, lookups: services.egress.names() }
}

/// Allows what the grants cover. UDP, listening and binding to a port are never granted.
pub(super) fn allow(builder: &mut WasiCtxBuilder, context: &mut Context) {
    builder.allow_udp(false);
    if context.channel_view.setup.grants.tcp.is_empty() {
        builder.allow_tcp(false).allow_ip_name_lookup(false);
        return;
    }
    let check = Check {
        channel_view: Arc::clone(&context.channel_view),
        found: Arc::clone(&context.names.get_or_insert_default().found),
        own: context.services.egress.own_port(),
        requests: Arc::clone(context.requests()),
    };
    builder
        .allow_tcp(true)
        .allow_ip_name_lookup(true)
        .socket_addr_check(move |address, used| Box::pin(std::future::ready(check.may_use(address, used))));
}

/// What decides about an attempt's connections.
struct Check {
    channel_view: Arc<ChannelView>,
    /// The names that led to each address.
    found: Found,
    /// The port of the daemon's own API.
    own: Option<u16>,
    requests: Arc<Requests>,
}

impl Check {
    fn may_use(&self, address: SocketAddr, used: SocketAddrUse) -> bool {
        match used {
            // The system's implicit bind before connecting.
            SocketAddrUse::TcpBind => address.ip().is_unspecified() && address.port() == 0,
            SocketAddrUse::TcpConnect => match self.connect(address) {
                Ok(()) => true,
                Err(Refusal::Denied(message) | Refusal::Invalid(message)) => {
                    self.requests.deny(message);
                    false
                }
            },
            _ => false,
        }
    }

    fn connect(&self, address: SocketAddr) -> Result<(), Refusal> {
        let found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        let names = found.get(&address.ip().to_canonical()).map(Vec::as_slice).unwrap_or_default();
        self.channel_view.setup.grants.check_tcp(address, names, self.own, self.channel_view.table())
    }
}

/// The interfaces above use its types.
impl network::Host for View<'_> {
    fn convert_error_code(&mut self, error: SocketError) -> wasmtime::Result<ErrorCode> {
        self.wasi.convert_error_code(error)
    }

    fn network_error_code(&mut self, error: Resource<wasmtime::Error>) -> wasmtime::Result<Option<ErrorCode>> {
        self.wasi.network_error_code(error)
    }
}

impl network::HostNetwork for View<'_> {
    fn drop(&mut self, network: Resource<Network>) -> wasmtime::Result<()> {
        network::HostNetwork::drop(&mut self.wasi, network)
    }
}

impl tcp_create_socket::Host for View<'_> {
    fn create_tcp_socket(&mut self, family: IpAddressFamily) -> Result<Resource<TcpSocket>, SocketError> {
        if self.channel_view.setup.grants.tcp.is_empty() {
            self.requests.deny(format!(
                "TCP is not granted: add \"<host>:<port>\" to {}.grant.tcp in config.toml",
                self.channel_view.table()
            ));
            return Err(ErrorCode::AccessDenied.into());
        }
        if !self.requests.another_socket() {
            return Err(ErrorCode::NewSocketLimit.into());
        }
        self.wasi.create_tcp_socket(family)
    }
}

impl View<'_> {
    fn resolve(&mut self, network: &Resource<Network>, name: &str) -> Result<Resource<Addresses>, SocketError> {
        // A network handle is the right to look names up; it has no other state.
        self.wasi.table.get(network)?;
        if let Err(refusal) = self.channel_view.setup.grants.check_lookup(name, self.channel_view.table()) {
            return Err(match refusal {
                Refusal::Denied(message) => {
                    self.requests.deny(message);
                    ErrorCode::AccessDenied
                }
                Refusal::Invalid(_) => ErrorCode::InvalidArgument,
            }
            .into());
        }
        let name = grants::canonical(name).ok_or(ErrorCode::InvalidArgument)?;
        if !self.requests.another_lookup() {
            return Err(ErrorCode::TemporaryResolverFailure.into());
        }
        let (names, own, asked) = (self.lookups.clone(), Arc::clone(&self.channel_view.share.lookups), name.clone());
        let looking = wasmtime_wasi::runtime::spawn(async move { names.look_up(&asked, &own).await });
        Ok(self.wasi.table.push(Addresses { name, found: Lookup::UnderWay(looking) })?)
    }

    fn next(&mut self, stream: &Resource<Addresses>) -> Result<Option<IpAddress>, SocketError> {
        let stream = self.wasi.table.get_mut(stream)?;
        let Some(address) = stream.next()? else { return Ok(None) };
        let mut found = self.names.found.lock().unwrap_or_else(PoisonError::into_inner);
        // Beyond this number, look-ups are not remembered.
        if found.len() < limits::HANDLES {
            let names = found.entry(address.to_canonical()).or_default();
            if !names.contains(&stream.name) {
                names.push(stream.name.clone());
            }
        }
        Ok(Some(address.into()))
    }
}
