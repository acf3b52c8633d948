//! One request to a token server, and its answer (RFC 6749 §5).

use form_urlencoded::Serializer;
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Value, json};

use super::refusal::about;
use super::{Account, ClientProof, Flow};
use crate::net::{NoToken, Obstacle, TokenRefusal, WebAddress, WebAnswer, What, printable};

const FORM: &str = "application/x-www-form-urlencoded";
/// RFC 7523 §2.1, §2.2.
const GRANT_BY_ASSERTION: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const CLIENT_BY_ASSERTION: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// Where a server does not say how long a token holds.
const LIFE_SECONDS: u64 = 3600;
/// A server that promises more is not believed.
const LIFE_SECONDS_MAX: u64 = 30 * 86_400;
/// A clock that is off by less is no reason for anything.
const SKEW_SECONDS_MIN: i64 = 60;

/// A token, as it was given out.
#[derive(Debug)]
pub(super) struct Granted {
    pub(super) access: SecretString,
    pub(super) seconds: u64,
    /// What gets the next one; `None` where the one before goes on (RFC 6749 §6).
    pub(super) refresh: Option<SecretString>,
    /// How long that, or the one before, gets another one, where the server says so.
    pub(super) refresh_seconds: Option<u64>,
}

/// Why nothing was granted.
#[derive(Debug)]
pub(super) struct Denied {
    /// RFC 6749 §5.2, RFC 8628 §3.5; empty where no token server speaks.
    pub(super) error: String,
    pub(super) obstacle: Obstacle,
}

#[derive(Deserialize)]
struct Grant {
    access_token: String,
    #[serde(default)]
    expires_in: Value,
    #[serde(default)]
    refresh_token: Option<String>,
    /// No standard: Google's for what it grants for a time, and others'.
    #[serde(default)]
    refresh_token_expires_in: Value,
}

#[derive(Deserialize)]
struct Refusal {
    error: String,
    #[serde(default)]
    error_description: String,
}

/// The fields of a request.
pub(super) type Fields<'a> = Vec<(&'a str, String)>;

impl Account {
    /// Asks for a token, with the refresh token that is known, where the flow has any.
    pub(super) async fn ask(&self, refresh: Option<&SecretString>, now: Timestamp) -> Result<Granted, Denied> {
        let mut fields = Fields::new();
        match &self.flow {
            Flow::ClientCredentials => fields.push(("grant_type", "client_credentials".to_owned())),
            Flow::Device { .. } | Flow::RefreshToken(_) => {
                let Some(refresh) = refresh else {
                    return Err(self.denied(TokenRefusal::NobodySignedIn, "", String::new()));
                };
                fields.push(("grant_type", "refresh_token".to_owned()));
                fields.push(("refresh_token", refresh.expose_secret().to_owned()));
            }
            Flow::ServiceAccount { signer, issuer, subject } => {
                let claims = json!({
                    "iss": issuer, "sub": subject, "aud": self.token_url.to_string(), "scope": self.scopes.join(" "),
                });
                let Some(assertion) = signer.sign(claims, now) else { return Err(self.cannot_sign()) };
                fields.push(("grant_type", GRANT_BY_ASSERTION.to_owned()));
                fields.push(("assertion", assertion));
            }
        }
        if !self.scopes.is_empty() && !matches!(self.flow, Flow::ServiceAccount { .. }) {
            fields.push(("scope", self.scopes.join(" ")));
        }
        self.post(&self.token_url, fields, now).await.and_then(|answer| self.granted(&answer, now))
    }

    /// Posts fields, with what shows that we are the application.
    pub(super) async fn post(
        &self,
        to: &WebAddress,
        mut fields: Fields<'_>,
        now: Timestamp,
    ) -> Result<WebAnswer, Denied> {
        if !matches!(self.flow, Flow::ServiceAccount { .. }) {
            fields.push(("client_id", self.client_id.clone()));
            match &self.client {
                ClientProof::Public => {}
                ClientProof::Secret(secret) => fields.push(("client_secret", secret.expose_secret().to_owned())),
                ClientProof::Certificate(signer) => {
                    let id = &self.client_id;
                    let claims = json!({"iss": id, "sub": id, "aud": self.token_url.to_string()});
                    let Some(assertion) = signer.sign(claims, now) else { return Err(self.cannot_sign()) };
                    fields.push(("client_assertion_type", CLIENT_BY_ASSERTION.to_owned()));
                    fields.push(("client_assertion", assertion));
                }
            }
        }
        let body = Serializer::new(String::new()).extend_pairs(&fields).finish().into_bytes();
        let answer = to.post(FORM, body, self.limit).await;
        let answer = answer.map_err(|obstacle| Denied { error: String::new(), obstacle })?;
        Ok(if answer.is_success() {
            answer
        } else {
            WebAnswer { body: without_secrets(&answer.body, &fields), ..answer }
        })
    }

