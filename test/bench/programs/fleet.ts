/**
 * A report from each of many endpoints with `pollMany()`, compared with raw `node:dgram` sockets that are opened, used once
 * and closed, with the same concurrency: `fleet.js PORT NUMBER CONCURRENCY ROUNDS`. Prints the microseconds per endpoint.
 */
import { pollMany } from 'chrony-wasm';
import { interleaved } from '../benchmark.ts';
import { RawDgram } from './raw-dgram.ts';
import { print } from './report.ts';

const [, , port = '', number = '', atOnce = '', rounds = ''] = process.argv;
const concurrency = Number(atOnce);
/** All addresses of 127.0.0.0/8 belong to this machine. */
const hosts = Array.from({ length: Number(number) }, (_, i) => `127.1.${i >> 8}.${i & 255}`);
const addresses = hosts.map((host) => `${host}:${port}`);

async function ours(): Promise<void> {
  for await (const { error } of pollMany(addresses, 'tracking', { concurrency }))
    if (error !== null) throw error;
}

async function raw(): Promise<void> {
  let next = 0;
  const work = async (): Promise<void> => {
    for (let host = hosts[next++]; host !== undefined; host = hosts[next++]) {
      const socket = await RawDgram.open(host, Number(port));
      await socket.exchange();
      socket.close();
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
}

print(await interleaved({ ours, raw }, Number(rounds)), hosts.length);
