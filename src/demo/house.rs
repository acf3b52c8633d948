//! The house that the demo plays in, as an operator would write it.

use std::path::Path;

use anyhow::{Result, anyhow};

use super::server::Servers;
use crate::config::{Config, Surroundings};

/// Its configuration: a desk, an agent at L1, a team at L2 and a vendor. Ports and paths are for those to say who play in it.
pub const CONFIGURATION: &str = include_str!("guichet.toml");

/// What it means, where these servers listen.
pub(super) fn config(servers: &Servers) -> Result<Config> {
    let surroundings = Surroundings { folder: Path::new("/"), variable: &|_| None };
    let mut config = Config::read(CONFIGURATION, &surroundings).map_err(|faults| anyhow!("{faults}"))?;
    for mailbox in &mut config.mailboxes {
        mailbox.imap.port = servers.imap().port();
    }
    config.smtp.port = servers.smtp().port();
    Ok(config)
}

#[cfg(test)]
mod tests {
    use super::super::{Cast, PASSWORD, Who};
    use super::*;

    #[test]
    fn whoever_works_there_is_cast() {
        let surroundings = Surroundings { folder: Path::new("/"), variable: &|_| None };
        let config = Config::read(CONFIGURATION, &surroundings).unwrap_or_else(|faults| panic!("{faults}"));
        let cast = Cast::new().unwrap();
        let cast = |who: Who| cast.person(who);
        let policy = &config.policy;
        let agents: Vec<_> = policy.agents.iter().map(|agent| (agent.name.as_str(), agent.address.as_str())).collect();
        let cast_agents = [Who::Alice, Who::Karim].map(|who| (cast(who).name, cast(who).address.as_str()));
        assert_eq!(agents, cast_agents);
        assert_eq!(policy.desks[0].addresses.first(), &cast(Who::Desk).address);
        assert_eq!(policy.desks[0].display_name, cast(Who::Desk).name);
        assert_eq!(policy.teams[0].address, cast(Who::SecondLevel).address);
        assert_eq!(policy.vendors[0].address, cast(Who::Acme).address);
        assert_eq!(policy.vendors[0].domains, [cast(Who::Etienne).address.domain()]);
        assert_eq!(config.mailboxes[0].imap.login.password(), Some(PASSWORD));
    }
}
