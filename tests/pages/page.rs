//! A page as a list of commands, each with its expected output.

/// One block of commands.
#[derive(Debug, PartialEq)]
pub struct Block {
    /// The line of its fence, from 1.
    pub line: usize,
    pub script: String,
    pub run: Run,
    pub shown: Option<Shown>,
}

#[derive(Debug, PartialEq)]
pub enum Run {
    ToItsEnd,
    /// In another terminal, until the page ends.
    Stays,
    Not,
}

#[derive(Debug, PartialEq)]
pub enum Shown {
    Text(String),
    Json(String),
}

/// The blocks of commands of a page.
///
/// # Errors
/// What cannot be parsed, with its line.
pub fn blocks(page: &str) -> Result<Vec<Block>, String> {
    let lines: Vec<_> = page.lines().collect();
    let mut blocks: Vec<Block> = vec![];
    let (mut at, mut directly_below) = (0, false);
    while at < lines.len() {
        let Some(language) = lines[at].strip_prefix("```") else {
            directly_below = false;
            at += 1;
            continue;
        };
        let length = lines[at + 1..].iter().position(|line| *line == "```");
        let end = at + 1 + length.ok_or_else(|| format!("{}: the block has no end", at + 1))?;
        let content = lines[at + 1..end].iter().map(|line| format!("{line}\n")).collect();
        match (language, blocks.last_mut().filter(|_| directly_below)) {
            ("sh", _) => {
                let run = at.checked_sub(1).map_or(Ok(Run::ToItsEnd), |above| run(lines[above]));
                let run = run.map_err(|wrong| format!("{at}: {wrong}"))?;
                blocks.push(Block { line: at + 1, script: content, run, shown: None });
            }
            ("text", Some(block)) => block.shown = Some(Shown::Text(content)),
            ("json", Some(block)) => block.shown = Some(Shown::Json(content)),
            _ => {}
        }
        directly_below = language == "sh";
        at = end + 1;
    }
    Ok(blocks)
}

/// What the line above a block says about it.
fn run(above: &str) -> Result<Run, String> {
    let Some(comment) = above.strip_prefix("<!-- ").and_then(|rest| rest.strip_suffix(" -->")) else {
        return Ok(Run::ToItsEnd);
    };
    match comment.split_once(": ") {
        Some(("not run", reason)) if !reason.trim().is_empty() => Ok(Run::Not),
        None if comment == "stays running" => Ok(Run::Stays),
        _ => Err(format!("`{above}` is neither `<!-- stays running -->` nor `<!-- not run: the reason -->`")),
    }
}

#[test]
fn blocks_are_parsed_with_their_annotations_and_output() {
    let page = "\
text
```sh
one
```
```text
1
```
<!-- stays running -->
```sh
two
```

```text
not directly below
```
<!-- not run: needs the network -->
```sh
three
```
```toml
key = 1
```
```json
{}
```
";
    let block = |line, script: &str, run, shown| Block { line, script: script.to_owned(), run, shown };
    assert_eq!(
        blocks(page).unwrap(),
        [
            block(2, "one\n", Run::ToItsEnd, Some(Shown::Text("1\n".to_owned()))),
            block(9, "two\n", Run::Stays, None),
            block(17, "three\n", Run::Not, None),
        ]
    );
    for wrong in ["<!-- not run -->\n```sh\na\n```\n", "<!-- not run: -->\n```sh\n```\n", "```sh\nno end\n"] {
        assert!(blocks(wrong).is_err(), "{wrong}");
    }
}
