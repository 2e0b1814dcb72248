// The peer with the AWS SDK for JavaScript v3 (see ../c/peer.h for what a peer does). Region and
// keys are in the environment.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

import {
  CloudWatchLogsClient,
  CreateExportTaskCommand,
  GetLogEventsCommand,
  PutLogEventsCommand,
} from "@aws-sdk/client-cloudwatch-logs";

const [kind, url, flight, folder] = process.argv.slice(2);
const stream = { logGroupName: "my-log-group", logStreamName: "my-log-stream" };

// It has fifty connections at most otherwise.
const sockets = { maxSockets: Number(flight) };
const client = new CloudWatchLogsClient({
  endpoint: url,
  ...(kind === "flight" && { requestHandler: { httpAgent: sockets, httpsAgent: sockets } }),
});

async function makeCalls(count) {
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const out = await client.send(
      new CreateExportTaskCommand({
        taskName: "nightly",
        logGroupName: "my-log-group",
        from: 1441490400000,
        to: 1441494000000,
        destination: "my-exported-logs",
        destinationPrefix: "exports",
      }),
    );
    sum += out.taskId.length;
  }
  return sum;
}

async function fly(count) {
  const shares = Array.from(
    { length: Number(flight) },
    (_, i) => Math.floor(count / flight) + (i < count % flight ? 1 : 0),
  );
  const sums = await Promise.all(shares.map(makeCalls));
  return sums.reduce((a, b) => a + b, 0);
}

function readEvents() {
  const texts = readFileSync(`${folder}/messages`, "utf8").split("\0").slice(0, -1);
  return texts.map((message, i) => ({ timestamp: 1441490400000 + i, message }));
}

function encoder(logEvents) {
  return async (count) => {
    for (let i = 0; i < count; i++) {
      await client.send(new PutLogEventsCommand({ ...stream, logEvents }));
    }
    return count;
  };
}

async function decode(count) {
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const out = await client.send(new GetLogEventsCommand({ ...stream, startFromHead: true }));
    sum += out.events.length;
  }
  return sum;
}

const run =
  kind === "call" ? makeCalls
  : kind === "flight" ? fly
  : kind === "encode" ? encoder(readEvents())
  : decode;

async function serve() {
  for await (const line of createInterface({ input: process.stdin })) {
    process.stdout.write(`done ${await run(Number(line))}\n`);
  }
}

serve().catch((error) => {
  console.error(error);
  process.exit(1);
});
