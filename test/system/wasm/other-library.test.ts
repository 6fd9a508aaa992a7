/** The glue relies on nothing but what chrony.h says: it works over another implementation of it. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { Libchrony } from '../../../src/sandbox/instance.ts';
import { Session } from '../../../src/sandbox/session.ts';

const dir = mkdtempSync(join(tmpdir(), 'other-library-'));

it('reads each string of the record, and no more fields than it has room for', async () => {
  const binary = join(dir, 'other.wasm');
  await promisify(execFile)('make', [
    '-s',
    // the rule of wasm/build.mk, but for the list of what is linked
    '--eval=other:\n\temcc $(EMCC_FLAGS) -o $(WASM) $(WASM_SOURCES)',
    '-f',
    'wasm/build.mk',
    'CORE_SOURCES=test/system/wasm/other-library.c',
    `WASM=${binary}`,
    'other',
  ]);
  const session = new Session(new Libchrony(new Uint8Array(readFileSync(binary))), 'here', () => {});
  rmSync(dir, { recursive: true });
  session.requestRecord('other', 0);
  const fields = session.record.toFields();
  expect(fields.slice(0, 3).map(({ value }) => value)).toEqual(['192.0.2.1', '192.0.2.2', 2n]);
  expect(fields).toHaveLength(64);
  expect(new Set(fields.map(({ name }) => name)).size).toBe(64);
}, 120_000);
