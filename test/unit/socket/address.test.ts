/** Addresses: parsing, resolution to endpoints, and formatting. */
import { isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ChronyConnectionError } from '../../../src/errors.ts';
import {
  type Endpoint,
  formatEndpoint,
  ipVersion,
  parseAddress,
  resolveAddress,
} from '../../../src/socket/address.ts';

const udp = (host: string, port = 323) => ({ kind: 'udp', host, port });
const named = (host: string, port = 323) => ({ kind: 'name', host, port });
const unix = (path: string) => ({ kind: 'unix', path });

describe('parseAddress()', () => {
  it.each([
    ['/run/chrony/chronyd.sock', unix('/run/chrony/chronyd.sock')],
    ['unix:/tmp/a b:1', unix('/tmp/a b:1')],
    ['unix:///run/chrony/chronyd.sock', unix('/run/chrony/chronyd.sock')],
    ['unixgram:///run/chrony/chronyd.sock', unix('/run/chrony/chronyd.sock')],
    ['unixgram:/run/chronyd.sock', unix('/run/chronyd.sock')],
    ['udp://192.0.2.1', udp('192.0.2.1')],
    ['udp://192.0.2.1:10323', udp('192.0.2.1', 10323)],
    ['udp://[::1]:323', udp('::1')],
    ['udp://[fe80::1%eth0]', udp('fe80::1%eth0')],
    ['udp://::1', udp('::1')],
    ['udp://ntp.example.org:1323', named('ntp.example.org', 1323)],
    ['unix', named('unix')],
    ['unixgram', named('unixgram')],
    ['udp', named('udp')],
    ['192.0.2.1', udp('192.0.2.1')],
    ['192.0.2.1:10323', udp('192.0.2.1', 10323)],
    ['::1', udp('::1')],
    ['2001:db8::1', udp('2001:db8::1')],
    ['[2001:db8::1]', udp('2001:db8::1')],
    ['[2001:db8::1]:1', udp('2001:db8::1', 1)],
    ['[fe80::1%eth0]:323', udp('fe80::1%eth0')],
    ['localhost', named('localhost')],
    ['ntp-1.example.org:65535', named('ntp-1.example.org', 65535)],
    ['my_host', named('my_host')],
    ['zeit.bücher.example', named('zeit.bücher.example')],
  ])('reads %s', (address, endpoint) => {
    expect(parseAddress(address)).toEqual(endpoint);
  });

  it.each([
    ['host:', "'' is not a port"],
    ['host:0', "'0' is not a port"],
    ['host:65536', "'65536' is not a port"],
    ['host:ntp', "'ntp' is not a port"],
    ['host:1 ', "'1 ' is not a port"],
    ['[::1]:', "'' is not a port"],
    ['[192.0.2.1]:323', "'192.0.2.1' is not an IPv6 address"],
    ['[::1', 'more than one colon'],
    ['[::1]323', 'more than one colon'],
    ['1:2:3', 'more than one colon'],
    [':323', "'' is not a host name"],
    [' localhost', 'is not a host name'],
    ['http://localhost', "'//localhost' is not a port"],
    ['chronyd.sock/', 'is not a host name'],
    ['unix:chronyd.sock', 'must begin with /'],
    ['unix:', 'must begin with /'],
    ['unix://run/chronyd.sock', 'must begin with /'],
    ['unixgram://', 'must begin with /'],
    ['unixgrams:///run/x', "'///run/x' is not a port"],
    ['udp://', "'' is not a host name"],
    ['udp://host:0', "'0' is not a port"],
    ['udp:///run/chronyd.sock', "'/run/chronyd.sock' is not a host name"],
    ['udp://udp://host', "'//host' is not a port"],
    ['udp:host:323', 'more than one colon'],
    ['tcp://host:323', 'more than one colon'],
    ['/run/\0', 'cannot contain a NUL'],
  ])('rejects %j', (address, reason) => {
    const read = () => parseAddress(address);
    expect(read).toThrow(ChronyConnectionError);
    expect(read).toThrow(expect.objectContaining({ code: 'ERR_CHRONY_ADDRESS' }));
    expect(read).toThrow(`'${address}'`);
    expect(read).toThrow(reason);
    expect(read).toThrow(
      "write '/path', 'unix:/path', 'host', 'host:port' or '[IPv6 address]:port', or a URL like ",
    );
  });
});

