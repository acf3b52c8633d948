//! What providers say of their servers: the tables of `docs/providers/facts.toml`, which names where each was read.

use std::sync::LazyLock;

use serde::Deserialize;

#[derive(Deserialize)]
struct Facts {
    fact: Vec<Fact>,
}

#[derive(Deserialize)]
struct Fact {
    provider: String,
    key: String,
    value: toml::Value,
}

// A test holds that it can be read.
static FACTS: LazyLock<Vec<Fact>> = LazyLock::new(|| {
    let facts: Result<Facts, _> = toml::from_str(include_str!("../../../docs/providers/facts.toml"));
    facts.map(|facts| facts.fact).unwrap_or_default()
});

/// A fact that is a text; `None` where no page states it.
pub(super) fn text(provider: &str, key: &str) -> Option<&'static str> {
    value(provider, key)?.as_str()
}

/// A fact that is a number, of what its key names.
pub(super) fn number(provider: &str, key: &str) -> Option<i64> {
    value(provider, key)?.as_integer()
}

fn value(provider: &str, key: &str) -> Option<&'static toml::Value> {
    FACTS.iter().find(|fact| fact.provider == provider && fact.key == key).map(|fact| &fact.value)
}
