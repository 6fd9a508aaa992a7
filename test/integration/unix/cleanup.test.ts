/** A program that ends removes its files from chronyd's directory. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { ROOT } from '../../system/package/support/build.ts';
import { mustRun } from '../../system/package/support/run.ts';

beforeAll(() =>
  mustRun(process.execPath, ['esbuild.config.mjs', 'test/integration/unix/ended.ts'], { cwd: ROOT }),
);

it.each(['SIGINT', 'SIGTERM', 'SIGHUP'])(
  'leaves nothing if its own listener for %s ends it while it waits for a reply',
  async (signal) => {
    const directory = mkdtempSync(join(tmpdir(), 'unix-test-'));
    await mustRun(process.execPath, ['build/ended.js', directory, signal], { cwd: ROOT });
    expect(readdirSync(directory)).toEqual([]);
    rmSync(directory, { recursive: true });
  },
);
