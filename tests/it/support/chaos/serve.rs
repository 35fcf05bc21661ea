//! What happens on a connection of the chaos upstream, step by step.

use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};

use super::identity::{IDENTITIES, Identity};
use super::line::Line;
use super::words::{self, Call};
use super::{Fault, Shared, Step, When};

const GOOD: &[Step] = &[Step::Read, Step::Answer(words::good)];

/// Takes every connection, until the test ends.
pub async fn accept(listener: TcpListener, shared: Shared) {
    while let Ok((stream, _)) = listener.accept().await {
        // Otherwise bytes after an answer would wait until the gateway acknowledges the answer.
        stream.set_nodelay(true).expect("a socket");
        let number = {
            let mut book = shared.book();
            book.connections += 1;
            book.connections
        };
        tokio::spawn(connection(stream, number, shared.clone()));
    }
}

async fn connection(stream: TcpStream, number: usize, shared: Shared) {
    let fault = shared.book().next(false, number);
    let identity = match fault {
        Some(Fault { when: When::Handshake(identity), .. }) => identity,
        Some(Fault { steps, .. }) => {
            return serve(Line::new(stream), Some(steps), number, &shared).await;
        }
        None => Identity::Right,
    };
    let line = if shared.over_tls {
        IDENTITIES.greet(identity, stream).await.map(Line::new)
    } else {
        Some(Line::new(stream))
    };
    if let Some(line) = line {
        serve(line, None, number, &shared).await;
    }
}

async fn serve(mut line: Line, first: Option<&[Step]>, number: usize, shared: &Shared) {
    let mut goes_on = match first {
        Some(steps) => run(&mut line, steps, number, shared).await.is_some(),
        None => true,
    };
    while goes_on && line.awaits().await.is_some() {
        let fault = shared.book().next(true, number);
        let steps = fault.map_or(GOOD, |fault| fault.steps);
        goes_on = run(&mut line, steps, number, shared).await.is_some();
    }
    shared.note(words::nonce_in(line.unread()), |seen| seen.partly = true);
}

/// `None` when the connection has ended.
async fn run(line: &mut Line, steps: &[Step], number: usize, shared: &Shared) -> Option<()> {
    let mut call = Call::nobodys(shared.elsewhere);
    for step in steps {
        match step {
            Step::Read => {
                call = Call::read(&line.request().await?, shared.elsewhere);
                shared.note(call.nonce, |seen| seen.whole.push(number));
            }
            Step::ReadPart => {
                call = Call::read(line.part_of_request().await?, shared.elsewhere);
                shared.note(call.nonce, |seen| seen.partly = true);
            }
            Step::Await => line.awaits().await?,
            Step::Send(words) => line.say(&words(&call)).await?,
            Step::Answer(words) => {
                let bytes = words(&call);
                // Noted first, because a client that has the answer may look at once.
                shared.note(call.nonce, |seen| seen.answered = Some(words::is_yes(&bytes)));
                line.say(&bytes).await?;
            }
            Step::Trickle(words) => {
                // The pace is the fault: fast enough to keep a timer for silence at bay.
                let mut pace = tokio::time::interval(Duration::from_millis(1));
                for byte in words(&call).iter().cycle() {
                    pace.tick().await;
                    line.say(&[*byte]).await?;
                }
            }
            Step::Flood(words) => {
                let bytes = words(&call);
                loop {
                    line.say(&bytes).await?;
                }
            }
            Step::Hang => std::future::pending().await,
            Step::Close => return line.close().await,
            Step::Cut => return None,
            Step::Reset => return line.reset(),
        }
    }
    Some(())
}
