/** What is said of a path before any library is loaded for it. */
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

it.each<[what: string, make: (path: string) => string, said: string]>([
  ['nothing', (path) => path, 'ENOENT; no socket is there; check that chronyd is running'],
  [
    'a file',
    (path) => {
      writeFileSync(path, '');
      return path;
    },
    'ENOTSOCK; it is not a socket',
  ],
  [
    'something in a file',
    (path) => {
      writeFileSync(path, '');
      return join(path, 'chronyd.sock');
    },
    'ENOTDIR; no socket is there',
  ],
  [
    'a link to nothing',
    (path) => {
      symlinkSync(join(directory, 'nothing'), path);
      return path;
    },
    'ENOENT; no socket is there',
  ],
])('where there is %s, there is no connection', async (_, make, said) => {
  const path = make(join(directory, 'chronyd.sock'));
  await expect(open(path)).rejects.toMatchObject({
    name: 'ChronyConnectionError',
    code: 'ERR_CHRONY_CONNECTION',
    message: expect.stringContaining(`${path}: ${said}`),
  });
});

it('a path is too long if ours beside it would not fit into an address', async () => {
  // our own, in a directory beside, is longer than a short name
  const path = `/${'d'.repeat(100)}/s`;
  await expect(open(path)).rejects.toMatchObject({
    name: 'ChronyConnectionError',
    code: 'ERR_CHRONY_ADDRESS',
    message: expect.stringMatching(
      /^\/d+\/s: the path has 113 bytes, but .* allow at most \d+; use a shorter/,
    ),
  });
});
