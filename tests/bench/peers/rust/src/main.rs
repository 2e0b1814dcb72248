//! The peer with the AWS SDK for Rust (see ../../c/peer.h for what a peer does). Region and keys are
//! in the environment.

use std::error::Error;
use std::{env, fs, io};

use aws_sdk_cloudwatchlogs::Client;
use aws_sdk_cloudwatchlogs::types::InputLogEvent;

type Sum = Result<usize, Box<dyn Error + Send + Sync>>;

async fn make_calls(client: &Client, count: usize) -> Sum {
    let mut sum = 0;
    for _ in 0..count {
        let out = client
            .create_export_task()
            .task_name("nightly")
            .log_group_name("my-log-group")
            .from(1441490400000)
            .to(1441494000000)
            .destination("my-exported-logs")
            .destination_prefix("exports")
            .send()
            .await?;
        sum += out.task_id().map_or(0, str::len);
    }
    Ok(sum)
}

async fn fly(client: &Client, count: usize, flight: usize) -> Sum {
    let tasks: Vec<_> = (0..flight)
        .map(|i| {
            let client = client.clone();
            let share = count / flight + usize::from(i < count % flight);
            tokio::spawn(async move { make_calls(&client, share).await })
        })
        .collect();
    let mut sum = 0;
    for task in tasks {
        sum += task.await??;
    }
    Ok(sum)
}

fn read_events(folder: &str) -> Result<Vec<InputLogEvent>, Box<dyn Error + Send + Sync>> {
    let data = fs::read_to_string(format!("{folder}/messages"))?;
    let mut events = Vec::new();
    for (i, text) in data.trim_end_matches('\0').split('\0').enumerate() {
        let event = InputLogEvent::builder().timestamp(1441490400000 + i as i64);
        events.push(event.message(text).build()?);
    }
    Ok(events)
}

async fn encode(client: &Client, count: usize, events: &[InputLogEvent]) -> Sum {
    for _ in 0..count {
        client
            .put_log_events()
            .log_group_name("my-log-group")
            .log_stream_name("my-log-stream")
            .set_log_events(Some(events.to_vec()))
            .send()
            .await?;
    }
    Ok(count)
}

async fn decode(client: &Client, count: usize) -> Sum {
    let mut sum = 0;
    for _ in 0..count {
        let out = client
            .get_log_events()
            .log_group_name("my-log-group")
            .log_stream_name("my-log-stream")
            .start_from_head(true)
            .send()
            .await?;
        sum += out.events().len();
    }
    Ok(sum)
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let arguments: Vec<String> = env::args().collect();
    let [_, kind, url, flight, folder] = arguments.as_slice() else {
        return Err("usage: peer KIND URL FLIGHT FOLDER".into());
    };
    let flight: usize = flight.parse()?;
    let config = aws_config::from_env().endpoint_url(url).load().await;
    let client = Client::new(&config);
    let events = if kind == "encode" {
        read_events(folder)?
    } else {
        Vec::new()
    };
    for line in io::stdin().lines() {
        let count: usize = line?.parse()?;
        let sum = match kind.as_str() {
            "call" => make_calls(&client, count).await?,
            "flight" => fly(&client, count, flight).await?,
            "encode" => encode(&client, count, &events).await?,
            _ => decode(&client, count).await?,
        };
        println!("done {sum}");
    }
    Ok(())
}
