//! Mistakes on the command line, and the messages for them: a table of commands, each run with the real binary.

use std::{fs, path::Path};

use futures_util::{StreamExt as _, stream};
use tempfile::TempDir;

use crate::support::daemon::{Home, fanfare};

const TABLE: &str = include_str!("misuse/table.txt");

struct Row<'a> {
    command: &'a str,
    code: i32,
    says: &'a str,
}

fn rows() -> Vec<Row<'static>> {
    let row = |text: &'static str| {
        let (command, rest) = text.split_once("\nexit ").unwrap();
        let (code, says) = rest.split_once('\n').unwrap();
        Row { command, code: code.parse().unwrap(), says: says.trim_end() }
    };
    TABLE.split("\n$ fanfare ").skip(1).map(row).collect()
}

/// Splits like a shell: text in single quotes is one word.
fn words(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (n, part) in command.split('\'').enumerate() {
        match n % 2 {
            0 => words.extend(part.split_whitespace().map(str::to_owned)),
            _ => words.push(part.to_owned()),
        }
    }
    words
}

/// Whether `text` matches `pattern`, in which each `…` matches anything.
fn fits(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('…');
    let Some(mut rest) = text.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let parts: Vec<_> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        let Some((_, behind)) = rest.split_once(part) else { return false };
        rest = behind;
    }
    rest.ends_with(last)
}

/// The folder in which the table's commands are run.
fn folder(daemon: &str) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let put = |name: &str, bytes: &[u8]| fs::write(dir.path().join(name), bytes).unwrap();
    let hostile = fanfare_artifacts::hostile();
    fs::create_dir(dir.path().join("plugins")).unwrap();
    put("hostile.wasm", hostile);
    put("half.wasm", &hostile[..hostile.len() / 2]);
    put("bare.wasm", b"\0asm\x01\0\0\0");
    put("empty.wasm", b"");
    put("text.wasm", b"text");
    put("broken.json", br#"{"type":"#);
    put("list.json", b"[1]");
    put("misspelt.json", br#"{"typ":"a"}"#);
    put("config.toml", b"[server]\nlisten = \"127.0.0.1:0\"\n[channels.log]\nplugin = \"builtin:log\"\n");
    put("broken.toml", b"[server\n");
    put("listen.toml", b"[server]\nlisten = \"8080\"\n");
    put("public.toml", b"[server]\nlisten = \"0.0.0.0:80\"\n");
    put("taken.toml", format!("[server]\nlisten = \"{daemon}\"\n").as_bytes());
    put("number.toml", b"[channels.a]\ntimeout = 5\n");
    put("key.toml", b"[channels.a]\nretrys = 5\n");
    put("batch.toml", b"[channels.log]\nbatch = { max = 0, linger = \"8d\", per = \"dta.id\" }\n");
    put("auto.toml", b"[plugins]\nauto = \"yes\"\n");
    put("schema-file.toml", b"[schemas.a]\nfile = \"none.json\"\n");
    put("schema-text.toml", b"[schemas.a]\nfile = \"text.wasm\"\n");
    let schemas = b"[schemas.a]\nmode = \"strict\"\n[schemas.\"b.*c\"]\nfile = \"misspelt.json\"\n\
                    [schemas.\"fanfare.>\"]\nfile = \"misspelt.json\"\n";
    put("schema-keys.toml", schemas);
    put("recipients-file.toml", b"[recipients]\nfile = \"none.json\"\n");
    put("recipients-keys.toml", b"[recipients]\ndefaults = { locale = \"pt_BR\" }\nfiel = \"x\"\n");
    put("template.toml", b"[templates.hi]\ntext = \"Hi {{ data.name }}\"\n");
    put("template-broken.toml", b"[templates.hi]\ntext = \"{{ a b }}\"\n");
    put("empty.toml", b"");
    put("latin.toml", b"# \xff");
    dir
}

/// Runs one row; returns how it differs from the table.
async fn run(row: Row<'static>, dir: &Path, url: &str) -> Option<String> {
    let Row { command, code, says } = row;
    let mut program = fanfare();
    program.current_dir(dir).args(words(command)).env("FANFARE_URL", url).stdin(std::process::Stdio::null());
    let output = tokio::time::timeout(crate::support::PATIENCE, program.output()).await;
    let Ok(output) = output else { return Some(format!("$ fanfare {command}\nit does not end")) };
    let output = output.unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    let own = said.split("\n\nUsage:").next().unwrap_or_default();
    let own = own.split("\n\nFor more information").next().unwrap_or_default();
    // On a busy machine, compiling takes long enough to be mentioned.
    let own = own.split_once(" …\n").filter(|(line, _)| line.starts_with("compiling ")).map_or(own, |(_, own)| own);
    let address = url.trim_start_matches("http://");
    let real = dir.canonicalize().unwrap();
    let own = own.trim_end().replace(address, "ADDRESS").replace(real.to_str().unwrap(), "DIR");
    let got = output.status.code();
    (got != Some(code) || !fits(says, &own))
        .then(|| format!("$ fanfare {command}\nexit {got:?}, not {code}\n{own}\n--- not\n{says}\n"))
}

#[tokio::test]
async fn each_misuse_has_its_exit_code_and_a_message_that_says_what_to_do() {
    let home = Home::new("[channels.log]\nplugin = \"builtin:log\"\n[channels.other]\nplugin = \"builtin:log\"\n");
    let daemon = home.start_quietly().await;
    let url = &daemon.api.base;
    let dir = folder(url.trim_start_matches("http://"));
    let rows = rows();
    assert!(rows.len() > 120, "{}", rows.len());
    let runs = stream::iter(rows).map(|row| run(row, dir.path(), url)).buffer_unordered(4);
    let wrong: Vec<_> = runs.filter_map(std::future::ready).collect().await;
    assert!(wrong.is_empty(), "{} rows:\n\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_table_is_parsed_correctly() {
    assert_eq!(words("a 'b c' d ''"), ["a", "b c", "d", ""]);
    for (pattern, text, want) in
        [("a", "a", true), ("a", "ab", false), ("a…c", "abc", true), ("…b…", "abc", true), ("a…b…", "acx", false)]
    {
        assert_eq!(fits(pattern, text), want, "{pattern} {text}");
    }
}