    /// What was granted, or why nothing was.
    pub(super) fn granted(&self, answer: &WebAnswer, now: Timestamp) -> Result<Granted, Denied> {
        let Some(grant) = self.read::<Grant>(answer, now)? else {
            // It may be a token in a form that is not read: nothing of it is told.
            let is_page = answer.body.trim_ascii_start().starts_with(b"<");
            let kind = if is_page { "a web page" } else { "without a token" };
            return Err(self.denied(TokenRefusal::NoAnswer, "", format!("{}, {kind}", answer.status)));
        };
        Ok(Granted {
            access: grant.access_token.into(),
            seconds: seconds(&grant.expires_in).unwrap_or(LIFE_SECONDS).min(LIFE_SECONDS_MAX),
            refresh: grant.refresh_token.filter(|token| !token.is_empty()).map(SecretString::from),
            refresh_seconds: seconds(&grant.refresh_token_expires_in).filter(|seconds| *seconds > 0),
        })
    }

    /// An answer in JSON; `None` where it is something else.
    pub(super) fn read<T: for<'a> Deserialize<'a>>(
        &self,
        answer: &WebAnswer,
        now: Timestamp,
    ) -> Result<Option<T>, Denied> {
        if answer.is_success() {
            // Some put a byte order mark before it.
            let body = answer.body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&answer.body);
            return Ok(serde_json::from_slice(body).ok());
        }
        let Ok(refusal) = serde_json::from_slice::<Refusal>(&answer.body) else {
            let why = if answer.status == 429 { TokenRefusal::Later } else { TokenRefusal::NoAnswer };
            return Err(self.denied(why, "", words(answer)));
        };
        let skew =
            answer.date.map(|date| now.duration_since(date).as_secs()).filter(|off| off.abs() >= SKEW_SECONDS_MIN);
        let Refusal { error, error_description: description } = refusal;
        let why = about(answer.status, &error, &description, skew, self.secret_expires);
        let said = printable(&format!("{error} {description}"), &[]);
        Err(self.denied(why, &error, said))
    }

    pub(super) fn denied(&self, why: TokenRefusal, error: &str, said: String) -> Denied {
        let no = NoToken { login: self.name.clone(), why: self.as_it_is_here(why), said };
        Denied { error: error.to_owned(), obstacle: Obstacle::new(self.token_url.server(), What::NoToken(no)) }
    }

    /// Servers say the same of what stands for another thing in each flow, and with each proof.
    fn as_it_is_here(&self, why: TokenRefusal) -> TokenRefusal {
        match (why, &self.flow, &self.client) {
            (TokenRefusal::SignInEnded, Flow::RefreshToken(_), _) => TokenRefusal::RefreshTokenEnded,
            (TokenRefusal::SignInEnded, Flow::ServiceAccount { .. }, _) => TokenRefusal::KeyUnknown,
            (TokenRefusal::SecretWrong, _, ClientProof::Certificate(_)) => TokenRefusal::CertificateUnknown,
            (why, ..) => why,
        }
    }

    fn cannot_sign(&self) -> Denied {
        self.denied(TokenRefusal::Other, "", "its key cannot sign".to_owned())
    }
}

/// A number of seconds, which some write as a text.
fn seconds(value: &Value) -> Option<u64> {
    match value {
        Value::Number(seconds) => seconds.as_u64(),
        Value::String(seconds) => seconds.parse().ok(),
        _ => None,
    }
}

/// An answer that may repeat what was sent, without the secrets of it.
fn without_secrets(body: &[u8], fields: &Fields<'_>) -> Vec<u8> {
    const SECRET: [&str; 5] = ["client_secret", "refresh_token", "device_code", "assertion", "client_assertion"];
    let mut body = String::from_utf8_lossy(body).into_owned();
    for (_, secret) in fields.iter().filter(|(name, secret)| SECRET.contains(name) && !secret.is_empty()) {
        let in_a_form: String = form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        let in_json = serde_json::to_string(secret).unwrap_or_default();
        for form in [secret.as_str(), &in_a_form, in_json.trim_matches('"')] {
            body = body.replace(form, "[REDACTED]");
        }
    }
    body.into_bytes()
}

/// Status and beginning of a page that no token server writes.
fn words(answer: &WebAnswer) -> String {
    let page = String::from_utf8_lossy(&answer.body);
    let words: String = printable(&page, &[]).split_whitespace().collect::<Vec<_>>().join(" ");
    format!("{} {}", answer.status, words.chars().take(80).collect::<String>()).trim().to_owned()
}
