import { expect, it } from 'vitest';
import { type Endpoint, formatEndpoint } from '../../../src/socket/socket.ts';

it.each<[Endpoint, string]>([
  [{ kind: 'unix', path: '/run/chrony/chronyd.sock' }, '/run/chrony/chronyd.sock'],
  [{ kind: 'udp', host: '192.0.2.1', port: 323 }, '192.0.2.1:323'],
  [{ kind: 'udp', host: '2001:db8::1', port: 1323 }, '[2001:db8::1]:1323'],
  [{ kind: 'udp', host: 'fe80::1%eth0', port: 323 }, '[fe80::1%eth0]:323'],
])('an endpoint is written as one would give it: %o', (endpoint, text) => {
  expect(formatEndpoint(endpoint)).toBe(text);
});
