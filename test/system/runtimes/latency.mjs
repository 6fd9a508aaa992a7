// Measures the time of a query over the Unix socket and over UDP in this runtime: `latency.mjs PATH HOST:PORT`. Short rounds of
// both alternate, so that other load on the machine affects both. Prints the medians in microseconds, and the median of the
// ratios of the rounds.
import process from 'node:process';
import { ChronyConnection } from 'chrony-wasm';

const ROUNDS = 101;
const QUERIES = 40;

const [, , path, address] = process.argv;
const unix = await ChronyConnection.open(path);
const udp = await ChronyConnection.open(address);

/** Returns the microseconds per query. */
async function round(chrony) {
  const start = performance.now();
  for (let i = 0; i < QUERIES; i++) await chrony.getTracking();
  return ((performance.now() - start) * 1000) / QUERIES;
}

function median(values) {
  return values.sort((a, b) => a - b)[values.length >> 1];
}

for (let i = 0; i < 20; i++) {
  await round(unix);
  await round(udp);
}
const rounds = [];
for (let i = 0; i < ROUNDS; i++) {
  // The order also alternates.
  const first = i % 2 === 0 ? await round(unix) : undefined;
  const udpTime = await round(udp);
  const unixTime = first ?? (await round(unix));
  rounds.push({ unixTime, udpTime });
}
await unix.close();
await udp.close();
console.log(
  JSON.stringify({
    unix: median(rounds.map(({ unixTime }) => unixTime)),
    udp: median(rounds.map(({ udpTime }) => udpTime)),
    ratio: median(rounds.map(({ unixTime, udpTime }) => unixTime / udpTime)),
  }),
);
