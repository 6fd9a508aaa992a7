/** Clients of a real chronyd. Each is a socket with its own loopback address. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { Chronyd } from './chronyd.ts';

/** The shortest NTP request: version 4, mode client. */
const REQUEST = Buffer.alloc(48);
REQUEST[0] = 0x23;

/**
 * Sends NTP requests to a serving chronyd and waits for each reply.
 *
 * @param from - the client's address, e.g. `127.0.1.7`
 */
export async function askForTime(chronyd: Chronyd, from: string, requests = 1): Promise<void> {
  const socket = createSocket('udp4').bind({ address: from, port: 0 });
  await once(socket, 'listening');
  for (let i = 0; i < requests; i++) {
    socket.send(REQUEST, chronyd.ntpPort, '127.0.0.1');
    await once(socket, 'message');
  }
  socket.close();
}

/** Sends NTP requests without waiting for replies, e.g. more than `ratelimit` lets chronyd answer. */
export async function flood(chronyd: Chronyd, from: string, requests: number): Promise<void> {
  const socket = createSocket('udp4').bind({ address: from, port: 0 });
  await once(socket, 'listening');
  for (let i = 0; i < requests; i++) {
    await new Promise((sent) => socket.send(REQUEST, chronyd.ntpPort, '127.0.0.1', sent));
  }
  socket.close();
}

/** A control protocol request for the report `tracking`, padded to the length of its reply. */
function trackingRequest(sequence: number): Buffer {
  const request = Buffer.alloc(104);
  request[0] = 6;
  request[1] = 1;
  request.writeUInt16BE(33, 4);
  request.writeUInt32BE(sequence, 8);
  return request;
}

/** Sends control protocol requests without waiting for replies. chronyd must allow them (`cmdallow`). */
export async function floodWithCommands(chronyd: Chronyd, from: string, requests: number): Promise<void> {
  const socket = createSocket('udp4').bind({ address: from, port: 0 });
  await once(socket, 'listening');
  for (let i = 0; i < requests; i++) {
    await new Promise((sent) => socket.send(trackingRequest(i), chronyd.commandPort, '127.0.0.1', sent));
  }
  socket.close();
}
