//! `wasi:sockets`: TCP to granted targets. A name is looked up only if it is granted (a look-up alone can carry data out), and a
//! connection goes only to an address that is granted itself or that a granted name was seen to have in this very attempt, so
//! that a name which changes its address (DNS rebinding) gains nothing.

use std::{
    collections::HashMap,
    net::{IpAddr, SocketAddr},
    sync::{Arc, Mutex, PoisonError},
};

use wasmtime::component::{HasData, Linker, Resource};
use wasmtime_wasi::{
    WasiCtx, WasiCtxBuilder, WasiView as _,
    p2::{
        DynPollable, SocketError,
        bindings::sockets::{
            ip_name_lookup::{self, ResolveAddressStream},
            network::{self, ErrorCode, IpAddress, IpAddressFamily, Network},
            tcp::TcpSocket,
            tcp_create_socket,
        },
    },
    sockets::{SocketAddrUse, WasiSocketsCtxView},
};

use crate::{
    attempt::{Context, Requests},
    grants::{self, Refusal},
    limits,
    tenant::Tenant,
};

/// What this attempt has looked up.
#[derive(Default)]
pub(crate) struct Names {
    /// The name behind a stream of addresses, by the stream's handle.
    asked: HashMap<u32, String>,
    found: Found,
}

/// Which names were seen to have an address.
type Found = Arc<Mutex<HashMap<IpAddr, Vec<String>>>>;

impl Names {
    /// For the next attempt on the same instance. In place, because the check of addresses shares it.
    pub(crate) fn forget(&mut self) {
        self.found.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

struct Sockets;

struct View<'a> {
    wasi: WasiSocketsCtxView<'a>,
    tenant: &'a Tenant,
    requests: &'a Requests,
    names: &'a mut Names,
}

impl HasData for Sockets {
    type Data<'a> = View<'a>;
}

/// Puts ours in place of the stock look-up and of the stock maker of sockets.
pub(super) fn add_to_linker(linker: &mut Linker<Context>) -> wasmtime::Result<()> {
    linker.allow_shadowing(true);
    ip_name_lookup::add_to_linker::<_, Sockets>(linker, view)?;
    tcp_create_socket::add_to_linker::<_, Sockets>(linker, view)?;
    linker.allow_shadowing(false);
    Ok(())
}

fn view(context: &mut Context) -> View<'_> {
    // Made if it is not there yet.
    context.ctx();
    let Context { wasi, table, names, requests, tenant, .. } = context;
    let ctx = wasi.get_or_insert_with(|| WasiCtx::builder().build()).sockets();
    let wasi = WasiSocketsCtxView { ctx, table };
    View { wasi, tenant, requests: requests.get_or_insert_default(), names: names.get_or_insert_default() }
}

/// Lets through what the grants cover. UDP, listening and binding to a port of one's own are never granted.
pub(super) fn allow(builder: &mut WasiCtxBuilder, context: &mut Context) {
    builder.allow_udp(false);
    if context.tenant.setup.grants.tcp.is_empty() {
        builder.allow_tcp(false).allow_ip_name_lookup(false);
        return;
    }
    let (tenant, requests) = (Arc::clone(&context.tenant), Arc::clone(context.requests()));
    let found = Arc::clone(&context.names.get_or_insert_default().found);
    let own = context.shared.egress.own_port();
    builder.allow_tcp(true).allow_ip_name_lookup(true).socket_addr_check(move |address, used| {
        let allowed = may_use(address, used, &tenant, &requests, &found, own);
        Box::pin(std::future::ready(allowed))
    });
}

fn may_use(
    address: SocketAddr,
    used: SocketAddrUse,
    tenant: &Tenant,
    requests: &Requests,
    found: &Found,
    own: Option<u16>,
) -> bool {
    match used {
        // What the system does by itself before it connects.
        SocketAddrUse::TcpBind => address.ip().is_unspecified() && address.port() == 0,
        SocketAddrUse::TcpConnect => {
            let found = found.lock().unwrap_or_else(PoisonError::into_inner);
            let names = found.get(&address.ip().to_canonical()).map(Vec::as_slice).unwrap_or_default();
            match tenant.setup.grants.check_tcp(address, names, own, tenant.name()) {
                Ok(()) => true,
                Err(Refusal::Denied(message) | Refusal::Invalid(message)) => {
                    requests.deny(message);
                    false
                }
            }
        }
        _ => false,
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
        if self.tenant.setup.grants.tcp.is_empty() {
            self.requests.deny(format!(
                "TCP is not granted: add the target, as \"<host>:<port>\", to channels.{}.grant.tcp in config.toml",
                self.tenant.name()
            ));
            return Err(ErrorCode::AccessDenied.into());
        }
        if !self.requests.another_socket() {
            return Err(ErrorCode::NewSocketLimit.into());
        }
        self.wasi.create_tcp_socket(family)
    }
}

impl ip_name_lookup::Host for View<'_> {
    fn resolve_addresses(
        &mut self,
        network: Resource<Network>,
        name: String,
    ) -> Result<Resource<ResolveAddressStream>, SocketError> {
        if let Err(refusal) = self.tenant.setup.grants.check_lookup(&name, self.tenant.name()) {
            return Err(match refusal {
                Refusal::Denied(message) => {
                    self.requests.deny(message);
                    ErrorCode::AccessDenied
                }
                Refusal::Invalid(_) => ErrorCode::InvalidArgument,
            }
            .into());
        }
        if !self.requests.another_lookup() {
            return Err(ErrorCode::TemporaryResolverFailure.into());
        }
        let stream = self.wasi.resolve_addresses(network, name.clone())?;
        self.names.asked.extend(grants::name(&name).map(|name| (stream.rep(), name)));
        Ok(stream)
    }
}

impl ip_name_lookup::HostResolveAddressStream for View<'_> {
    fn resolve_next_address(
        &mut self,
        stream: Resource<ResolveAddressStream>,
    ) -> Result<Option<IpAddress>, SocketError> {
        let name = self.names.asked.get(&stream.rep()).cloned();
        let address = self.wasi.resolve_next_address(stream)?;
        if let (Some(address), Some(name)) = (&address, name) {
            let mut found = self.names.found.lock().unwrap_or_else(PoisonError::into_inner);
            // An attempt that looks up more than this is not looking for its receiver.
            if found.len() < limits::HANDLES {
                let names = found.entry(ip(address)).or_default();
                if !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        Ok(address)
    }

    fn subscribe(&mut self, stream: Resource<ResolveAddressStream>) -> wasmtime::Result<Resource<DynPollable>> {
        self.wasi.subscribe(stream)
    }

    fn drop(&mut self, stream: Resource<ResolveAddressStream>) -> wasmtime::Result<()> {
        self.names.asked.remove(&stream.rep());
        ip_name_lookup::HostResolveAddressStream::drop(&mut self.wasi, stream)
    }
}

fn ip(address: &IpAddress) -> IpAddr {
    match *address {
        IpAddress::Ipv4((a, b, c, d)) => IpAddr::from([a, b, c, d]),
        IpAddress::Ipv6((a, b, c, d, e, f, g, h)) => IpAddr::from([a, b, c, d, e, f, g, h]).to_canonical(),
    }
}
