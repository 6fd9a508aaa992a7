/**
 * Every program in the documents uses what there is, by its types, and runs as it stands there but for the address,
 * against a real chronyd.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Pair, startPair } from '../../support/pair.ts';
import { built } from '../../system/package/support/build.ts';
import { run } from '../../system/package/support/run.ts';
import { blocksIn } from './support/documents.ts';

const programs = blocksIn('js');

let pair: Pair;
let project: string;

beforeAll(async () => {
  pair = await startPair();
  project = mkdtempSync(join(tmpdir(), 'documents-'));
  mkdirSync(join(project, 'node_modules'));
  symlinkSync((await built()).root, join(project, 'node_modules/chrony-wasm'));
  // what an application may have
  for (const name of ['prom-client', '@opentelemetry', '@types']) {
    symlinkSync(resolve('node_modules', name), join(project, 'node_modules', name));
  }
});
afterAll(async () => {
  rmSync(project, { recursive: true, force: true });
  await pair?.[Symbol.asyncDispose]();
});

it('there are programs', () => {
  expect(programs.length).toBeGreaterThanOrEqual(12);
});

it('they are right by their types', async () => {
  const files = programs.map(({ code }, index) => {
    const name = `program${index}.mjs`;
    writeFileSync(join(project, name), code);
    return name;
  });
  const compilerOptions = { module: 'nodenext', target: 'es2023', checkJs: true, strict: true, noEmit: true };
  const config = { compilerOptions: { ...compilerOptions, types: ['node'] }, files };
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify(config));
  const tsc = resolve('node_modules/typescript/bin/tsc');
  const { stdout } = await run(process.execPath, [tsc, '-p', project, '--pretty', 'false']);
  expect(stdout).toBe('');
});

it.each(programs)('$document, $title', async ({ code }) => {
  const { address } = pair.client;
  const script = code
    .replaceAll('127.0.0.1:323', address)
    .replaceAll(/\b(open|get\w+)\(\)/g, (call, name: string) =>
      name === 'open' || new RegExp(`import \\{[^}]*\\b${name}\\b`).test(code)
        ? `${name}('${address}')`
        : call,
    );
  const file = join(project, 'example.mjs');
  writeFileSync(file, script);
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [file]);
  expect(stderr).toBe('');
  expect(stdout).not.toBe('');
});
