//! What a token server's refusal is about, by its error and its words: a pure table.
//!
//! Errors are those of RFC 6749 §5.2 and RFC 8628 §3.5; `AADSTS…` are Microsoft Entra's own codes ("Microsoft Entra
//! authentication and authorization error codes"), which begin the description; Google's are told by its words ("Using OAuth
//! 2.0 for Server to Server Applications").

use jiff::civil::Date;

use crate::net::TokenRefusal;

/// What it is about. `skew` is by how many seconds this machine's clock differs from the server's.
pub(super) fn about(
    status: u16,
    error: &str,
    description: &str,
    skew: Option<i64>,
    ends: Option<Date>,
) -> TokenRefusal {
    use TokenRefusal::*;
    let words = description.to_ascii_lowercase();
    let has = |said: &str| words.contains(said);
    match entra_code(description) {
        Some(65_001 | 65_004 | 90_094) => return ConsentMissing,
        Some(7_000_222) => return SecretExpired(ends),
        Some(7_000_215 | 7_000_216 | 7_000_218) => return SecretWrong,
        Some(700_027 | 700_030 | 7_000_272) => return CertificateUnknown,
        Some(700_024) => return ClockWrong(skew),
        Some(700_016 | 700_038 | 500_011) => return ApplicationUnknown,
        Some(90_002 | 900_021 | 900_023 | 50_059) => return TenantUnknown,
        Some(70_008 | 700_082 | 700_084 | 50_173 | 50_078 | 700_003 | 70_043 | 50_034 | 50_057) => return SignInEnded,
        Some(70_011 | 1_002_012) => return ScopeUnknown,
        Some(50_076 | 50_079 | 50_158 | 53_000..=53_004 | 50_105 | 530_003) => return PolicyForbids,
        Some(90_033 | 50_196 | 90_055) => return Later,
        _ => {}
    }
    let tells_of_time = has("reasonable timeframe") || has("check your iat and exp");
    match error {
        _ if tells_of_time => ClockWrong(skew),
        "invalid_grant" if has("invalid email or user id") => UserUnknown,
        "invalid_grant" => SignInEnded,
        "unauthorized_client" if has("retrieve access tokens using this method") => NotDelegated,
        "unauthorized_client" | "access_denied" | "consent_required" | "interaction_required" => ConsentMissing,
        "invalid_client" if has("not found") || has("deleted") || has("disabled") => ApplicationUnknown,
        "invalid_client" => SecretWrong,
        "invalid_scope" => ScopeUnknown,
        "admin_policy_enforced" => PolicyForbids,
        "expired_token" => SignInEnded,
        "slow_down" | "temporarily_unavailable" | "server_error" => Later,
        _ if status == 429 || status >= 500 => Later,
        _ => Other,
    }
}

/// `AADSTS7000222: The provided …`: 7000222.
fn entra_code(description: &str) -> Option<u32> {
    let rest = &description[description.find("AADSTS")? + "AADSTS".len()..];
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    rest[..end].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_told_by_its_error_and_its_words() {
        use TokenRefusal::*;
        let day = jiff::civil::date(2026, 11, 1);
        for (status, error, description, expected) in [
            (401, "invalid_client", "AADSTS7000222: The secret is too old.", SecretExpired(Some(day))),
            (401, "invalid_client", "AADSTS7000215: Not that secret.", SecretWrong),
            (400, "unauthorized_client", "AADSTS700016: no such application in the directory", ApplicationUnknown),
            (400, "invalid_request", "AADSTS90002: no such tenant", TenantUnknown),
            (400, "invalid_grant", "AADSTS65001: nobody consented", ConsentMissing),
            (400, "invalid_grant", "AADSTS50173: the grant was revoked", SignInEnded),
            (400, "invalid_grant", "AADSTS50076: a second factor, please", PolicyForbids),
            (401, "invalid_client", "AADSTS700024: outside of its valid time range", ClockWrong(Some(3600))),
            (401, "invalid_client", "AADSTS700027: no such certificate", CertificateUnknown),
            (400, "invalid_grant", "Token has been expired or revoked.", SignInEnded),
            (400, "invalid_grant", "Invalid email or User ID", UserUnknown),
            (
                400,
                "invalid_grant",
                "short-lived token (60 minutes) and in a reasonable timeframe",
                ClockWrong(Some(3600)),
            ),
            (
                401,
                "unauthorized_client",
                "Client is unauthorized to retrieve access tokens using this method",
                NotDelegated,
            ),
            (401, "invalid_client", "The OAuth client was not found.", ApplicationUnknown),
            (401, "invalid_client", "Unauthorized", SecretWrong),
            (400, "invalid_scope", "", ScopeUnknown),
            (400, "invalid_grant", "", SignInEnded),
            (503, "", "", Later),
            (429, "", "", Later),
            (400, "slow_down", "", Later),
            (400, "unsupported_grant_type", "", Other),
            (400, "invalid_grant", "AADSTS", SignInEnded),
        ] {
            assert_eq!(about(status, error, description, Some(3600), Some(day)), expected, "{error} {description}");
        }
    }
}
