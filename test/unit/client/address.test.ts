import { describe, expect, it } from 'vitest';
import { parseAddress, resolveAddress } from '../../../src/client/address.ts';
import { ChronyConnectionError } from '../../../src/errors.ts';

const udp = (host: string, port = 323) => ({ kind: 'udp', host, port });
const unix = (path: string) => ({ kind: 'unix', path });

describe('parseAddress()', () => {
  it.each([
    ['/run/chrony/chronyd.sock', unix('/run/chrony/chronyd.sock')],
    ['unix:/tmp/a b:1', unix('/tmp/a b:1')],
    ['192.0.2.1', udp('192.0.2.1')],
    ['192.0.2.1:10323', udp('192.0.2.1', 10323)],
    ['::1', udp('::1')],
    ['2001:db8::1', udp('2001:db8::1')],
    ['[2001:db8::1]', udp('2001:db8::1')],
    ['[2001:db8::1]:1', udp('2001:db8::1', 1)],
    ['[fe80::1%eth0]:323', udp('fe80::1%eth0')],
    ['localhost', udp('localhost')],
    ['ntp-1.example.org:65535', udp('ntp-1.example.org', 65535)],
    ['my_host', udp('my_host')],
    ['zeit.bücher.example', udp('zeit.bücher.example')],
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
    ['/run/\0', 'cannot contain a NUL'],
  ])('refuses %j', (address, why) => {
    const read = () => parseAddress(address);
    expect(read).toThrow(ChronyConnectionError);
    expect(read).toThrow(expect.objectContaining({ code: 'ERR_CHRONY_ADDRESS' }));
    expect(read).toThrow(`'${address}'`);
    expect(read).toThrow(why);
    expect(read).toThrow("write '/path', 'unix:/path', 'host', 'host:port' or '[IPv6 address]:port'");
  });
});

describe('resolveAddress()', () => {
  const nobody = () => expect.fail('nothing is to be looked up');

  it.each([undefined, ''])('goes through the usual places for %j', (address) => {
    expect(resolveAddress(address, nobody)).toEqual([
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

  it('leaves an address as it is', () => {
    expect(resolveAddress('[2001:db8::1]:1', nobody)).toEqual([udp('2001:db8::1', 1)]);
  });
});
