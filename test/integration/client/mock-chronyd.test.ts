/** The mock's replies to the requests beyond the reports equal those of a real chronyd byte for byte. */
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { ChronyConnection } from '../../../src/index.ts';
import type { DatagramSocket } from '../../../src/socket/socket.ts';
import {
  ntpSource,
  referenceClock,
  type Scenario,
  scenario,
  startMockChronyd,
} from '../../../src/testing/index.ts';
import { Chronyd } from '../../support/chronyd.ts';
import { askForTime, flood } from '../../support/clients.ts';
import { openedUdp, openedUnix } from '../../support/sockets.ts';
import { hex, ipv4, requestBytes, words } from '../../unit/testing/support.ts';

const CLIENTS = 21;

let chronyd: Chronyd;
let chrony: ChronyConnection;
beforeAll(async () => {
  chronyd = await Chronyd.start({
    serve: true,
    config: [
      'local stratum 5',
      'manual',
      'ratelimit interval 1 burst 4 leak 2',
      'server 127.0.0.2 port 9',
      'server localhost port 9',
      'server name.invalid',
      'refclock SOCK {dir}/gps.sock refid GPS',
    ],
  });
  await setTime(3);
  // chronyd refuses a second sample within one second of the first
  await chronyd.until(async () => (await setTime(1)) !== '');
  for (let i = 1; i <= CLIENTS; i++) await askForTime(chronyd, `127.0.1.${i}`);
  await flood(chronyd, '127.0.2.1', 100);
  chrony = await ChronyConnection.open(chronyd.socketPath);
});
afterAll(async () => {
  await chrony?.close();
  await chronyd?.stop();
});

/** Enters a time manually, at an offset in seconds from the current time. */
function setTime(seconds: number): Promise<string> {
  const time = new Date(Date.now() + 1000 * seconds).toISOString();
  return chronyd.chronyc([`settime ${time.slice(0, 10)} ${time.slice(11, 19)}`]);
}

/** Reads the data from the real chronyd. */
async function readChronyd() {
  return {
    names: await chrony.getSourceNames(),
    clients: await chrony.getClients(),
    manualSamples: await chrony.getManualList(),
  };
}

/** A scenario with the data of the real chronyd. */
function scenarioOf({ names, clients, manualSamples }: Awaited<ReturnType<typeof readChronyd>>): Scenario {
  return scenario('synchronized', {
    sources: names.map(({ address, name }) =>
      name === null ? referenceClock(address) : ntpSource(address, { name }),
    ),
    clients,
    manualSamples,
  });
}

type Send = (code: number, body: Uint8Array, length?: number) => Promise<Buffer>;

/** Sends raw requests, one at a time. */
async function openSender(
  open: (onReply: (bytes: Uint8Array) => void) => Promise<DatagramSocket>,
): Promise<Send> {
  let receive: (bytes: Uint8Array) => void = () => {};
  const socket = await open((bytes) => receive(bytes));
  onTestFinished(() => socket.close());
  return (code, body, length = 600) => {
    const reply = new Promise<Buffer>((resolve) => {
      receive = (bytes) => resolve(Buffer.from(bytes));
    });
    socket.awaiting(true);
    socket.send(requestBytes(code, { body, length }));
    return reply;
  };
}

/** The clients of all batches, one line each, followed by the length of the table. */
async function allClients(send: Send, minimumHits: number): Promise<string[]> {
  const lines: string[] = [];
  for (let index = 0; ; ) {
    const body = (await send(68, words(index, 8, minimumHits, 0))).subarray(28);
    const [indices, next, length] = [0, 4, 8].map((at) => body.readUInt32BE(at)) as [number, number, number];
    lines.push(...Array.from({ length }, (_, i) => hex(body.subarray(12 + 60 * i, 72 + 60 * i))));
    if (next >= indices) return [...lines, `of ${indices}`];
    index = next;
  }
}

function idAddress(id: number): Uint8Array {
  return Uint8Array.of(0, 0, 0, id, ...Array(13).fill(0), 3, 0, 0);
}

