// `mtu.mjs DIST`: runs in its own network, with packets of at most 576 bytes. Requests all reports from chronyd and from
// a mock, and prints the numbers of records and of fragments. DIST contains the built package.
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const dist = pathToFileURL(`${process.argv[2]}/`);
const { ChronyConnection, ChronyPermissionError } = await import(new URL('index.js', dist));
const { startMockChronyd } = await import(new URL('testing/index.js', dist));

/** The kernel's count of IPv4 fragments created in this network. */
function fragments() {
  const [names, values] = readFileSync('/proc/net/snmp', 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('Ip:'))
    .map((line) => line.split(' '));
  return Number(values[names.indexOf('FragCreates')]);
}

/** The number of records in each report. */
async function counts(address) {
  const chrony = await ChronyConnection.open({ address, timeoutMs: 5000, retries: 1 });
  const found = {};
  for (const report of chrony.reports) {
    found[report] = await chrony.getReport(report).then(
      (records) => records.length,
      (error) => (error instanceof ChronyPermissionError ? 'denied' : error.code),
    );
  }
  await chrony.close();
  return found;
}

const chronyd = await counts('127.0.0.1:323');
const mock = await startMockChronyd('many sources');
const mocked = await counts(mock.address);
await mock.close();
const ours = fragments();

// control: a datagram that is too long for a packet proves that fragments are counted
const socket = createSocket('udp4');
await new Promise((sent) => socket.send(Buffer.alloc(576 - 28 + 1), 9, '127.0.0.1', sent));
socket.close();
console.log(JSON.stringify({ chronyd, mocked, ours, control: fragments() }));
