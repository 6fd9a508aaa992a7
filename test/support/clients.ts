/** Clients of a real chronyd: each is a socket at an address of its own on the loopback. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { Chronyd } from './chronyd.ts';

/** The shortest NTP request: version 4, mode client. */
const REQUEST = Buffer.alloc(48);
REQUEST[0] = 0x23;

/**
 * Sends NTP requests to a chronyd that serves, and waits until each is answered.
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

/** Sends NTP requests without waiting for answers, in particular more than the chronyd answers with its `ratelimit`. */
export async function flood(chronyd: Chronyd, from: string, requests: number): Promise<void> {
  const socket = createSocket('udp4').bind({ address: from, port: 0 });
  await once(socket, 'listening');
  for (let i = 0; i < requests; i++) {
    await new Promise((sent) => socket.send(REQUEST, chronyd.ntpPort, '127.0.0.1', sent));
  }
  socket.close();
}

/** A request of the control protocol for the report `tracking`, as long as its reply. */
function trackingRequest(sequence: number): Buffer {
  const request = Buffer.alloc(104);
  request[0] = 6;
  request[1] = 1;
  request.writeUInt16BE(33, 4);
  request.writeUInt32BE(sequence, 8);
  return request;
}

/** Sends requests of the control protocol without waiting for replies. The chronyd must allow them (`cmdallow`). */
export async function floodWithCommands(chronyd: Chronyd, from: string, requests: number): Promise<void> {
  const socket = createSocket('udp4').bind({ address: from, port: 0 });
  await once(socket, 'listening');
  for (let i = 0; i < requests; i++) {
    await new Promise((sent) => socket.send(trackingRequest(i), chronyd.commandPort, '127.0.0.1', sent));
  }
  socket.close();
}
