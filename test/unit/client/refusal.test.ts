import { expect, it } from 'vitest';
import { explainRefusal } from '../../../src/client/refusal.ts';
import { type ChronyError, ChronyPermissionError, ChronyTimeoutError } from '../../../src/errors.ts';
import { libraryError, OPEN_REPORT } from '../../../src/sandbox/errors.ts';
import type { Endpoint } from '../../../src/socket/address.ts';
import { noBackend, systemCallError, unixError } from '../../../src/socket/unix/errors.ts';

const UDP: Endpoint = { kind: 'udp', host: '127.0.0.1', port: 323 };
const REMOTE: Endpoint = { kind: 'udp', host: '192.0.2.1', port: 323 };
const UNIX: Endpoint = { kind: 'unix', path: '/run/chrony/chronyd.sock' };
const PATHS = ['/run/chrony/chronyd.sock', '/var/run/chrony/chronyd.sock'];
const refusal = libraryError(9, 'no', 'ntpdata', '127.0.0.1:323');

const withoutKoffi = PATHS.map((path) => noBackend(path, 'no sockets; add koffi'));
const absent = PATHS.map((path) => unixError(path, systemCallError('stat', 'ENOENT')));
const denied = PATHS.map((path) => unixError(path, systemCallError('connect', 'EACCES'), false));

const SKIPPED = "use chronyd's Unix socket, which was tried first: ";

it.each([
  ['no koffi', UDP, withoutKoffi, true, `${SKIPPED}/run/chrony/chronyd.sock: no sockets; add koffi`],
  [
    'denied',
    UDP,
    denied,
    false,
    `${SKIPPED}/run/chrony/chronyd.sock: EACCES; this user may not write to the socket. Run as root or as chrony's user`,
  ],
  [
    'no socket',
    UDP,
    absent,
    true,
    `${SKIPPED}/run/chrony/chronyd.sock: no socket is there; check chronyd's bindcmdaddress; in a container, mount the directory`,
  ],
  [
    'two reasons',
    UDP,
    [absent[0], withoutKoffi[1]],
    true,
    `${SKIPPED}/run/chrony/chronyd.sock: no socket is there; check chronyd's bindcmdaddress; in a container, mount the directory, and /var/run/chrony/chronyd.sock: no sockets; add koffi`,
  ],
  [
    'an address over UDP, root',
    UDP,
    [],
    true,
    "use chronyd's Unix socket: give its path as the address, e.g. /run/chrony/chronyd.sock",
  ],
  [
    'an address over UDP, another user',
    UDP,
    [],
    false,
    "use chronyd's Unix socket, as root or as chrony's user: give its path as the address, e.g. /run/chrony/chronyd.sock",
  ],
  ['another host', REMOTE, [], true, "run the program on that host, over chronyd's Unix socket"],
] as const)('%s', (_, endpoint, skipped, isRoot, advice) => {
  const errors: readonly (ChronyError | undefined)[] = skipped;
  const tried = errors.flatMap((error, i) =>
    error === undefined ? [] : { endpoint: { kind: 'unix', path: PATHS[i] ?? '' } as const, error },
  );
  const error = explainRefusal(refusal, endpoint, tried, isRoot);
  expect(error).toBeInstanceOf(ChronyPermissionError);
  expect(error).toMatchObject({
    message: refusal.message.replace(OPEN_REPORT, `${advice}; or ${OPEN_REPORT}`),
    code: 'ERR_CHRONY_PERMISSION',
    errorCode: 9,
  });
});

it('does not change other errors or a refusal over the Unix socket', () => {
  const timeout = new ChronyTimeoutError('silent');
  expect(explainRefusal(timeout, UDP, [], true)).toBe(timeout);
  expect(explainRefusal(refusal, UNIX, [], true)).toBe(refusal);
});
