/**
 * Every JavaScript example of the README runs, as it stands there but for the address, against a real
 * chronyd.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Pair, startPair } from '../support/pair.ts';

const readme = readFileSync('README.md', 'utf8');
const examples = [...readme.matchAll(/^```js\n([\s\S]*?)^```$/gm)].map(({ 1: code = '', index }) => {
  const headings = readme.slice(0, index).match(/^##+ .*$/gm) ?? [];
  return { title: headings.at(-1) ?? '', code };
});

let pair: Pair;
let project: string;

beforeAll(async () => {
  pair = await startPair();
  project = mkdtempSync(join(tmpdir(), 'readme-'));
  mkdirSync(join(project, 'node_modules'));
  symlinkSync(resolve('.'), join(project, 'node_modules/chrony-wasm'));
  // what an application may have
  for (const name of ['prom-client', '@opentelemetry']) {
    symlinkSync(resolve('node_modules', name), join(project, 'node_modules', name));
  }
});
afterAll(async () => {
  rmSync(project, { recursive: true, force: true });
  await pair?.[Symbol.asyncDispose]();
});

it('there are examples', () => {
  expect(examples.length).toBeGreaterThanOrEqual(7);
});

it.each(examples)('$title', async ({ code }) => {
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
