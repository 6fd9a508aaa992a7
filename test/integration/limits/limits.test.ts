/** When a system resource is exhausted, calls fail with a clear error, and succeed once the resource is available again. */
import { execFileSync } from 'node:child_process';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { ChronyConnection, ChronyLibraryError, getTracking } from '../../../src/index.ts';
import { sharedLibchrony } from '../../../src/sandbox/instance.ts';
import { Session } from '../../../src/sandbox/session.ts';
import { bundle } from '../../support/bundle.ts';
import { Chronyd } from '../../support/chronyd.ts';
import { mustRun } from '../../system/package/support/run.ts';

let chronyd: Chronyd;

beforeAll(async () => {
  chronyd = await Chronyd.start({ config: ['local stratum 7'] });
});
afterAll(() => chronyd?.stop());

/** Runs a program of this folder under a prefix of its command line. Returns the JSON that it prints. */
async function run(under: readonly string[], name: string, ...args: string[]): Promise<unknown> {
  const [program = '', ...rest] = [...under, await bundle(`test/integration/limits/${name}.ts`), ...args];
  return JSON.parse(await mustRun(program, rest));
}

const refused = (message: string) => ({
  name: 'ChronyConnectionError',
  code: 'ERR_CHRONY_CONNECTION',
  message: expect.stringContaining(message),
});

describe('without descriptors', () => {
  it.each(['address', 'socketPath'] as const)(
    'calls to the %s of chronyd fail with a clear error, and succeed later',
    async (where) => {
      const limited = ['prlimit', '--nofile=64:64', process.execPath];
      const { without, again } = (await run(limited, 'descriptors', chronyd[where])) as {
        without: unknown[];
        again: unknown[];
      };
      const exhausted = refused(
        `${chronyd[where]}: EMFILE; this process has too many open files; close some, or raise the limit (ulimit -n)`,
      );
      // concurrent calls of an open connection need another socket; a single call may use the socket that is still open
      const [first, sideBySide, alone, last] = without;
      expect([first, sideBySide, last]).toEqual([exhausted, exhausted, exhausted]);
      expect(['answered', exhausted]).toContainEqual(alone);
      expect(again).toEqual(['answered', 'answered', 'answered', 'answered']);
    },
  );
});

describe('without memory', () => {
  it('in the sandbox, new connections fail until memory is freed, and open connections continue to work', async () => {
    const chrony = await ChronyConnection.open(chronyd.address);
    await chrony.getTracking();
    const library = sharedLibchrony();
    const sessions: Session[] = [];
    const fill = (): void => {
      for (;;) sessions.push(new Session(library, 'nobody', () => {}));
    };
    expect(fill).toThrow(ChronyLibraryError);
    try {
      await expect(getTracking(chronyd.address)).rejects.toMatchObject({
        name: 'ChronyLibraryError',
        errorCode: 1,
        message: expect.stringContaining('close connections that are no longer used'),
      });
      expect(await chrony.getTracking()).toHaveProperty('stratum', 7);
    } finally {
      for (const session of sessions) session.close();
    }
    expect(await getTracking(chronyd.address)).toHaveProperty('stratum', 7);
    await chrony.close();
    sharedLibchrony().discard();
  });
});

describe('without random numbers', () => {
  afterEach(() => vi.unstubAllGlobals());

  it.each([
    [
      'refused',
      {
        getRandomValues: (): never => {
          throw new Error('no entropy today');
        },
      },
    ],
    ['missing', undefined],
  ])('%s: calls fail with a clear error, and succeed once there are some', async (_, crypto) => {
    // discards the random numbers that were fetched before
    sharedLibchrony().discard();
    const chrony = await ChronyConnection.open(chronyd.address);
    vi.stubGlobal('crypto', crypto);
    for (const call of [
      () => chrony.getTracking(),
      () => chrony.getSources(),
      () => getTracking(chronyd.address),
    ]) {
      await expect(call()).rejects.toMatchObject({
        name: 'ChronyLibraryError',
        errorCode: 4,
        message: expect.stringContaining("check this runtime's crypto.getRandomValues()"),
        cause: expect.any(Error),
      });
    }
    vi.unstubAllGlobals();
    expect(await chrony.getTracking()).toHaveProperty('stratum', 7);
    await chrony.close();
  });
});

/** Only root may create a network namespace, and not in every container. Its settings need a separate /proc. */
function mayUnshare(): boolean {
  execFileSync('ip', ['-V'], { stdio: 'ignore' });
  try {
    execFileSync('unshare', ['--net', '--mount-proc', 'ip', 'link', 'set', 'lo', 'up'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

// Only root may narrow the range of local ports, and only in a network namespace does this not affect other programs.
describe.runIf(mayUnshare())('without ports', () => {
  it('calls fail with a clear error, and succeed once there are some', async () => {
    const setUp =
      'ip link set lo up; echo 40000 40003 >/proc/sys/net/ipv4/ip_local_port_range; exec "$0" "$@"';
    const none = refused('127.0.0.1:323: EADDRINUSE; this machine has no free port left');
    expect(
      await run(['unshare', '--net', '--mount-proc', 'sh', '-c', setUp, process.execPath], 'ports'),
    ).toEqual({
      outcomes: ['answered', 'answered', 'answered', 'answered', none, none],
      later: 'answered',
    });
  });
});

// Only root may add routes, and only a network namespace has no default route.
describe.runIf(mayUnshare())('without a route', () => {
  /** The outcome of a call in a network with only the loopback and these routes. */
  const routed = (routes: string, address: string): Promise<unknown> => {
    const setUp = `ip link set lo up; ${routes} exec "$0" "$@"`;
    return run(['unshare', '--net', 'sh', '-c', setUp, process.execPath], 'one-call', address);
  };

  it.each([
    ['unreachable', 'EHOSTUNREACH; there is no route to that host, or a firewall rejects the request'],
    ['blackhole', 'EINVAL; this machine cannot send to that address; '],
  ])('except one of type %s, a call fails with a clear error', async (route, message) => {
    expect(await routed(`ip route add ${route} 192.0.2.1;`, '192.0.2.1')).toEqual(
      refused(`192.0.2.1:323: ${message}`),
    );
  });

  it('except one of type prohibit, a call fails with a permission error', async () => {
    expect(await routed('ip route add prohibit 192.0.2.1;', '192.0.2.1')).toMatchObject({
      name: 'ChronyPermissionError',
      message: expect.stringContaining('EACCES; this machine does not send to that address'),
    });
  });

  it.each([
    ['192.0.2.1', 'ENETUNREACH; there is no route to that network'],
    [
      '[fe80::1]',
      'EINVAL; this machine cannot send to that address; give a link-local address its zone (fe80::1%eth0)',
    ],
  ])('to %s, a call fails with a clear error', async (address, message) => {
    expect(await routed('', address)).toEqual(refused(`${address}:323: ${message}`));
  });

  it('for the family of the address, a call fails with a clear error', async () => {
    const off = 'sysctl -qw net.ipv6.conf.lo.disable_ipv6=1;';
    expect(await routed(off, '::1')).toEqual(
      refused('[::1]:323: EADDRNOTAVAIL; this machine cannot use that address; check that its family'),
    );
  });
});
