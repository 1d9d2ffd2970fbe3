//! The Rust SDK against a server: every command of the main job, then a million messages with user headers.
//!
//! Arguments: ADDRESS USERNAME PASSWORD MESSAGES. Exit code 0 when every answer was right.

mod catalog;
mod messages;
mod million;
mod session;

use iggy::prelude::*;

pub type Outcome = Result<(), Box<dyn std::error::Error>>;

/// Ends the step with an error that names the place, unless the two are equal.
#[macro_export]
macro_rules! same {
    ($got:expr, $wanted:expr) => {
        match (&$got, &$wanted) {
            (got, wanted) => {
                if *got != *wanted {
                    return Err(format!(
                        "{}:{}: {} is {:?}, wanted {:?}",
                        file!(),
                        line!(),
                        stringify!($got),
                        got,
                        wanted
                    )
                    .into());
                }
            }
        }
    };
}

/// Ends the step with an error that names the place, unless the condition holds.
#[macro_export]
macro_rules! holds {
    ($condition:expr) => {
        if !$condition {
            return Err(format!(
                "{}:{}: {} is false",
                file!(),
                line!(),
                stringify!($condition)
            )
            .into());
        }
    };
}

/// A name as the identifier that the commands take.
pub fn named(name: &str) -> Identifier {
    Identifier::named(name).expect("names of this test are short")
}

/// The status a refused command was answered with; 0 when it succeeded.
pub fn status<T>(answer: Result<T, IggyError>) -> u32 {
    answer.err().map_or(0, |error| error.as_code())
}

#[tokio::main]
async fn main() -> Outcome {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [address, username, password, messages] = arguments.as_slice() else {
        return Err("arguments: ADDRESS USERNAME PASSWORD MESSAGES".into());
    };
    let client = IggyClient::builder()
        .with_tcp()
        .with_server_address(address.clone())
        .build()?;
    client.connect().await?;

    session::check(&client, address, username, password).await?;
    println!("session and system commands: right");
    catalog::check(&client).await?;
    println!("streams, topics and partitions: right");
    messages::check(&client).await?;
    println!("messages and consumer offsets: right");
    million::check(&client, messages.parse()?).await?;
    client.logout_user().await?;
    client.disconnect().await?;
    Ok(())
}
