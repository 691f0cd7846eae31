//! What the demo runs on: a folder, a receiver and a daemon.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::PathBuf,
};

use anyhow::{Context as _, anyhow};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use fanfare_runtime::webhook::SigningKey;
use tempfile::TempDir;

use crate::{
    app::{App, AppOptions},
    cli::{
        client::{Client, ClientArgs},
        failure::Failure,
        listen::{Receiver, ReceiverOptions},
        serve::environment,
        spinner::Spinner,
    },
    config::Config,
    plugins,
};

/// The number of channels.
pub(super) const CHANNELS: usize = 4;

/// The address that the documentation uses; the daemon listens there if it is free.
const USUAL: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8080);
const FREE: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// Everything that runs.
pub(super) struct Stage {
    pub(super) folder: TempDir,
    pub(super) receiver: Receiver,
    pub(super) url: String,
    /// The daemon listens on the usual address.
    pub(super) at_usual_port: bool,
    pub(super) client: Client,
    app: App,
}

impl Stage {
    pub(super) async fn build() -> Result<Self, Failure> {
        let _spinner = Spinner::start("starting a daemon with four channels");
        let folder = tempfile::Builder::new()
            .prefix("fanfare-demo-")
            .tempdir()
            .context("cannot create a temporary folder; set TMPDIR to a writable folder")?;
        let secret = secret()?;
        let key = SigningKey::parse(&secret).context("the generated secret is not valid")?;
        let options = ReceiverOptions { keys: vec![key], ..ReceiverOptions::default() };
        let receiver = Receiver::start(FREE, options).await.context("cannot find a free port for the receiver")?;

        let at_usual_port = TcpListener::bind(USUAL).is_ok();
        let listen = if at_usual_port { USUAL } else { FREE };
        let config_file =
            write(&folder, &secret, listen, receiver.address).context("cannot write to the demo's folder")?;
        let config = Config::load(&config_file, &environment)?;
        let compiler = plugins::compiler(config.plugins.compile);
        let app = App::start(config, AppOptions { watch: true, compiler }).await?;
        let url = format!("http://{}", app.address());
        let client = Client::new(&ClientArgs::to(&url))?;
        Ok(Self { folder, receiver, url, at_usual_port, client, app })
    }

    /// The folder of the audit channel.
    pub(super) fn audit_folder(&self) -> PathBuf {
        self.folder.path().join("audit")
    }

    /// Stops everything and removes the folder.
    pub(super) async fn clear(self) -> Result<(), Failure> {
        self.app.stop().await;
        let path = self.folder.path().to_owned();
        self.folder.close().map_err(|error| anyhow!("cannot remove {}: {error}", path.display()))?;
        Ok(())
    }
}

/// Generates a webhook secret: 24 random bytes.
fn secret() -> Result<String, Failure> {
    let mut bytes = [0; 24];
    getrandom::fill(&mut bytes).map_err(|error| anyhow!("cannot get random bytes from the system: {error}"))?;
    Ok(format!("whsec_{}", BASE64_STANDARD.encode(bytes)))
}

fn write(folder: &TempDir, secret: &str, listen: SocketAddr, receiver: SocketAddr) -> std::io::Result<PathBuf> {
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("plugins"))?;
    fs::create_dir(at("audit"))?;
    fs::write(at("webhook.secret"), secret)?;
    let file = at("config.toml");
    fs::write(&file, config(listen, receiver))?;
    Ok(file)
}

/// A configuration as an operator would write it. Changes to the file take effect while the demo runs.
fn config(listen: SocketAddr, receiver: SocketAddr) -> String {
    format!(
        r#"[server]
listen = "{listen}"
drain = "5s"

[channels.log]
plugin = "builtin:log"

[channels.webhook]
plugin = "builtin:webhook"
settings = {{ url = "http://{receiver}/hook" }}
sign = {{ scheme = "standard-webhooks", secrets = ["file:webhook.secret"] }}
grant = {{ http = ["{receiver}"], private_network = true }}

[channels.audit]
plugin = "builtin:audit"
grant = {{ files = [{{ host = "audit", guest = "/audit", write = true }}] }}

[channels.metrics]
plugin = "builtin:metrics"
"#
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_configuration_is_valid_and_signs_with_the_secret_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let secret = secret().unwrap();
        assert!(SigningKey::parse(&secret).is_ok());
        assert_ne!(secret, super::secret().unwrap());
        let file = write(&folder, &secret, FREE, "127.0.0.1:9000".parse().unwrap()).unwrap();
        let config = Config::load(&file, &|_| None).unwrap();
        assert_eq!(config.channels.len(), CHANNELS);
        let webhook = config.channel(&"webhook".parse().unwrap(), None);
        assert_eq!(webhook.setup.sign, [SigningKey::parse(&secret).unwrap()]);
    }
}
