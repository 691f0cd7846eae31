//! `[[stages]]`: what events pass before the fan-out, in the order of the file.

use std::time::Duration;

use fanfare_core::{ChannelName, OnError, Policy, Role, SYSTEM_TYPES, filter::Filter};

use super::{
    ChannelTable, PluginRef, ResolvedChannel, Sidecar, Sources, filter,
    reader::{Field, Section},
};

/// Each stage costs every event time.
const MOST: usize = 32;

/// Publishers wait for stages.
const TIMEOUT: Duration = Duration::from_secs(1);

/// One table of `[[stages]]`.
#[derive(Clone, Debug, PartialEq)]
pub struct StageTable {
    pub name: ChannelName,
    pub on_error: OnError,
    /// Which events pass through it.
    pub filter: Filter,
    /// The keys that it shares with channels.
    pub table: ChannelTable,
    /// Its place in the file, from 0.
    pub(super) place: usize,
}

impl StageTable {
    /// Whether another table is for the same stage with the same plugin.
    #[must_use]
    pub fn calls_the_same(&self, other: &Self) -> bool {
        self.name == other.name && self.table.plugin == other.table.plugin
    }

    /// The stage with all its layers. `[defaults]` are for channels.
    #[must_use]
    pub fn resolve(&self, sidecar: Option<&Sidecar>) -> ResolvedChannel {
        let base = Policy { timeout: TIMEOUT, ..Policy::default() };
        let mut resolved = ResolvedChannel::layered(&self.name, base, sidecar, Some(&self.table));
        resolved.setup.role = Role::Stage;
        resolved.policy.filter = self.filter.clone();
        resolved
    }
}

pub(super) fn read(root: &mut Section<'_>, sources: &Sources<'_>) -> Vec<StageTable> {
    let Some(field) = root.get("stages") else { return vec![] };
    if field.value().as_table().is_some() {
        field.problem(
            "must be a list of tables, because the order counts",
            "write [[stages]] above each, and a `name` into it",
        );
        return vec![];
    }
    let fields = field.list().unwrap_or_default();
    if fields.len() > MOST {
        field.problem(format!("has {} stages; at most {MOST} are allowed", fields.len()), "");
        return vec![];
    }
    let mut stages: Vec<StageTable> = vec![];
    for (place, field) in fields.iter().enumerate() {
        let Some((stage, name)) = field.section().and_then(|section| one(section, place, sources)) else { continue };
        if stages.iter().any(|other| other.name == stage.name) {
            name.problem(format!("there already is a stage `{}`", stage.name), "give each stage its own name");
        }
        stages.push(stage);
    }
    stages
}

fn one<'a>(mut section: Section<'a>, place: usize, sources: &Sources<'_>) -> Option<(StageTable, Field<'a>)> {
    let field = section.get("name");
    if field.is_none() {
        section.problem(
            "name",
            "is missing",
            "write name = \"enrich\"; the history of an event shows its stages by name",
        );
    }
    let name = field.as_ref().and_then(|field| {
        let text = field.text()?;
        ChannelName::new(text)
            .map_err(|_invalid| {
                let help = "use 1 to 63 of a-z, 0-9, `-` and `_`, starting with a letter or digit";
                field.problem(format!("`{text}` is not a valid stage name"), help);
            })
            .ok()
    });
    if let Some(name) = &name {
        section.rename("stages", name.as_str());
    }
    let on_error = section.get("on_error").and_then(|field| {
        field.parse("write \"reject\" or \"pass\"", |text| match text {
            "reject" => Ok(OnError::Reject),
            "pass" => Ok(OnError::Pass),
            other => Err(format!("`{other}` is not a valid `on_error`")),
        })
    });
    let filter = filter::read_types_and_when(&mut section);
    for ty in filter.types.iter().filter(|ty| ty.starts_with(SYSTEM_TYPES)) {
        section.problem("types", format!("`{ty}` names the daemon's own events, which bypass stages"), "");
    }
    // Read even without a name, so that its own mistakes are reported too.
    let own = PluginRef::File(name.as_ref().map(ToString::to_string).unwrap_or_default());
    let table = ChannelTable::read_stage(own, section, sources);
    let stage = StageTable { name: name?, on_error: on_error.unwrap_or_default(), filter, table, place };
    Some((stage, field?))
}
