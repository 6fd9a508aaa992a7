/** Measures how many calls of one connection are answered during a flood, with the default settings. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Channel } from '../../../src/client/channel.ts';
import { readOptions } from '../../../src/client/options.ts';
import { ChronyTimeoutError } from '../../../src/errors.ts';
import { decoders, type TrackingStatus } from '../../../src/reports/index.ts';
import type { Session } from '../../../src/sandbox/session.ts';
import type { UdpEndpoint } from '../../../src/socket/address.ts';
import type { OpenSocket } from '../../../src/socket/socket.ts';
import { openUdp } from '../../../src/socket/udp.ts';
import { Chronyd } from '../../support/chronyd.ts';
import { type Figure, grouped, writeFigures } from '../../support/figures.ts';
import { Flood, type Forgery, forgeries, type Sent } from './flood.ts';

const COMMAND = 'make test-forgery';
const SECONDS = Number(process.env['CHRONY_FLOOD_SECONDS'] ?? 15);
const STRATUM = 7;
/** The length of a reply to tracking. */
const REPLY = 104;

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

let chronyd: Chronyd;
const figures: Figure[] = [];

beforeAll(async () => {
  chronyd = await Chronyd.start({ config: [`local stratum ${STRATUM}`] });
});
afterAll(async () => {
  await chronyd?.stop();
  if (figures.length > 0) writeFigures('forgery', figures);
});

interface Outcome {
  answered: number;
  timedOut: number;
  /** Datagrams that reached the process. */
  received: number;
  flood: Sent;
}

/** Makes sequential calls on one connection for `SECONDS` during a flood. */
async function ask(forgery: Forgery, rate: number): Promise<Outcome> {
  await using flood = await Flood.start(chronyd.commandPort, forgery, {
    rate,
    seconds: SECONDS + 60,
  });
  const outcome = { answered: 0, timedOut: 0, received: 0 };
  const openCounted: OpenSocket = (endpoint, listener) =>
    openUdp(endpoint as UdpEndpoint, {
      opened: (socket) => listener.opened(socket),
      failed: (error) => listener.failed(error),
      datagram: (bytes) => {
        outcome.received++;
        listener.datagram(bytes);
      },
    });
  const endpoint: UdpEndpoint = { kind: 'udp', host: '127.0.0.1', port: flood.port };
  const open = () => new Channel(endpoint, { ...readOptions(undefined), open: openCounted });
  const getTracking = (channel: Channel): Promise<TrackingStatus> =>
    new Promise((done, failed) => {
      const read = ({ record }: Session) => decoders.tracking.decode(record);
      channel.ask({ report: 'tracking', record: 0, tries: 0, read, done, failed });
    });
  let channel = open();
  const end = performance.now() + 1000 * SECONDS;
  while (performance.now() < end) {
    if (!channel.usable) channel = open();
    try {
      const { stratum } = await getTracking(channel);
      expect(stratum).toBe(STRATUM);
      outcome.answered++;
    } catch (error) {
      // any other error would mean that a forgery was accepted
      if (!(error instanceof ChronyTimeoutError)) throw error;
      outcome.timedOut++;
    }
  }
  channel.close(undefined);
  return { ...outcome, flood: await flood.stop() };
}

function record(how: string, { answered, timedOut, received, flood }: Outcome): void {
  const calls = answered + timedOut;
  figures.push({
    what: `A flood of ${how}: calls answered, default settings`,
    figure:
      `${percent(answered / calls)} of ${grouped(calls)}, one after the other (${grouped(calls / flood.seconds)}/s); ` +
      `${grouped(flood.sent)} forgeries (${grouped(flood.sent / flood.seconds)}/s), ` +
      `${percent(Math.min(1, (received - answered) / flood.sent))} of them reached the process, 0 were taken`,
    command: COMMAND,
  });
}

it.each(Object.entries(forgeries) as [Forgery, string][])('%s', async (forgery, what) => {
  const outcome = await ask(forgery, 0);
  record(`${what}, as fast as one process can`, outcome);
  if (forgery === 'guess') recordChance(outcome.flood);
});

it('all forgeries at a moderate rate', async () => {
  record('all these, at 10 000/s', await ask('mixed', 10_000));
});

/** Records the chance of a blind forger that sends from the right address to the right port. */
function recordChance({ sent, seconds }: Sent): void {
  const tries = 2 ** 32 / (sent / seconds);
  figures.push({
    what: 'The chance that such a flood hits the sequence number of a try in the 1 s before the next',
    figure: `1 in ${grouped(tries)}, if all of it arrived: 32 bits, new ones from the system for each try`,
    command: COMMAND,
  });
}

it('datagrams are queued only in the kernel', async () => {
  const [ours, sender] = [createSocket('udp4').bind(0, '127.0.0.1'), createSocket('udp4')];
  await once(ours, 'listening');
  const { port } = ours.address();
  let held = 0;
  ours.on('message', () => held++);
  // sent in one turn of the event loop, so that none is read meanwhile
  const sent = Array.from(
    { length: 20_000 },
    () => new Promise((done) => sender.send(Buffer.alloc(REPLY), port, '127.0.0.1', done)),
  );
  await Promise.all(sent);
  await expect.poll(() => held, { timeout: 10_000 }).toBeGreaterThan(0);
  await new Promise((resolve) => setTimeout(resolve, 1000));
  figures.push({
    what: 'Where datagrams may pile up: only in the kernel’s buffer of the socket (SO_RCVBUF)',
    figure: `${grouped(ours.getRecvBufferSize())} bytes, which held ${held} of 20 000 datagrams of ${REPLY} bytes; the kernel drops the others`,
    command: COMMAND,
  });
  ours.close();
  sender.close();
});
