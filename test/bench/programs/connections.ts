/**
 * What an open connection holds of the memory: `connections.js WHICH PORT NUMBER`, WHICH being `ours` or `raw`. Opens so
 * many, asks one question on each, and prints the bytes by which the process has grown, for each. With
 * `--expose-gc`.
 */
import { ChronyConnection } from 'chrony-wasm';
import { RawDgram } from './raw-dgram.ts';

const [, , which = '', port = '', number = ''] = process.argv;
const address = `127.0.0.1:${port}`;

const open = {
  ours: async (): Promise<{ close(): unknown }> => {
    const chrony = await ChronyConnection.open(address);
    await chrony.getTracking();
    return chrony;
  },
  raw: async (): Promise<{ close(): unknown }> => {
    const socket = await RawDgram.open('127.0.0.1', Number(port));
    await socket.exchange();
    return socket;
  },
}[which];
if (open === undefined) throw new Error(`there is no '${which}'`);

function residentBytes(): number {
  globalThis.gc?.();
  return process.memoryUsage().rss;
}

// what the first ones load and compile is no part of a connection
for (let i = 0; i < 200; i++) (await open()).close();
const before = residentBytes();
const kept: { close(): unknown }[] = [];
for (let i = 0; i < Number(number); i++) kept.push(await open());
process.stdout.write(`${(residentBytes() - before) / kept.length}\n`);
for (const each of kept) each.close();
