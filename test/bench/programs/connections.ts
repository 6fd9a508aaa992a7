/**
 * The memory of an open connection: `connections.js WHICH PORT NUMBER`, where WHICH is `ours` or `raw`. Opens NUMBER
 * connections, sends one query on each, and prints the growth of the process in bytes per connection. Requires
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

// the first connections load and compile code, which does not count
for (let i = 0; i < 200; i++) (await open()).close();
const before = residentBytes();
const kept: { close(): unknown }[] = [];
for (let i = 0; i < Number(number); i++) kept.push(await open());
process.stdout.write(`${(residentBytes() - before) / kept.length}\n`);
for (const each of kept) each.close();
