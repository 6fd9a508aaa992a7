import { constants } from 'node:os';
import { expect, it } from 'vitest';
import {
  errnoLocation,
  Libc,
  mapSignatures,
  type NativeFunction,
  openFirst,
} from '../../../../src/socket/unix/libc.ts';

/** A C library that records its calls. */
function recording(result: number | bigint, errno = 0) {
  const calls: unknown[] = [];
  const functions = mapSignatures(
    (name): NativeFunction =>
      (...args) => {
        calls.push([name, ...args]);
        return result;
      },
  );
  return { calls, libc: new Libc('test', functions, () => errno) };
}

it('passes lengths with the types of C, and returns results as numbers', () => {
  const { calls, libc } = recording(5n);
  const bytes = Uint8Array.of(1, 2, 3);
  expect(libc.send(7, bytes, 64)).toBe(5);
  expect(libc.recv(7, bytes, 64)).toBe(5);
  expect(libc.bind(7, bytes)).toBe(5);
  expect(libc.connect(7, bytes)).toBe(5);
  const address = Uint8Array.of(1, 0, 0, 0);
  const length = Uint32Array.of(4);
  expect(libc.sendTo(7, bytes, 64, address)).toBe(5);
  expect(libc.receiveFrom(7, bytes, 64, address, length)).toBe(5);
  expect(calls.splice(-2)).toEqual([
    ['sendto', 7, bytes, 3n, 64, address, 4],
    ['recvfrom', 7, bytes, 3n, 64, address, new Uint8Array(length.buffer)],
  ]);
  expect(calls).toEqual([
    ['send', 7, bytes, 3n, 64],
    ['recv', 7, bytes, 3n, 64],
    ['bind', 7, bytes, 3],
    ['connect', 7, bytes, 3],
  ]);
});

it('ends a name with a NUL', () => {
  const { calls, libc } = recording(0);
  libc.fchmodat(3, 's', 0o666);
  libc.unlinkat(3, 's');
  expect(calls).toEqual([
    ['fchmodat', 3, Buffer.from('s\0'), 0o666, 0],
    ['unlinkat', 3, Buffer.from('s\0'), 0],
  ]);
});

it.each([
  [constants.errno.EAGAIN, 'EAGAIN'],
  [constants.errno.ECONNREFUSED, 'ECONNREFUSED'],
  [constants.errno.EACCES, 'EACCES'],
  [99_999, 'errno 99999'],
])('maps the error number %d to %s', (errno, name) => {
  expect(recording(-1, errno).libc.lastError()).toBe(name);
});

it('maps the signature of each function once', () => {
  const signatures = mapSignatures((name, result, args) => `${result} ${name}(${args.join()})`);
  expect(signatures.recv).toBe('ssize recv(int,bytes,size,int)');
  expect(signatures.geteuid).toBe('unsigned geteuid()');
  expect(errnoLocation()).toMatch(/^__err/);
});

// only on Linux, the C library has several possible names
it.runIf(process.platform === 'linux')(
  'opens the first C library that exists, or throws the error of the last one',
  () => {
    const tried: string[] = [];
    const open = (file: string): string => {
      tried.push(file);
      if (tried.length < 2) throw new Error(`no ${file}`);
      return file;
    };
    expect(openFirst(open)).toBe(tried[1]);
    const missing = (file: string): never => {
      tried.push(file);
      throw new Error(`no ${file}`);
    };
    expect(() => openFirst(missing)).toThrow(/^no libc\.so$/);
    expect(tried.slice(2)).toHaveLength(3);
  },
);
