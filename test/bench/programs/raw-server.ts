/**
 * A minimal exporter of chronyd's metrics: `raw-server.js PORT REQUESTS BYTES`. For each HTTP request, it exchanges
 * REQUESTS datagrams with chronyd, one after the other over raw `node:dgram`, and responds with BYTES bytes that were
 * prepared in advance. Prints its own port.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { RawDgram } from './raw-dgram.ts';
import { repeat } from './report.ts';

const [, , port = '', requests = '', bytes = ''] = process.argv;
const raw = await RawDgram.open('127.0.0.1', Number(port));
const exchange = repeat(Number(requests), () => raw.exchange());
const body = Buffer.alloc(Number(bytes), 'x');
const headers = { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8', 'Content-Length': body.length };

const server = createServer(async (_, response) => {
  await exchange();
  response.writeHead(200, headers).end(body);
});
// runs until the benchmark ends it
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
});
