/**
 * A sandbox that was taken over, on a connection to chronyd's Unix socket. It tries to send a command that chronyd would
 * execute: a reset of the counters of clients.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ChronyConnection } from '../../../src/index.ts';
import { sharedLibchrony } from '../../../src/sandbox/instance.ts';
import { Chronyd } from '../../support/chronyd.ts';
import { askForTime } from '../../support/clients.ts';
import { openedUnix } from '../../support/sockets.ts';
import { RESETTING, takeOver } from '../../support/take-over.ts';

const CLIENT = '127.0.1.1';
const REQUESTS = 5;

let chronyd: Chronyd;

beforeAll(async () => {
  chronyd = await Chronyd.start({ config: ['local stratum 1'], serve: true });
  await askForTime(chronyd, CLIENT, REQUESTS);
});
afterAll(async () => {
  sharedLibchrony().discard();
  await chronyd?.stop();
});

/** The number of requests of the client, as the real chronyc prints it. */
async function hits(): Promise<number> {
  const line = (await chronyd.chronyc(['clients'])).split('\n').find((each) => each.startsWith(`${CLIENT},`));
  return Number(line?.split(',')[1]);
}

/** Sends a datagram to chronyd's Unix socket. Returns the reply. */
async function send(datagram: Uint8Array): Promise<Buffer> {
  let hear: (reply: Uint8Array) => void = () => {};
  const reply = new Promise<Uint8Array>((resolve) => {
    hear = resolve;
  });
  const socket = await openedUnix(chronyd.socketPath, hear);
  socket.awaiting(true);
  socket.send(datagram);
  const bytes = Buffer.from(await reply);
  socket.close();
  return bytes;
}

it('cannot reset the counters: the request is not sent, the call fails, and the next call gets a new sandbox', async () => {
  expect(await hits()).toBe(REQUESTS);
  const chrony = await ChronyConnection.open(chronyd.socketPath);
  await chrony.getTracking();
  const library = sharedLibchrony();
  takeOver(library);
  await expect(chrony.getSourceName(RESETTING)).rejects.toMatchObject({
    name: 'ChronyLibraryError',
    message: expect.stringContaining('tried to send a request that is not allowed; nothing was sent'),
  });
  expect(sharedLibchrony()).not.toBe(library);
  expect(await hits()).toBe(REQUESTS);
  const clients = await chrony.getClients();
  expect(clients.map(({ address, ntpHits }) => [address, ntpHits])).toEqual([[CLIENT, REQUESTS]]);
  await chrony.close();
});

it('tries to send a command that chronyd would execute', async () => {
  const command = Buffer.alloc(520);
  command.set([6, 1, 0, 0, 0, 68]);
  // eight clients from index 0, and the word that requests the reset
  command.writeUInt32BE(8, 24);
  command.writeUInt32BE(1, 32);
  expect(await hits()).toBe(REQUESTS);
  const reply = await send(command);
  expect(reply.readUInt16BE(8)).toBe(0);
  expect(await hits()).not.toBe(REQUESTS);
});
