//! The logs of `builtin:audit`: chains in which each record contains the hash of the previous one. The format is
//! defined in `plugins/audit/src/chain.rs`.

use std::{
    fmt::Write as _,
    fs::File,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use fanfare_runtime::FileGrant;

use crate::config::Config;

const ORIGIN: &str = "0000000000000000000000000000000000000000000000000000000000000000";
/// Where the plugin writes by default, as the guest sees it.
const FOLDER: &str = "/audit";
const HASH_MEMBER: &str = r#","hash":""#;

/// A log, and how far its chain is intact.
#[derive(Serialize)]
pub(super) struct AuditLog {
    pub(super) path: PathBuf,
    /// Records that each follow from the previous one.
    pub(super) records: u64,
    /// Why the next record does not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) broken: Option<String>,
}

#[derive(Deserialize)]
struct Record<'a> {
    sequence: u64,
    previous: &'a str,
    hash: &'a str,
}

/// The log files of the configured audit channels.
pub(super) fn logs(config: &Config) -> Vec<PathBuf> {
    let mut logs = vec![];
    for name in config.channels.keys() {
        let channel = config.channel(name, None);
        if channel.plugin.to_string() != "builtin:audit" {
            continue;
        }
        let folder = channel.setup.settings.get("folder").map_or(FOLDER, String::as_str);
        let within = |grant: &FileGrant| Some(grant.host.join(Path::new(folder).strip_prefix(&grant.guest).ok()?));
        let host = channel.setup.grants.files.iter().filter(|grant| grant.write).find_map(within);
        logs.extend(host.map(|host| host.join(format!("{name}.jsonl"))));
    }
    logs
}

/// Follows the chain. `None` if nothing has been written yet.
pub(super) fn verify(path: PathBuf) -> Option<AuditLog> {
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return None,
        Err(error) => return Some(AuditLog { path, records: 0, broken: Some(error.to_string()) }),
    };
    let (mut records, mut previous) = (0, ORIGIN.to_owned());
    let mut reader = BufReader::new(file);
    let mut line = String::new();
    let broken = loop {
        line.clear();
        match reader.read_line(&mut line) {
            Ok(0) => break None,
            // The plugin removes an incomplete record before it writes the next one.
            Ok(_) if !line.ends_with('\n') => break None,
            Ok(_) => match follow(line.trim_end_matches('\n'), records, &previous) {
                Ok(hash) => previous = hash,
                Err(why) => break Some(why.to_owned()),
            },
            Err(error) => break Some(error.to_string()),
        }
        records += 1;
    };
    Some(AuditLog { path, records, broken })
}

/// The hash of a record that follows from the previous one.
fn follow(line: &str, before: u64, previous: &str) -> Result<String, &'static str> {
    let record: Record<'_> = serde_json::from_str(line).map_err(|_| "the next line is not a record")?;
    let (sealed, _) = line.rsplit_once(HASH_MEMBER).ok_or("the next record has no hash at its end")?;
    if record.sequence != before + 1 {
        return Err("the next record's number is out of sequence");
    }
    if record.previous != previous {
        return Err("the next record does not contain the hash of the previous one");
    }
    let length = sealed.len() + HASH_MEMBER.len() + 66;
    if record.hash != sha256(&format!("{sealed}}}")) || line.len() != length {
        return Err("the text of the next record does not match its hash");
    }
    Ok(record.hash.to_owned())
}

fn sha256(text: &str) -> String {
    Sha256::digest(text).iter().fold(String::with_capacity(64), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _ok = write!(hex, "{byte:02x}").is_ok();
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two records, as the plugin writes them.
    fn chain() -> String {
        let mut text = String::new();
        let mut previous = ORIGIN.to_owned();
        for sequence in 1..=2 {
            let entry = format!(r#"{{"sequence":{sequence},"previous":"{previous}","event":{{"id":"e{sequence}"}}}}"#);
            previous = sha256(&entry);
            writeln!(text, "{},\"hash\":\"{previous}\"}}", &entry[..entry.len() - 1]).unwrap();
        }
        text
    }

    #[test]
    fn a_chain_is_intact_until_someone_changes_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.jsonl");
        assert!(verify(path.clone()).is_none(), "nothing is written yet");
        let sound = chain();
        let first = sound.lines().next().unwrap().to_owned() + "\n";
        for (what, text, records, breaks) in [
            ("sound", sound.clone(), 2, false),
            ("an unfinished record at the end", sound.clone() + "{\"sequence\":3", 2, false),
            ("another event", sound.replace("\"e2\"", "\"e9\""), 1, true),
            ("the first one removed", sound.replacen(&first, "", 1), 0, true),
            ("the first one twice", first.clone() + &sound, 1, true),
            ("an additional line", sound.clone() + "hello\n", 2, true),
        ] {
            std::fs::write(&path, text).unwrap();
            let log = verify(path.clone()).unwrap();
            assert_eq!((log.records, log.broken.is_some()), (records, breaks), "{what}: {:?}", log.broken);
        }
    }
}
