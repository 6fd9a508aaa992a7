import { endianness } from 'node:os';
import { describe, expect, it } from 'vitest';
import { clientPathTemplate } from '../../../../src/socket/unix/client-directory.ts';
import { maxPathLength, pathLength, unixAddress, unixPath } from '../../../../src/socket/unix/sockaddr.ts';

const NAME = [...Buffer.from('/é\0')];

describe('struct sockaddr_un', () => {
  it('begins with a 16-bit family on Linux', () => {
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

  it.each(['linux', 'freebsd'] as const)('returns the path, if any, on %s', (system) => {
    const address = unixAddress('/é', system);
    const filled = Buffer.concat([address, Buffer.from('previous content')]);
    // some systems count the NUL
    expect(unixPath(filled, address.length)).toBe('/é');
    expect(unixPath(filled, address.length - 1)).toBe('/é');
    expect(unixPath(filled, 2)).toBeNull();
    // an abstract address of Linux
    expect(unixPath(Uint8Array.of(1, 0, 0, 65), 4)).toBeNull();
  });

  it("has room for the client's path if it has room for chronyd.sock", () => {
    const server = '/run/chrony/chronyd.sock';
    expect(pathLength(clientPathTemplate(server))).toBeLessThanOrEqual(pathLength(server));
  });
});
