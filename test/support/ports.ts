/** Ports for servers of the tests. */
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { isFirst } from './once.ts';

const FIRST = 10_000;
const USUAL_LAST = 32_767;

/** From there on the system gives ports to clients. */
function firstOfClients(): number {
  try {
    return Number(readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').split(/\s+/)[0]);
  } catch {
    return USUAL_LAST + 1;
  }
}

/** Nothing that a client is given: that may happen at any moment between a look and the server's start. */
const LAST = firstOfClients() > FIRST + 1000 ? firstOfClients() - 1 : USUAL_LAST;

/**
 * A port of the loopback, UDP and TCP, that nobody uses, and nobody will in this run of the tests but who asked for it,
 * whether it is served there or not.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST + 1));
    if (isFirst(`port-${port}`) && (await isFree(port))) return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const looks = ['127.0.0.1', '::1'].flatMap((address) => [
    isTaken((bound, failed) => {
      const socket = createSocket(address === '::1' ? 'udp6' : 'udp4').once('error', failed);
      socket.bind(port, address, () => socket.close(bound));
    }),
    isTaken((bound, failed) => {
      const server = createServer().once('error', failed);
      server.listen(port, address, () => server.close(bound));
    }),
  ]);
  return (await Promise.all(looks)).every((taken) => !taken);
}

async function isTaken(bind: (bound: () => void, failed: (error: Error) => void) => void): Promise<boolean> {
  try {
    await new Promise<void>(bind);
    return false;
  } catch (error) {
    // a machine without IPv6 has nobody there
    return (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
  }
}
