/** Two real chronyds: a server, and a client that follows it and is queried by the tests. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Chronyd } from './chronyd.ts';

/** A key that both share, so that the source is authenticated. */
const KEY = '1 SHA1 HEX:000102030405060708090A0B0C0D0E0F10111213';

export interface Pair extends AsyncDisposable {
  readonly server: Chronyd;
  readonly client: Chronyd;
}

/**
 * Starts both and waits until the client is synchronized. Its sources include a reference clock and an unreachable
 * server.
 */
export async function startPair(config: readonly string[] = []): Promise<Pair> {
  const server = await Chronyd.start({ config: ['local stratum 1'], keys: [KEY], serve: true });
  try {
    const client = await Chronyd.start({
      serve: true,
      keys: [KEY],
      config: [
        `server 127.0.0.1 port ${server.ntpPort} iburst minpoll -2 maxpoll -1 key 1`,
        'server 127.0.0.2 port 9 minpoll 6',
        'refclock SOCK {dir}/gps.sock refid GPS',
        'smoothtime 400 0.01',
        ...config,
      ],
    });
    await client.untilSynchronized();
    const stop = async (): Promise<void> => {
      await client.stop();
      await server.stop();
    };
    return { server, client, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/**
 * Queries with the real chronyc, then with us, then with the real chronyc again, until both outputs of chronyc are
 * equal. chronyd has then updated nothing in between, so ours must agree to the last digit.
 */
export async function sandwiched<T>(
  chronyd: Chronyd,
  command: string,
  ask: () => Promise<T>,
): Promise<{ readonly chronyc: readonly string[][]; readonly ours: T }> {
  for (const end = performance.now() + 60_000; performance.now() < end; ) {
    const before = await chronyd.chronyc([command]);
    const ours = await ask();
    if (before === (await chronyd.chronyc([command]))) {
      const lines = before.trimEnd().split('\n').filter(Boolean);
      return { chronyc: lines.map((line) => line.split(',')), ours };
    }
    await sleep(7);
  }
  throw new Error(`${command} changed during every attempt for 60 s`);
}
