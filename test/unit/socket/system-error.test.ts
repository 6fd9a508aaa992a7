import { describe, expect, it } from 'vitest';
import { ChronyConnectionError, ChronyPermissionError } from '../../../src/errors.ts';
import { isDenial, isExhaustion, systemError } from '../../../src/socket/system-error.ts';

/** An error like the ones of Node.js. */
function coded(code: string): Error {
  return Object.assign(new Error(`connect ${code} 192.0.2.1:323`), { code });
}

/** An error like the ones of Deno, without a code. */
const NOT_CAPABLE = Object.assign(new Error('Requires net access'), { name: 'NotCapable' });

describe('a system error', () => {
  it.each([
    ['ECONNREFUSED', 'nothing listens there; check that chronyd is running'],
    ['ENETUNREACH', 'there is no route to that network'],
    ['EHOSTUNREACH', 'there is no route to that host'],
    ['EADDRNOTAVAIL', 'this machine cannot use that address'],
    ['EAFNOSUPPORT', 'does not have that address family enabled'],
    ['EMFILE', 'raise the limit (ulimit -n)'],
    ['ENFILE', 'raise the limit (fs.file-max)'],
    ['EADDRINUSE', 'this machine has no free port left'],
    ['EAGAIN', 'this machine has no free port left'],
    ['EINVAL', 'give a link-local address its zone (fe80::1%eth0), and check the routes'],
    ['EDESTADDRREQ', 'give a link-local address its zone'],
    ['ENOBUFS', 'the system has no memory left for sockets'],
    ['ENOMEM', 'the system has no memory left; free some'],
    ['EMSGSIZE', 'check the MTU of the interface'],
    ['ENETDOWN', 'the network interface is down'],
    ['EHOSTDOWN', 'that host is down'],
    ['ENOPROTOOPT', 'that host does not accept UDP'],
    ['EPROTO', 'reports a protocol error'],
    ['EIO', 'check the address, and the network of this machine'],
  ])('with code %s is a failed connection with advice', (code, advice) => {
    const cause = coded(code);
    const error = systemError('192.0.2.1:323', cause);
    expect(error).toBeInstanceOf(ChronyConnectionError);
    expect(error.code).toBe('ERR_CHRONY_CONNECTION');
    expect(error.message).toContain(`192.0.2.1:323: ${code}; `);
    expect(error.message).toContain(advice);
    expect(error.cause).toBe(cause);
    expect(isDenial(cause)).toBe(false);
  });

  it.each([
    ['EACCES', coded('EACCES'), 'it is a broadcast address, or a route or firewall prohibits it'],
    ['EPERM', coded('EPERM'), 'a firewall of this machine'],
    ['ERR_ACCESS_DENIED', coded('ERR_ACCESS_DENIED'), '--allow-net'],
    ['NotCapable', NOT_CAPABLE, 'Deno: --allow-net'],
  ])('with code or name %s is a permission error', (name, cause, advice) => {
    const error = systemError('/run/chrony/chronyd.sock', cause);
    expect(error).toBeInstanceOf(ChronyPermissionError);
    expect(error.message).toContain(`/run/chrony/chronyd.sock: ${name}; `);
    expect(error.message).toContain(advice);
    expect(error.cause).toBe(cause);
    expect(isDenial(cause)).toBe(true);
  });

  it('without a code keeps its message', () => {
    expect(systemError('192.0.2.1:323', new Error('out of luck')).message).toContain('out of luck; check');
  });
});

it('only a lack of descriptors counts as exhaustion', () => {
  const codes = ['EMFILE', 'ENFILE', 'EADDRINUSE', 'ENOBUFS', 'EACCES'];
  expect(codes.filter((code) => isExhaustion(coded(code)))).toEqual(['EMFILE', 'ENFILE']);
});
