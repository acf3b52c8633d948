//! Whose a domain is: the public suffix list tells where one organisation ends and another begins, private section
//! included, so that the tenants of a hosting domain vouch neither for it nor for one another.

/// Bytes of a domain, at most (RFC 1035 §3.1).
pub(super) const DOMAIN_MAX: usize = 255;
/// Of these, as text without the final dot.
const NAME_MAX: usize = 253;

/// The domain of an address or a domain, in the form that DNS has: lower case, `xn--` (RFC 5890), no final dot.
pub(super) fn of(value: &str) -> String {
    let domain = value.rsplit('@').next().unwrap_or(value).trim_matches(['<', '>', '.', ' ']);
    let of_dns = if domain.len() <= DOMAIN_MAX { idna::domain_to_ascii(domain).ok() } else { None };
    of_dns.unwrap_or_else(|| domain.to_lowercase())
}

/// Whether it is the name of a host as DNS has it (RFC 1035 §2.3.1, with `_`), so that what is compared is what is asked: a
/// resolver reads `\141` and letters beyond ASCII as something else, and a longer name would be cut.
pub(crate) fn is_name(name: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len()) && label.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
    };
    name.len() <= NAME_MAX && name.split('.').all(is_label)
}

/// A mail may bring along names of any length.
pub(crate) fn cut(name: &str) -> String {
    name[..name.floor_char_boundary(DOMAIN_MAX)].to_owned()
}

/// Whether the domain is the inner one, or a parent of it.
pub(super) fn is_or_holds(outer: &str, inner: &str) -> bool {
    outer == inner || (!outer.is_empty() && inner.strip_suffix(outer).is_some_and(|rest| rest.ends_with('.')))
}

/// Relaxed alignment (RFC 7489 §3.1.1): the same organisational domain. A name without a dot vouches for nobody.
pub(super) fn is_aligned(domain: &str, from: &str) -> bool {
    domain.contains('.') && from.contains('.') && organisation(domain) == organisation(from)
}

/// RFC 7489 §3.2; a public suffix is its own organisation.
fn organisation(domain: &str) -> &str {
    psl::domain_str(domain).unwrap_or(domain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_organisation_is_one_name_below_a_public_suffix() {
        for (one, other) in [
            ("client.test", "client.test"),
            ("mail.client.test", "client.test"),
            ("a.client.test", "b.c.client.test"),
            ("bounces.client.co.uk", "client.co.uk"),
            ("marie.github.io", "www.marie.github.io"),
            ("github.io", "github.io"),
        ] {
            assert!(is_aligned(one, other) && is_aligned(other, one), "{one} {other}");
        }
        for (one, other) in [
            ("client.test", "evilclient.test"),
            ("other.co.uk", "client.co.uk"),
            ("co.uk", "client.co.uk"),
            ("marie.github.io", "github.io"),
            ("marie.github.io", "paul.github.io"),
            ("test", "client.test"),
            ("test", "test"),
            ("", "client.test"),
        ] {
            assert!(!is_aligned(one, other) && !is_aligned(other, one), "{one} {other}");
        }
    }

    #[test]
    fn a_domain_is_compared_as_dns_has_it() {
        assert_eq!(of("<Marie@Éclair.Client.Test.>"), "xn--clair-9ra.client.test");
        assert_eq!(of("@client.test"), "client.test");
        assert!(
            is_aligned(&of("a.公司.cn"), &of("b.a.xn--55qx5d.cn")) && !is_aligned(&of("a.公司.cn"), &of("b.公司.cn"))
        );
    }

    #[test]
    fn a_name_is_what_a_resolver_asks() {
        let long = ["a"; 127].join(".");
        for name in ["client.test", "K1._domainkey.a-b.Test", &long] {
            assert!(is_name(name), "{name}");
        }
        let longer = format!("{long}.a");
        let label = "a".repeat(64);
        for other in [
            "",
            "a..test",
            "client.test.",
            ".test",
            "a\\141.test",
            "é.test",
            "a b.test",
            "a\u{0}.test",
            &longer,
            &label,
        ] {
            assert!(!is_name(other), "{other}");
        }
    }

    #[test]
    fn a_parent_holds_its_children_alone() {
        assert!(is_or_holds("client.test", "a.client.test") && is_or_holds("client.test", "client.test"));
        assert!(!is_or_holds("a.client.test", "client.test") && !is_or_holds("ient.test", "client.test"));
        assert!(!is_or_holds("", "client.test"));
    }
}
