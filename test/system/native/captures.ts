/** Captures scripts from a server: a session requests everything from it, and the answers are recorded. */

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { answer } from '../../../src/testing/answer.ts';
import { scenario } from '../../../src/testing/index.ts';
import { startPair } from '../../support/pair.ts';
import { spawn } from '../../support/spawn.ts';
import { build } from './build.ts';
import { requestsFor } from './replies.ts';
import type { SandboxPlayer } from './sandbox-player.ts';
import { hex, type Name, type Script, type Step, sequenceOf, shiftSequence } from './script.ts';

/** Answers a request, as chronyd does. */
export type Server = (request: Uint8Array) => Promise<Uint8Array>;

/** Scripts for every report: one for the number of its records, and one for each of the first records. */
export async function capture(player: SandboxPlayer, server: Server, records = 3): Promise<Script[]> {
  const scripts: Script[] = [];
  for (const report of Object.keys(requestsFor) as Name[]) {
    scripts.push(await captureOne(player, server, { step: 'count', report }));
    const numbered = requestsFor[report].some(({ code }) => BY_INDEX.has(code));
    for (let index = 0; index < (numbered ? records : 1); index++)
      scripts.push(await captureOne(player, server, { step: 'record', report, index }));
  }
  return scripts;
}

/** The codes of requests that contain the index of a record. */
const BY_INDEX: ReadonlySet<number> = new Set([15, 34, 69]);

async function captureOne(player: SandboxPlayer, server: Server, first: Step): Promise<Script> {
  const script = [first];
  const playing = player.start();
  playing.play(first);
  for (let request = player.request; request !== null; ) {
    const answer = await server(request);
    const step: Step = { step: 'reply', datagram: shiftSequence(answer, sequenceOf(request)) };
    script.push(step);
    playing.play(step);
    // The request is still the same: the session has sent no other.
    request = player.request === request ? null : player.request;
  }
  playing.end();
  return script;
}

/** Scripts captured from a real chronyd over both transports, and from mocks of other versions. */
export async function captureScripts(player: SandboxPlayer): Promise<Script[]> {
  await using pair = await startPair();
  const { client: chronyd } = pair;
  await using udp = await udpServer(chronyd.commandPort);
  await using unix = await unixServer(await build('exchange', 'gcc'), chronyd.socketPath);
  const mocks = [
    scenario('synchronized'),
    scenario('old server'),
    scenario('unsynchronized'),
    scenario('synchronized', { serverStatsReply: 22, ntpDataReply: 16 }),
    scenario('nts', { serverStatsReply: 24 }),
  ];
  const scripts: Script[] = [];
  for (const server of [udp, unix, ...mocks.map(mockServer)])
    scripts.push(...(await capture(player, server)));
  return scripts;
}

/** A mock chronyd without a socket. */
export function mockServer(pretended: ReturnType<typeof scenario>): Server {
  return async (request) => {
    const reply = answer(pretended, request);
    if (reply === null) throw new Error('the mock does not answer');
    return reply;
  };
}

/** A chronyd at a UDP port of 127.0.0.1. */
async function udpServer(port: number): Promise<Server & AsyncDisposable> {
  const socket = createSocket('udp4');
  socket.connect(port, '127.0.0.1');
  await once(socket, 'connect');
  const server = async (request: Uint8Array): Promise<Uint8Array> => {
    socket.send(request);
    const [answer] = (await once(socket, 'message')) as [Buffer];
    return new Uint8Array(answer);
  };
  return Object.assign(server, {
    [Symbol.asyncDispose]: async () => {
      socket.close();
    },
  });
}

/** A chronyd at a Unix socket. @param program - the path of the program built from `exchange.c` */
async function unixServer(program: string, path: string): Promise<Server & AsyncDisposable> {
  const child = spawn(program, [path], { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = once(child, 'close');
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const server = async (request: Uint8Array): Promise<Uint8Array> => {
    child.stdin.write(`${hex(request)}\n`);
    const { value, done } = await lines.next();
    if (done) throw new Error(`no answer from ${path}`);
    return new Uint8Array(Buffer.from(value, 'hex'));
  };
  return Object.assign(server, {
    [Symbol.asyncDispose]: async () => {
      child.stdin.end();
      await exited;
    },
  });
}
