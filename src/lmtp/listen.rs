//! Where MTAs of this machine find us: a socket in the file system, or a port on loopback.

use std::fs::{self, Permissions};
use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::{fmt, os};

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream, UnixListener, UnixStream};

/// Who may write to the socket: its user and its group.
const SOCKET_MODE: u32 = 0o660;

/// A place to listen at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Listen {
    /// A socket in the file system, by an absolute path.
    Unix(PathBuf),
    /// A port on loopback.
    Tcp(SocketAddr),
}

/// Somebody listens there: us.
#[derive(Debug)]
pub enum Listener {
    /// At a socket in the file system.
    Unix(UnixListener),
    /// At a port.
    Tcp(TcpListener),
}

/// A connection with an MTA.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Listen::Unix(path) => write!(f, "unix:{}", path.display()),
            Listen::Tcp(address) => write!(f, "{address}"),
        }
    }
}

impl Listen {
    /// Listens there. A socket that nobody listens at any more, which a gateway left that was killed, is replaced.
    ///
    /// # Errors
    /// `AddrInUse`: somebody listens there, or there is a file that is no socket.
    pub async fn bind(&self) -> io::Result<Listener> {
        match self {
            Listen::Unix(path) => {
                if is_left_behind(path)? {
                    fs::remove_file(path)?;
                }
                let listener = UnixListener::bind(path)?;
                fs::set_permissions(path, Permissions::from_mode(SOCKET_MODE))?;
                Ok(Listener::Unix(listener))
            }
            Listen::Tcp(address) => Ok(Listener::Tcp(TcpListener::bind(address).await?)),
        }
    }

    /// Comes as an MTA does.
    ///
    /// # Errors
    /// Nobody listens there.
    pub async fn connect(&self) -> io::Result<Box<dyn Stream>> {
        match self {
            Listen::Unix(path) => Ok(Box::new(UnixStream::connect(path).await?)),
            Listen::Tcp(address) => Ok(Box::new(TcpStream::connect(address).await?)),
        }
    }

    /// Whether one could listen there, with nothing changed.
    ///
    /// # Errors
    /// As of [`Listen::bind`].
    pub async fn is_free(&self) -> io::Result<()> {
        match self {
            Listen::Unix(path) => {
                if is_left_behind(path)? {
                    return Ok(());
                }
                let folder = path.parent().filter(|folder| folder.is_dir()).ok_or(ErrorKind::NotFound)?;
                // A file of another name takes the same right, and disturbs nobody who waits for the socket.
                socket_fits_in(folder)
            }
            Listen::Tcp(address) => TcpListener::bind(address).await.map(drop),
        }
    }
}

fn socket_fits_in(folder: &Path) -> io::Result<()> {
    let file = folder.join(format!(".guichet-{}", std::process::id()));
    let made = os::unix::net::UnixListener::bind(&file);
    made.and_then(|_| fs::remove_file(&file))
}

/// Whether there is a socket that nobody listens at.
fn is_left_behind(path: &Path) -> io::Result<bool> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(error),
        Ok(there) if !there.file_type().is_socket() => return Err(ErrorKind::AddrInUse.into()),
        Ok(_) => {}
    }
    match os::unix::net::UnixStream::connect(path) {
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => Ok(true),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
        Ok(_) => Err(ErrorKind::AddrInUse.into()),
    }
}

impl Listener {
    /// The next MTA that comes.
    ///
    /// # Errors
    /// The connection broke, or no more files can be opened; the next one may come.
    pub async fn accept(&self) -> io::Result<Box<dyn Stream>> {
        match self {
            Listener::Unix(listener) => Ok(Box::new(listener.accept().await?.0)),
            Listener::Tcp(listener) => {
                let (stream, _) = listener.accept().await?;
                stream.set_nodelay(true)?;
                Ok(Box::new(stream))
            }
        }
    }
}