describe('resolveAddress()', () => {
  const noLookup = () => expect.fail('unexpected lookup');

  it.each([undefined, ''])('uses the default endpoints for %j', (address) => {
    expect(resolveAddress(address, noLookup)).toEqual([
      unix('/run/chrony/chronyd.sock'),
      unix('/var/run/chrony/chronyd.sock'),
      udp('127.0.0.1'),
      udp('::1'),
    ]);
  });

  it('resolves a name to addresses', async () => {
    const lookUp = async (name: string) => (name === 'a.example' ? ['192.0.2.1', '2001:db8::1'] : []);
    expect(await resolveAddress('a.example:1323', lookUp)).toEqual([
      udp('192.0.2.1', 1323),
      udp('2001:db8::1', 1323),
    ]);
  });

  it.each([
    [4, [unix('/run/chrony/chronyd.sock'), unix('/var/run/chrony/chronyd.sock'), udp('127.0.0.1')]],
    [6, [unix('/run/chrony/chronyd.sock'), unix('/var/run/chrony/chronyd.sock'), udp('::1')]],
  ] as const)('leaves out addresses that are not IPv%i', async (version, usual) => {
    expect(resolveAddress(undefined, noLookup, version)).toEqual(usual);
    expect(resolveAddress('/path', noLookup, version)).toEqual([unix('/path')]);
    const both = ['192.0.2.1', '2001:db8::1', '192.0.2.2', 'fe80::1%eth0'];
    const found = await resolveAddress('a.example', async () => both, version);
    const of4 = [udp('192.0.2.1'), udp('192.0.2.2')];
    expect(found).toEqual(version === 4 ? of4 : [udp('2001:db8::1'), udp('fe80::1%eth0')]);
  });

  it('rejects an address or a name of the other IP version', async () => {
    const read = (): unknown => resolveAddress('[2001:db8::1]:1', noLookup, 4);
    expect(read).toThrow("the address '[2001:db8::1]:1' is not an IPv4 address, but only IPv4 is allowed");
    await expect(resolveAddress('a.example', async () => ['192.0.2.1'], 6)).rejects.toMatchObject({
      code: 'ERR_CHRONY_RESOLVE',
      message: "the name 'a.example' has no IPv6 address, but only IPv6 is allowed",
    });
  });

  it('returns an address unchanged', () => {
    expect(resolveAddress('[2001:db8::1]:1', noLookup)).toEqual([udp('2001:db8::1', 1)]);
  });
});

it.each<[Endpoint, string]>([
  [{ kind: 'unix', path: '/run/chrony/chronyd.sock' }, '/run/chrony/chronyd.sock'],
  [{ kind: 'udp', host: '192.0.2.1', port: 323 }, '192.0.2.1:323'],
  [{ kind: 'udp', host: '2001:db8::1', port: 1323 }, '[2001:db8::1]:1323'],
  [{ kind: 'udp', host: 'fe80::1%eth0', port: 323 }, '[fe80::1%eth0]:323'],
])('formats an endpoint as an address: %o', (endpoint, text) => {
  expect(formatEndpoint(endpoint)).toBe(text);
});

/** An address with one character added, removed or replaced. */
const nearly = fc
  .tuple(fc.oneof(fc.ipV4(), fc.ipV6()), fc.nat(40), fc.constantFrom('', ...'0f:.%[]/@? \n'))
  .map(([address, at, character]) => address.slice(0, at) + character + address.slice(at + 1));

const anything = fc.string({ unit: fc.constantFrom(...'0129afg:.%[]/@?# \t\n') });

it('recognizes the same addresses as Node.js', () => {
  fc.assert(
    fc.property(fc.oneof(fc.ipV4(), fc.ipV4Extended(), fc.ipV6(), nearly, anything), (text) => {
      expect(ipVersion(text)).toBe(isIP(text));
    }),
    { numRuns: 20_000 },
  );
});

it.each([
  ['192.0.2.1', 4],
  ['255.255.255.255', 4],
  ['256.0.0.1', 0],
  ['192.0.2', 0],
  ['192.0.02.1', 0],
  ['::', 6],
  ['2001:DB8::1', 6],
  ['::ffff:192.0.2.1', 6],
  ['fe80::1%eth0', 6],
  ['fe80::1%', 0],
  ['1::2::3', 0],
  ['[::1]', 0],
  ['192.0.2.1:323', 0],
  ['localhost', 0],
  ['', 0],
] as const)('ipVersion(%j) is %i', (text, version) => {
  expect(ipVersion(text)).toBe(version);
});
