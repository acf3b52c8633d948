//! A web server that does what a test says: a token server (RFC 6749, RFC 8628, RFC 7662) that grants, lets tokens end,
//! revokes and refuses, and a page that takes what is posted.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// Listens on loopback until the test ends.
pub(crate) struct TokenServer {
    port: u16,
    state: Arc<Mutex<State>>,
}

/// What it answers to whoever asks for a token.
#[derive(Clone, Default)]
pub(crate) enum Answers {
    /// What is asked for, to whoever may have it.
    #[default]
    Grants,
    /// Always this status and body, with these further header lines.
    Always(u16, &'static str, &'static str),
    /// Nothing: the connection is closed.
    Cut,
}

#[derive(Default)]
struct State {
    answers: Answers,
    /// How long tokens hold.
    life: Duration,
    /// How many seconds what somebody allows by signing in holds, where it ends.
    sign_in_seconds: Option<u64>,
    /// Who signs in with a browser.
    signs_in: Option<String>,
    access: HashMap<String, (String, Instant)>,
    refresh: HashMap<String, String>,
    granted: usize,
    asked: Vec<HashMap<String, String>>,
    posted: Vec<String>,
}

impl TokenServer {
    /// The one secret of its clients.
    pub(crate) const SECRET: &str = "client-secret-value";

    /// One whose tokens hold for so long.
    pub(crate) fn start(life: Duration) -> TokenServer {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port on loopback");
        let port = listener.local_addr().expect("a listener has an address").port();
        let state = Arc::new(Mutex::new(State { life, ..State::default() }));
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming().filter_map(Result::ok) {
                let state = Arc::clone(&shared);
                thread::spawn(move || serve(&stream, &state));
            }
        });
        TokenServer { port, state }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}/{path}", self.port)
    }

    /// From now on, what somebody allows by signing in ends after so many seconds.
    pub(crate) fn limit_sign_ins(&self, seconds: u64) {
        self.state().sign_in_seconds = Some(seconds);
    }

    /// Somebody signs in at the page of the next device code.
    pub(crate) fn will_sign_in(&self, user: &str) {
        self.state().signs_in = Some(user.to_owned());
    }

    pub(crate) fn answers(&self, answers: Answers) {
        self.state().answers = answers;
    }

    /// Takes back all that was granted.
    pub(crate) fn revoke(&self) {
        let mut state = self.state();
        state.access.clear();
        state.refresh.clear();
    }

    /// How many tokens it gave out.
    pub(crate) fn granted(&self) -> usize {
        self.state().granted
    }

    /// What it was asked for last.
    pub(crate) fn last_asked(&self) -> HashMap<String, String> {
        self.state().asked.last().cloned().unwrap_or_default()
    }

    /// What was posted to its page `hook`.
    pub(crate) fn posted(&self) -> Vec<String> {
        self.state().posted.clone()
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().expect("no thread of the server panics")
    }
}

fn serve(stream: &TcpStream, state: &Mutex<State>) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let path = line.split(' ').nth(1)?.trim_start_matches('/').to_owned();
    let mut length = 0;
    loop {
        line.clear();
        reader.read_line(&mut line).ok()?;
        if line.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    if path.starts_with("hook") {
        state.lock().ok()?.posted.push(String::from_utf8_lossy(&body).into_owned());
        return write!(&mut &*stream, "HTTP/1.1 204 x\r\nConnection: close\r\n\r\n").ok();
    }
    let fields = form_urlencoded::parse(&body).into_owned().collect();
    let (status, head, answer) = state.lock().ok()?.answer(&path, &fields)?;
    let mut writer = stream;
    write!(
        writer,
        "HTTP/1.1 {status} x\r\n{head}Content-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{answer}",
        answer.len()
    )
    .ok()
}

impl State {
    fn answer(&mut self, path: &str, fields: &HashMap<String, String>) -> Option<(u16, String, String)> {
        let field = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
        if path.starts_with("introspect") {
            let known = self.access.get(field("token")).filter(|(_, ends)| *ends > Instant::now());
            return Some((
                200,
                String::new(),
                match known {
                    Some((user, _)) => format!(r#"{{"active": true, "username": "{user}"}}"#),
                    None => r#"{"active": false}"#.to_owned(),
                },
            ));
        }
        self.asked.push(fields.clone());
        match &self.answers {
            Answers::Grants => {}
            Answers::Always(status, body, head) => return Some((*status, (*head).to_owned(), (*body).to_owned())),
            Answers::Cut => return None,
        }
        let no =
            |error: &str| Some((400, String::new(), format!(r#"{{"error": "{error}", "error_description": "no"}}"#)));
        if path.starts_with("device") {
            let invitation = r#"{"device_code": "device-1", "user_code": "WDJB-MJHT",
                "verification_uri": "http://device.test/page", "expires_in": 60, "interval": 0}"#;
            return Some((200, String::new(), invitation.to_owned()));
        }
        let user = match field("grant_type") {
            "client_credentials" if field("client_secret") == TokenServer::SECRET => field("client_id").to_owned(),
            "client_credentials" => return no("invalid_client"),
            "refresh_token" => match self.refresh.remove(field("refresh_token")) {
                Some(user) => user,
                None => return no("invalid_grant"),
            },
            "urn:ietf:params:oauth:grant-type:device_code" => match self.signs_in.take() {
                Some(user) => user,
                None => return no("authorization_pending"),
            },
            "urn:ietf:params:oauth:grant-type:jwt-bearer" => {
                let claims =
                    data_encoding::BASE64URL_NOPAD.decode(field("assertion").split('.').nth(1)?.as_bytes()).ok()?;
                serde_json::from_slice::<serde_json::Value>(&claims).ok()?["sub"].as_str()?.to_owned()
            }
            _ => return no("unsupported_grant_type"),
        };
        self.granted += 1;
        let (access, refresh) = (format!("access-{}", self.granted), format!("refresh-{}", self.granted));
        self.access.insert(access.clone(), (user.clone(), Instant::now() + self.life));
        let seconds = self.life.as_secs();
        let mut answer = format!(r#"{{"token_type": "Bearer", "access_token": "{access}", "expires_in": {seconds}"#);
        if field("grant_type") != "client_credentials" {
            self.refresh.insert(refresh.clone(), user);
            answer += &format!(r#", "refresh_token": "{refresh}""#);
            if let Some(seconds) = self.sign_in_seconds {
                answer += &format!(r#", "refresh_token_expires_in": {seconds}"#);
            }
        }
        Some((200, String::new(), answer + "}"))
    }
}
