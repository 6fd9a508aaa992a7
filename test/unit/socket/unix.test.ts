/** The errors for a path before any library is loaded. */
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openUnix } from '../../../src/socket/unix.ts';
import { opening } from './opening.ts';

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'unix-test-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

function open(path: string): Promise<unknown> {
  return opening((listener) => openUnix({ kind: 'unix', path }, listener));
}

it.each<[what: string, make: (path: string) => string, expected: string]>([
  ['missing', (path) => path, 'ENOENT; no socket is there; check that chronyd is running'],
  [
    'a file',
    (path) => {
      writeFileSync(path, '');
      return path;
    },
    'ENOTSOCK; it is not a socket',
  ],
  [
    'inside a file',
    (path) => {
      writeFileSync(path, '');
      return join(path, 'chronyd.sock');
    },
    'ENOTDIR; no socket is there',
  ],
  [
    'a dangling link',
    (path) => {
      symlinkSync(join(directory, 'nothing'), path);
      return path;
    },
    'ENOENT; no socket is there',
  ],
])('fails if the path is %s', async (_, make, expected) => {
  const path = make(join(directory, 'chronyd.sock'));
  await expect(open(path)).rejects.toMatchObject({
    name: 'ChronyConnectionError',
    code: 'ERR_CHRONY_CONNECTION',
    message: expect.stringContaining(`${path}: ${expected}`),
  });
});

it("rejects a path if the client's path in the same directory is too long for an address", async () => {
  // the path of the client socket is longer than the path with a short name
  const path = `/${'d'.repeat(100)}/s`;
  await expect(open(path)).rejects.toMatchObject({
    name: 'ChronyConnectionError',
    code: 'ERR_CHRONY_ADDRESS',
    message: expect.stringMatching(
      /^\/d+\/s: the path has 113 bytes, but .* allow at most \d+; use a shorter/,
    ),
  });
});
