//! `wasi:sockets`, as far as it is granted.

use fanfare_core::{Class, Outcome};
use fanfare_runtime::{ChannelSetup, Grants, HostPattern};
use tokio::net::TcpListener;

use crate::support::{bounds, failed, hostile, receipt, run_with, setup};

fn with(settings: &[(&str, &str)], tcp: &[&str], private_network: bool) -> ChannelSetup {
    let tcp = tcp.iter().map(|pattern| HostPattern::parse(pattern).unwrap()).collect();
    ChannelSetup { grants: Grants { tcp, private_network, ..Grants::default() }, ..setup(settings) }
}

#[tokio::test]
async fn a_connection_goes_where_it_is_granted_and_nowhere_else() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (address, name) = (format!("127.0.0.1:{port}"), format!("localhost:{port}"));
    let plugin = hostile().await;
    let tcp = |to: &str, grants: &[&str], private| {
        let (plugin, setup) = (plugin.clone(), with(&[("mode", "tcp"), ("address", to)], grants, private));
        async move { run_with(&plugin, setup, bounds()).await }
    };
    assert_eq!(receipt(&tcp(&address, &[&address], false).await)["peer"], address);
    assert_eq!(receipt(&tcp(&name, &[&name], false).await)["peer"], address);
    assert_eq!(receipt(&tcp(&address, &["*:1", &format!("*:{port}")], true).await)["peer"], address);
    failed(&tcp(&address, &[], true).await, Class::Denied, "denied", "channels.hook.grant.tcp");
    let other = format!("127.0.0.1:{}", if port == 1 { 2 } else { port - 1 });
    let key = format!("add \"{address}\" to channels.hook.grant.tcp");
    failed(&tcp(&address, &[&other], false).await, Class::Denied, "denied", &key);
    failed(&tcp(&address, &[&format!("*:{port}")], false).await, Class::Denied, "denied", "private_network = true");
    // A granted name does not open its address for a guest that never looked the name up.
    failed(&tcp(&address, &[&format!("internal.example:{port}")], true).await, Class::Denied, "denied", &key);
}

#[tokio::test]
async fn a_name_is_looked_up_only_if_it_is_granted() {
    let plugin = hostile().await;
    let resolve = |name: &str, grants: &[&str]| {
        let (plugin, setup) = (plugin.clone(), with(&[("mode", "resolve"), ("address", name)], grants, false));
        async move { run_with(&plugin, setup, bounds()).await }
    };
    assert!(receipt(&resolve("localhost", &["localhost:25"]).await)["addresses"][0].is_string());
    let report = resolve("stolen-data.evil.example", &["localhost:25"]).await;
    failed(&report, Class::Denied, "denied", "\"stolen-data.evil.example:<port>\" to channels.hook.grant.tcp");
}

#[tokio::test]
async fn sockets_and_look_ups_have_a_number() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let plugin = hostile().await;
    let many = with(&[("mode", "tcp"), ("address", &address), ("times", "20")], &[&address], false);
    assert_eq!(receipt(&run_with(&plugin, many, bounds()).await)["connections"], 16);
    let many = with(&[("mode", "resolve"), ("address", "localhost"), ("times", "20")], &["localhost:25"], false);
    assert_eq!(receipt(&run_with(&plugin, many, bounds()).await)["lookups"], 16);
}

#[tokio::test]
async fn no_grant_lets_a_guest_listen_or_use_udp() {
    let plugin = hostile().await;
    for mode in ["listen", "udp"] {
        let setup = with(&[("mode", mode), ("address", "127.0.0.1:0")], &["127.0.0.1:1", "*:1"], true);
        let report = run_with(&plugin, setup, bounds()).await;
        assert!(!matches!(report.outcome, Outcome::Delivered { .. }), "{mode}: {report:?}");
    }
}