const requests: readonly [what: string, code: number, body: Uint8Array, length?: number][] = [
  ['the manual list in too short a request', 41, new Uint8Array(), 415],
  ['the name of a source configured by address', 65, ipv4(127, 0, 0, 2)],
  ['the name of a source configured by name', 65, ipv4(127, 0, 0, 1)],
  ['the name of a source that is not resolved', 65, idAddress(2)],
  ['the name of another ID', 65, idAddress(9)],
  ['the name of a reference clock', 65, ipv4(0x47, 0x50, 0x53, 0)],
  ['the name of an unknown address', 65, ipv4(192, 0, 2, 1)],
  ['the name of no address', 65, new Uint8Array(20)],
  ['a name in too short a request', 65, ipv4(127, 0, 0, 2), 283],
  ['no client', 68, words(5, 0, 0, 0)],
  ['clients at the end of the table', 68, words(32, 8, 0, 0)],
  ['clients beyond the table', 68, words(0xffff_ffff, 8, 0, 0)],
  ['clients with more hits than any', 68, words(0, 8, 1000, 0)],
  ['clients in too short a request', 68, words(0, 8, 0, 0), 519],
];

/** The offsets of the nanoseconds of the samples in a manual list of two samples. */
const NANOSECONDS = [40, 64] as const;

async function replies(send: Send): Promise<Record<string, string | string[]>> {
  const all: Record<string, string | string[]> = {};
  for (const [what, ...request] of requests) all[what] = hex(await send(...request));
  for (const hits of [0, 1, 2, 100]) all[`clients with ${hits} hits`] = await allClients(send, hits);
  return all;
}

it('sends the same replies as a real chronyd', async () => {
  await using mock = await startMockChronyd();
  const sendToReal = await openSender((onReply) => openedUnix(chronyd.socketPath, onReply));
  const sendToMock = await openSender((onReply) => openedUdp(mock.port, onReply));
  let real = {};
  // the ages of clients change every second
  await chronyd.until(async () => {
    const before = await readChronyd();
    mock.scenario = scenarioOf(before);
    real = await replies(sendToReal);
    return JSON.stringify(before) === JSON.stringify(await readChronyd());
  }, 10);
  expect(await replies(sendToMock)).toEqual(real);
  const [theirs, ours] = [await sendToReal(41, new Uint8Array()), await sendToMock(41, new Uint8Array())];
  for (const at of NANOSECONDS) {
    // the time of a sample is a double, which cannot hold every nanosecond
    expect(Math.abs(ours.readUInt32BE(at) - theirs.readUInt32BE(at))).toBeLessThan(500);
    theirs.copy(ours, at, at, at + 4);
  }
  expect(hex(ours)).toBe(hex(theirs));
  expect(real).toHaveProperty('clients with 100 hits.length', 2);
  expect(mock.scenario.clients).toHaveLength(CLIENTS + 1);
  expect(mock.scenario.manualSamples).toHaveLength(2);
});

it('refuses with the same status as a real chronyd: without a client log, and over UDP', async () => {
  await using without = await Chronyd.start({ config: ['noclientlog'] });
  await using mock = await startMockChronyd(scenario('synchronized', { clients: null }));
  const sendToMock = await openSender((onReply) => openedUdp(mock.port, onReply));
  const sendToOther = await openSender((onReply) => openedUnix(without.socketPath, onReply));
  const first = [68, words(0, 8, 0, 0)] as const;
  expect(hex(await sendToMock(...first))).toBe(hex(await sendToOther(...first)));

  mock.scenario = 'permission denied';
  const sendOverUdp = await openSender((onReply) => openedUdp(chronyd.commandPort, onReply));
  expect(hex(await sendToMock(...first))).toBe(hex(await sendOverUdp(...first)));
  for (const [code, body] of [
    [41, new Uint8Array()],
    [65, ipv4(127, 0, 0, 1)],
  ] as const)
    expect((await sendOverUdp(code, body)).readUInt16BE(8)).toBe(0);
});
