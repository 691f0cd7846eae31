//! A systemd unit for a folder of the user's own: the packaged unit, with this program, user and folders.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use crate::config::Config;

/// The unit in the package.
const PACKAGED: &str = include_str!("../../../packaging/fanfare.service");

/// The program, user and folders of the service.
#[derive(Clone, Debug)]
pub(super) struct Place<'a> {
    pub(super) program: &'a Path,
    pub(super) dir: &'a Path,
    pub(super) user: &'a str,
    /// The folders that the daemon writes to.
    pub(super) writes: BTreeSet<PathBuf>,
}

/// The folders that a daemon with this configuration writes to.
pub(super) fn writes(config: &Config) -> BTreeSet<PathBuf> {
    let journal = config.journal.path.parent().map(Path::to_owned);
    let granted = config.channels.values().map(|table| &table.grants);
    let granted = granted.chain(config.stages.iter().map(|stage| &stage.table.grants));
    let granted = granted.flat_map(|grant| &grant.files).filter(|file| file.write).map(|file| file.host.clone());
    let all: BTreeSet<_> = journal.into_iter().chain([config.plugins.cache.clone()]).chain(granted).collect();
    // A folder below another one is already covered.
    let within = |path: &PathBuf| all.iter().any(|other| other != path && path.starts_with(other));
    all.iter().filter(|path| !within(path)).cloned().collect()
}

/// # Errors
/// A path that cannot be written in a unit.
pub(super) fn unit(place: &Place<'_>) -> Result<String, String> {
    let program = word(place.program)?;
    let config = word(&place.dir.join("config.toml"))?;
    let dir = word(place.dir)?;
    let writes = place.writes.iter().map(|path| word(path)).collect::<Result<Vec<_>, _>>()?.join(" ");
    let mut text = String::from("# Written by `fanfare init --systemd`.\n");
    for line in PACKAGED.lines() {
        let key = line.split_once('=').map_or(line, |(key, _)| key);
        let own = match key {
            "ExecStart" => format!("ExecStart={program} serve --config {config}"),
            "Documentation" => "Documentation=man:fanfare(1)".to_owned(),
            "DynamicUser" => format!("User={}\nReadWritePaths={writes}", place.user),
            // This directive does not support quotes.
            "WorkingDirectory" => format!("WorkingDirectory={}", escaped(place.dir)?),
            "StateDirectory" | "StateDirectoryMode" => continue,
            // The daemon's files may be in a home; it still can write to no other.
            "ProtectHome" if is_in_a_home(place) => "ProtectHome=read-only".to_owned(),
            // In a user namespace, files of the user would belong to nobody.
            "PrivateUsers" => continue,
            _ if line.starts_with("# A user of its own") => {
                format!("# The owner of this folder, who writes only below {dir}.")
            }
            _ => line.to_owned(),
        };
        text.push_str(&own);
        text.push('\n');
    }
    Ok(text)
}

fn is_in_a_home(place: &Place<'_>) -> bool {
    let homes = ["/home", "/root", "/run/user"];
    let paths = [place.program, place.dir].into_iter().chain(place.writes.iter().map(PathBuf::as_path));
    paths.into_iter().any(|path| homes.iter().any(|home| path.starts_with(home)))
}

/// A word of a directive, quoted if necessary.
fn word(path: &Path) -> Result<String, String> {
    let text = escaped(path)?;
    let plain = |c: char| c.is_alphanumeric() || "/._-+%@:,".contains(c);
    if text.chars().all(plain) {
        return Ok(text);
    }
    Ok(format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")))
}

/// Escapes `%` and `$`.
fn escaped(path: &Path) -> Result<String, String> {
    let text = path.to_str().filter(|text| !text.chars().any(char::is_control));
    let text = text.ok_or_else(|| format!("the path {} cannot be written in a unit file", path.display()))?;
    Ok(text.replace('%', "%%").replace('$', "$$"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place<'a>(program: &'a str, dir: &'a str) -> Place<'a> {
        let writes = [PathBuf::from(dir).join("data")].into();
        Place { program: Path::new(program), dir: Path::new(dir), user: "ada", writes }
    }

    #[test]
    fn a_folder_s_unit_has_its_program_user_and_paths_and_the_bounds_of_the_packaged_one() {
        let text = unit(&place("/usr/local/bin/fanfare", "/srv/fanfare")).unwrap();
        let has = |line: &str| text.lines().any(|have| have == line);
        for line in [
            "Type=notify",
            "ExecStart=/usr/local/bin/fanfare serve --config /srv/fanfare/config.toml",
            "User=ada",
            "ReadWritePaths=/srv/fanfare/data",
            "WorkingDirectory=/srv/fanfare",
            "ProtectHome=yes",
            "ProtectSystem=strict",
            "SystemCallFilter=@system-service",
        ] {
            assert!(has(line), "{line}\n{text}");
        }
        assert!(
            !text.contains("DynamicUser") && !text.contains("StateDirectory") && !text.contains("/var/lib"),
            "{text}"
        );
    }

    #[test]
    fn odd_paths_are_quoted_and_those_in_a_home_are_reachable() {
        let text = unit(&place("/home/ada/my bin/fanfare", "/home/ada/50% $HOME")).unwrap();
        let has = |line: &str| text.lines().any(|have| have == line);
        for line in [
            "ExecStart=\"/home/ada/my bin/fanfare\" serve --config \"/home/ada/50%% $$HOME/config.toml\"",
            "ReadWritePaths=\"/home/ada/50%% $$HOME/data\"",
            "ProtectHome=read-only",
        ] {
            assert!(has(line), "{line}\n{text}");
        }
        assert!(unit(&place("/bin/fanfare", "/srv/a\nUser=root")).is_err());
    }

    #[test]
    fn the_folders_that_are_written_to_follow_from_the_configuration() {
        let text = "[journal]\npath = \"/var/lib/f/journal.db\"\n[plugins]\ncache = \
                    \"/var/lib/f/cache\"\n[channels.a]\nplugin = \
                    \"builtin:audit\"\ngrant = { files = [{ host = \"/srv/a\", guest = \"/a\", write = true }, { host \
                    = \
                    \"/srv/b\", guest = \"/b\" }] }\n";
        let config = Config::parse(text, Path::new("/etc/f/config.toml"), &|_| None).unwrap();
        let written: Vec<_> = writes(&config).into_iter().collect();
        assert_eq!(written, [PathBuf::from("/srv/a"), PathBuf::from("/var/lib/f")]);
    }
}
