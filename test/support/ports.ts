/** Free ports for test servers. */
import { createSocket } from 'node:dgram';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { isFirst } from './once.ts';

const FIRST = 10_000;
const USUAL_LAST = 32_767;

/** The first ephemeral port, i.e. the first that the system assigns to clients. */
function firstOfClients(): number {
  try {
    return Number(readFileSync('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').split(/\s+/)[0]);
  } catch {
    return USUAL_LAST + 1;
  }
}

/** Below the ephemeral ports: the system may assign one to a client between the check and the start of the server. */
const LAST = firstOfClients() > FIRST + 1000 ? firstOfClients() - 1 : USUAL_LAST;

/**
 * Returns a loopback port that is free for UDP and TCP. It is reserved for the caller for the whole test run, even
 * if nothing is served on it.
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
    // without IPv6 there is another error: then no process uses the port
    return (error as NodeJS.ErrnoException).code === 'EADDRINUSE';
  }
}
