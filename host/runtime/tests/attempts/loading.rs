//! From a file to a plugin, and from a plugin to a channel.

use std::{fs, os::unix::fs::PermissionsExt as _};

use bytes::Bytes;
use fanfare_runtime::{
    CacheOptions, ChannelSetup, FileGrant, Grants, Kind, LoadError, Runtime, RuntimeOptions, webhook::SigningKey,
};

use crate::support::{hostile, hostile_http, runtime, setup};

async fn load(wasm: &[u8]) -> LoadError {
    runtime().load(Bytes::copy_from_slice(wasm)).await.err().unwrap()
}

#[tokio::test]
async fn a_plugin_tells_its_kind_digest_and_interfaces() {
    let (channel, http) = (hostile().await, hostile_http().await);
    assert_eq!((channel.kind(), http.kind()), (Kind::Channel, Kind::HttpChannel));
    assert_eq!((channel.kind().as_str(), http.kind().as_str()), ("channel", "http-channel"));
    assert_eq!(channel.digest().len(), 64);
    assert_eq!(channel.channel(setup(&[])).unwrap().plugin_digest(), &channel.digest()[..16]);
    assert!(channel.imports().iter().any(|name| name == "fanfare:channel/http@0.1.0"), "{:?}", channel.imports());
    assert!(channel.exports().iter().any(|name| name == "fanfare:channel/handler@0.1.0"), "{:?}", channel.exports());
    assert_eq!(channel.size(), fanfare_artifacts::hostile().len());
}

#[tokio::test]
async fn a_file_that_is_not_a_plugin_says_what_it_is_instead() {
    assert_eq!(load(b"").await, LoadError::Empty);
    assert!(matches!(load(b"hello").await, LoadError::NotWasm(_)));
    let empty = load(b"\0asm\x01\0\0\0").await;
    assert!(matches!(empty, LoadError::NoCommand { unwrapped: false, .. }), "{empty}");
    assert!(empty.to_string().contains("exports `_start`"), "{empty}");
    let whole = fanfare_artifacts::hostile();
    for cut in [whole.len() - 1, whole.len() / 2, 100] {
        assert!(matches!(load(&whole[..cut]).await, LoadError::Truncated(_)), "{cut}: {}", load(&whole[..cut]).await);
    }
    // Valid, but larger than a slot in the pool: it will never fit, so it is not a fault of the host.
    let globals = "(global (mut i64) (i64.const 0))".repeat(100_000);
    let large = wat::parse_str(format!("(module (func (export \"_start\")) (memory (export \"memory\") 1) {globals})"));
    let error = load(&large.unwrap()).await;
    assert!(matches!(error, LoadError::TooCostly(_)), "{error}");
    assert!(error.to_string().contains("larger than a plugin may be"), "{error}");
    // An empty component.
    let error = load(b"\0asm\x0d\0\x01\0").await.to_string();
    assert!(error.contains("exports nothing") && error.contains("fanfare:channel/handler@0.1.0"), "{error}");
}

#[tokio::test]
async fn the_cache_serves_a_second_runtime_and_a_damaged_entry_is_made_again() {
    let dir = tempfile::tempdir().unwrap();
    let cache = dir.path().join("cache");
    let load = || async {
        let options = RuntimeOptions {
            cache: Some(CacheOptions::new(cache.clone())),
            max_instances: 4,
            ..RuntimeOptions::default()
        };
        Runtime::new(options).unwrap().load(Bytes::from_static(fanfare_artifacts::smallest())).await.unwrap()
    };
    let modified = || {
        let entries = fs::read_dir(&cache).unwrap().map(|e| e.unwrap().path());
        let code: Vec<_> = entries.filter(|path| path.extension().is_some_and(|e| e == "cwasm")).collect();
        let [code] = code.try_into().unwrap();
        (fs::read(&code).unwrap(), fs::metadata(&code).unwrap().modified().unwrap(), code)
    };
    load().await;
    assert_eq!(fs::metadata(&cache).unwrap().permissions().mode() & 0o777, 0o700);
    let (whole, made, path) = modified();
    load().await;
    assert_eq!(modified().1, made);
    let mut damaged = whole.clone();
    let middle = damaged.len() / 2;
    damaged[middle] ^= 0xff;
    for bad in [damaged.as_slice(), &whole[..100], b""] {
        fs::write(&path, bad).unwrap();
        load().await;
        assert_eq!(modified().0.len(), whole.len());
    }
}

#[tokio::test]
async fn a_cache_that_others_can_write_to_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    fs::set_permissions(dir.path(), fs::Permissions::from_mode(0o777)).unwrap();
    let options = RuntimeOptions { cache: Some(CacheOptions::new(dir.path().to_owned())), ..RuntimeOptions::default() };
    let error = Runtime::new(options).err().unwrap().to_string();
    assert!(error.contains("chmod 700"), "{error}");
}

#[tokio::test]
async fn an_impossible_setup_is_refused_with_its_key() {
    let plugin = hostile().await;
    let sign = vec![SigningKey::parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap()];
    let signed = ChannelSetup { sign, ..setup(&[]) };
    let folder = |host: &str, guest: &str| {
        let files = vec![FileGrant { host: host.into(), guest: guest.to_owned(), write: false }];
        ChannelSetup { grants: Grants { files, ..Grants::default() }, ..setup(&[]) }
    };
    for (setup, key) in [
        (signed, "channels.hook.sign"),
        (folder("/does/not/exist", "/audit"), "channels.hook.grant.files"),
        (folder("/tmp", "audit"), "must start with `/`"),
    ] {
        let error = plugin.channel(setup).err().unwrap().to_string();
        assert!(error.contains(key), "{error}");
    }
}
