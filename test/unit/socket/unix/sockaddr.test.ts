import { endianness } from 'node:os';
import { describe, expect, it } from 'vitest';
import { clientPath } from '../../../../src/socket/unix/client-directory.ts';
import { maxPathLength, pathLength, unixAddress } from '../../../../src/socket/unix/sockaddr.ts';

const NAME = [...Buffer.from('/é\0')];

describe('struct sockaddr_un', () => {
  it('begins with a family of 16 bits on Linux', () => {
    const family = endianness() === 'LE' ? [1, 0] : [0, 1];
    expect([...unixAddress('/é', 'linux')]).toEqual([...family, ...NAME]);
    expect(maxPathLength('linux')).toBe(107);
  });

  it.each(['darwin', 'freebsd', 'openbsd', 'netbsd'] as const)(
    'begins with a length and a family on %s',
    (system) => {
      expect([...unixAddress('/é', system)]).toEqual([2 + pathLength('/é'), 1, ...NAME]);
      expect(maxPathLength(system)).toBe(103);
    },
  );

  it('has room for our path wherever it has room for chronyd.sock', () => {
    const server = '/run/chrony/chronyd.sock';
    expect(pathLength(clientPath(server))).toBeLessThanOrEqual(pathLength(server));
  });
});
