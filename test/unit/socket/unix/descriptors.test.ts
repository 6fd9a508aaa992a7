/** A socket takes over a descriptor that the runtime closes, with a fake C library. */
import { fstatSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { fileDescriptors } from '../../../../src/socket/unix/descriptors.ts';
import { descriptorTargets } from '../../../support/holdings.ts';

const BARE = 1000;
const directory = realpathSync(mkdtempSync(join(tmpdir(), 'unix-test-')));
afterAll(() => rmSync(directory, { recursive: true }));

let calls: unknown[];
let results: { socket: number; dup3: number };

beforeEach(() => {
  calls = [];
  results = { socket: BARE, dup3: 0 };
});

function opening() {
  const record =
    (name: string, result: () => number) =>
    (...args: (number | bigint)[]): number => {
      calls.push([name, ...args.slice(0, 2)]);
      return result();
    };
  return fileDescriptors(
    record('socket', () => results.socket),
    record('dup3', () => results.dup3),
    record('close', () => 0),
    // names the last call
    (call) => new Error(`${call} failed after ${JSON.stringify(calls.at(-1))}`),
  );
}

/** The number of open descriptors for the directory. */
function openDirectories(): number {
  return descriptorTargets().filter((target) => target === directory).length;
}

it('a socket replaces a file opened by Node.js, and is closed like that file', () => {
  const socket = opening().openSocket(1, 2, directory);
  const { fd } = socket;
  expect(fstatSync(fd).isDirectory()).toBe(true);
  expect(openDirectories()).toBe(1);
  expect(calls).toEqual([
    ['socket', 1, expect.any(Number)],
    ['dup3', BARE, fd],
    ['close', BARE],
  ]);
  socket.close();
  expect(() => fstatSync(fd)).toThrow('EBADF');
});

it.each([
  ['socket', []],
  ['dup3', [['close', BARE]]],
] as const)('leaves no descriptor open if %s() fails', (name, closed) => {
  results[name] = -1;
  // the error is from the failed call, not from the close() after it
  expect(() => opening().openSocket(1, 2, directory)).toThrow(`socket failed after ["${name}"`);
  expect(calls.filter((call) => (call as string[])[0] === 'close')).toEqual(closed);
  expect(openDirectories()).toBe(0);
});

it('opens only directories', () => {
  const open = opening();
  const held = open.openDirectory(directory);
  expect(fstatSync(held.fd).isDirectory()).toBe(true);
  held.close();
  expect(() => open.openDirectory('/proc/self/cwd')).toThrow(/ELOOP|ENOTDIR|ENOENT/);
  expect(() => open.openDirectory(join(directory, 'missing'))).toThrow('ENOENT');
});
