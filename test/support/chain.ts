/** A small fleet of real chronyds with a known topology. Each has its own loopback address. */
import { Chronyd } from './chronyd.ts';

export interface Chain extends AsyncDisposable {
  /** In local mode, without sources. */
  readonly top: Chronyd;
  /** Follows the top. */
  readonly middle: Chronyd;
  /** In local mode; the leaves see it with an offset of 5 s. */
  readonly wrong: Chronyd;
  /** Both follow `middle` and also have `top` and `wrong` as sources. */
  readonly leaves: readonly [Chronyd, Chronyd];
}

/** The IP address of each chronyd. */
export const CHAIN = {
  top: '127.21.0.1',
  middle: '127.21.0.2',
  wrong: '127.21.0.3',
  leaves: ['127.21.0.4', '127.21.0.5'],
} as const;

/** The address of a chronyd as a fleet target. */
export function targetOf(ip: string, { commandPort }: Chronyd): string {
  return `${ip}:${commandPort}`;
}

/** Starts the chain and waits until every follower has selected its source. */
export async function startChain(): Promise<Chain> {
  const running: Chronyd[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(running.map((chronyd) => chronyd.stop()));
  };
  const start = async (ip: string, ...config: readonly string[]): Promise<Chronyd> => {
    const chronyd = await Chronyd.start({
      serve: true,
      listen: [ip],
      config: [`bindaddress ${ip}`, ...config],
    });
    running.push(chronyd);
    return chronyd;
  };
  const source = (ip: string, { ntpPort }: Chronyd, ...options: readonly string[]): string =>
    ['server', ip, 'port', ntpPort, 'iburst minpoll -2 maxpoll -1', ...options].join(' ');
  try {
    const top = await start(CHAIN.top, 'local stratum 1');
    const wrong = await start(CHAIN.wrong, 'local stratum 1');
    const middle = await start(CHAIN.middle, source(CHAIN.top, top));
    await middle.untilSynchronized();
    const leaf = (ip: string): Promise<Chronyd> =>
      start(
        ip,
        source(CHAIN.middle, middle, 'prefer'),
        source(CHAIN.top, top),
        source(CHAIN.wrong, wrong, 'offset 5'),
      );
    const leaves = [await leaf(CHAIN.leaves[0]), await leaf(CHAIN.leaves[1])] as const;
    for (const chronyd of leaves) {
      await chronyd.until(async () => {
        const lines = (await chronyd.chronyc(['sources'])).split('\n');
        const stateOf = (ip: string) => lines.find((line) => line.includes(`,${ip},`))?.split(',')[1];
        return stateOf(CHAIN.middle) === '*' && stateOf(CHAIN.wrong) === 'x';
      });
    }
    return { top, middle, wrong, leaves, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
