//! A mail that an MTA hands over while the gateway dies: what was not told to be taken is handed over again, and is one
//! request.

use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use crate::Servers;
use crate::world::World;

/// What the MTA heard of its mail.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Told {
    Taken,
    Nothing,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mail_of_which_the_mta_heard_nothing_is_handed_over_again_and_is_one_request() {
    for (point, recorded) in [("sql insert into raw_mail", 0), ("log Mail taken in", 1), ("sql insert into ticket", 1)]
    {
        let world = World::with_an_mta().await;
        world.servers(Servers::Serve);
        let port = world.lmtp_port();
        let mta = tokio::spawn(async move { until_met(port).await });
        world.die_at(point).await;
        let told = mta.await.unwrap();
        // Where it was told, it is there; where it is there, it need not have been told.
        assert!(told == Told::Nothing || recorded == 1, "{point}");
        if point != "sql insert into ticket" {
            assert_eq!(told, Told::Nothing, "{point}");
        }
        assert_eq!(world.recorded().await, recorded, "{point}");

        let again = tokio::spawn(async move { until_met(port).await });
        world.run_until_recorded(recorded + 1).await;
        assert_eq!(again.await.unwrap(), Told::Taken, "{point}");
        let end = world.account().await;
        let expected = match recorded {
            0 => "1 recorded, on R-000001, 0 filed, 1 letter",
            _ => "2 recorded, on R-000001, Suppressed(Duplicate), 0 filed, 1 letter",
        };
        assert_eq!(end, expected, "{point}");
    }
}

/// Hands the mail over as soon as somebody listens.
async fn until_met(port: u16) -> Told {
    loop {
        match TcpStream::connect(("127.0.0.1", port)).await {
            Ok(stream) => return hand_over(stream).await.unwrap_or(Told::Nothing),
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}

async fn hand_over(stream: TcpStream) -> std::io::Result<Told> {
    let mut stream = BufReader::new(stream);
    let said = "LHLO mx.demo.example\r\nMAIL FROM:<marie@client.test>\r\nRCPT TO:<support@desk.example>\r\nDATA\r\n\
                From: marie@client.test\r\nTo: support@desk.example\r\nSubject: Clavier\r\nMessage-ID: <m1@client.test>\r\n\r\n\
                Bonjour, le clavier ne fonctionne plus.\r\n.\r\nQUIT\r\n";
    stream.get_mut().write_all(said.as_bytes()).await?;
    let mut line = String::new();
    while stream.read_line(&mut line).await? > 0 {
        if line.contains("Taken in, ") {
            return Ok(Told::Taken);
        }
        line.clear();
    }
    Ok(Told::Nothing)
}
