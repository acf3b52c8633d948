//! A way to a server that can be cut, or fall silent.

use std::io;
use std::net::Ipv4Addr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// A port on loopback that leads to another one. Dropped, it is cut.
pub(crate) struct Line {
    port: u16,
    state: watch::Sender<State>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    Open,
    /// Nothing passes, and nobody is told; what was said passes once it is open again.
    Silent,
    /// Connections break, and new ones do not last.
    Cut,
}

impl Line {
    /// An open one.
    pub(crate) async fn to(port: u16) -> Line {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port on loopback");
        let own = listener.local_addr().expect("a listener has an address").port();
        let (state, seen) = watch::channel(State::Open);
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                if !is_cut(&seen) {
                    tokio::spawn(pass(near, port, seen.clone()));
                }
            }
        });
        Line { port: own, state }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn fall_silent(&self) {
        self.state.send_replace(State::Silent);
    }

    pub(crate) fn cut(&self) {
        self.state.send_replace(State::Cut);
    }

    pub(crate) fn open(&self) {
        self.state.send_replace(State::Open);
    }
}

fn is_cut(seen: &watch::Receiver<State>) -> bool {
    seen.has_changed().is_err() || *seen.borrow() == State::Cut
}

async fn pass(near: TcpStream, port: u16, seen: watch::Receiver<State>) -> io::Result<()> {
    let mut until_cut = seen.clone();
    let passing = async {
        until(&seen, State::Open).await;
        let far = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
        for stream in [&near, &far] {
            stream.set_nodelay(true)?;
        }
        let ((near_in, near_out), (far_in, far_out)) = (near.into_split(), far.into_split());
        tokio::try_join!(pump(near_in, far_out, seen.clone()), pump(far_in, near_out, seen.clone()))
    };
    tokio::select! {
        passed = passing => passed.map(drop),
        _ = until_cut.wait_for(|state| *state == State::Cut) => Ok(()),
    }
}

async fn pump(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, seen: watch::Receiver<State>) -> io::Result<()> {
    let mut bytes = vec![0; 16 << 10];
    loop {
        let count = from.read(&mut bytes).await?;
        until(&seen, State::Open).await;
        if count == 0 {
            return to.shutdown().await;
        }
        to.write_all(&bytes[..count]).await?;
    }
}

async fn until(seen: &watch::Receiver<State>, wanted: State) {
    // An end of the line ends what waits for it, too.
    let _ = seen.clone().wait_for(|state| *state == wanted).await;
}
