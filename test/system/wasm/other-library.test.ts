/** The glue relies only on the headers: it works with another implementation of them. */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, expect, it } from 'vitest';
import { Libchrony } from '../../../src/sandbox/instance.ts';
import { Session } from '../../../src/sandbox/session.ts';

const dir = mkdtempSync(join(tmpdir(), 'other-library-'));

let library: Libchrony;

beforeAll(async () => {
  const binary = join(dir, 'other.wasm');
  await promisify(execFile)('make', [
    '-s',
    // the rule of wasm/build.mk, with other files to link
    '--eval=other:\n\temcc $(EMCC_FLAGS) -o $(WASM) $(WASM_SOURCES)',
    '-f',
    'wasm/build.mk',
    'CORE_SOURCES=test/system/wasm/other-library.c',
    `WASM=${binary}`,
    'other',
  ]);
  library = new Libchrony(new Uint8Array(readFileSync(binary)));
  rmSync(dir, { recursive: true });
}, 120_000);

const values = (session: Session): unknown[] => session.record.toFields().map(({ value }) => value);

it('reads each string of the record, and at most as many fields as it has room for', () => {
  const session = new Session(library, 'here', () => {});
  session.requestRecord('other', 0);
  const fields = session.record.toFields();
  expect(fields.slice(0, 3).map(({ value }) => value)).toEqual(['192.0.2.1', '192.0.2.2', 2n]);
  expect(fields).toHaveLength(64);
  expect(new Set(fields.map(({ name }) => name)).size).toBe(64);
});

it('reads each entry, of which only one is selected at a time', () => {
  expect(library.allReports).toEqual(['other', 'clients']);
  const session = new Session(library, 'here', () => {});
  session.requestRecord('clients', 0);
  expect(session.numberEntries).toBe(3);
  for (const i of [0, 2, 1]) {
    session.entry(i);
    const first = 3 + 2 * i;
    expect(values(session)).toEqual([`192.0.2.${first}`, `192.0.2.${first + 1}`, BigInt(102 + 100 * i)]);
  }
  // This entry does not exist: the previous one is still held.
  session.entry(3);
  expect(values(session)).toEqual(['192.0.2.5', '192.0.2.6', 202n]);
});

it('passes an address and the numbers of a request for clients to the library', () => {
  const session = new Session(library, 'here', () => {});
  session.requestRecordOfSource('other', '2001:db8::1');
  expect(values(session)[1]).toBe('2001:db8::1');
  session.requestRecordOfSource('other', 'x'.repeat(100));
  expect(values(session)[1]).toBe('x'.repeat(63));
  session.requestClients(2 ** 32 - 1, 7);
  expect(values(session)[1]).toBe('clients');
});
