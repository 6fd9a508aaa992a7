/** The other parts of a release: absolute links in README.md, the bill of materials, and the package for JSR. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Ajv } from 'ajv';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { visit } from 'unist-util-visit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Project } from '../../system/package/support/build.ts';
import { mustRun, run } from '../../system/package/support/run.ts';

const HOME = 'https://github.com/owner/name';
const IMAGES = 'https://raw.githubusercontent.com/owner/name';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'publishing-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

describe('README.md as it is packed', () => {
  const original = readFileSync('README.md', 'utf8');
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  const script = resolve('test/tooling/release/readme.mjs');
  const readme = (): Promise<string> => readFile(join(dir, 'README.md'), 'utf8');

  /** Runs `readme.mjs` in a folder with this package.json. */
  async function change(manifest: object, ...args: readonly string[]): Promise<void> {
    await writeFile(join(dir, 'package.json'), JSON.stringify({ version, ...manifest }));
    await mustRun(process.execPath, [script, ...args], { cwd: dir });
  }

  beforeAll(() => writeFile(join(dir, 'README.md'), original));

  it('is unchanged if package.json has no repository', async () => {
    await change({});
    expect(await readme()).toBe(original);
    await change({}, '--restore');
    expect(await readme()).toBe(original);
  });

  it('otherwise has absolute links to the files of the version, and is restored afterwards', async () => {
    const repository = { type: 'git', url: `git+${HOME}.git` };
    await change({ repository });
    // Run it twice, as after an interrupted run.
    await change({ repository });
    const urls: string[] = [];
    visit(fromMarkdown(await readme()), (node) => {
      if (node.type === 'link' || node.type === 'image') urls.push(node.url);
      if (node.type === 'html')
        urls.push(...Array.from(node.value.matchAll(/(?:src|srcset)="([^"]+)"/g), ([, url = '']) => url));
    });
    const bases = [`${HOME}/blob/v${version}/`, `${IMAGES}/v${version}/`];
    const files = urls.filter((url) => url.includes('owner/name'));
    expect(files.length).toBeGreaterThan(20);
    expect(files.filter((url) => url.startsWith(IMAGES))).toHaveLength(3);
    for (const url of files) {
      const base = bases.find((each) => url.startsWith(each)) ?? '';
      expect(existsSync(url.slice(base.length).replace(/#.*/, '')), url).toBe(true);
    }
    expect(urls.filter((url) => !/^(?:https?:|#)/.test(url))).toEqual([]);
    await change({ repository }, '--restore');
    expect(await readme()).toBe(original);
  });
});

/** The requirements of CycloneDX 1.5 for the parts of this bill. */
const COMPONENT = {
  type: 'object',
  required: ['type', 'name', 'bom-ref', 'licenses'],
  properties: {
    type: { enum: ['library'] },
    name: { type: 'string', minLength: 1 },
    version: { type: 'string', minLength: 1 },
    scope: { enum: ['required'] },
    purl: { type: 'string', pattern: '^pkg:npm/' },
    hashes: {
      type: 'array',
      items: {
        type: 'object',
        required: ['alg', 'content'],
        properties: { alg: { enum: ['SHA-512'] }, content: { type: 'string', pattern: '^[a-f0-9]{128}$' } },
      },
    },
    licenses: {
      type: 'array',
      minItems: 1,
      items: {
        type: 'object',
        required: ['license'],
        properties: { license: { type: 'object', required: ['id'], properties: { id: { type: 'string' } } } },
      },
    },
  },
};
const BILL = {
  type: 'object',
  required: ['bomFormat', 'specVersion', 'serialNumber', 'version', 'metadata', 'components', 'dependencies'],
  properties: {
    bomFormat: { const: 'CycloneDX' },
    specVersion: { const: '1.5' },
    serialNumber: {
      type: 'string',
      pattern: '^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
    },
    version: { type: 'integer', minimum: 1 },
    metadata: {
      type: 'object',
      required: ['timestamp', 'component'],
      properties: {
        timestamp: { type: 'string', pattern: '^\\d{4}-\\d\\d-\\d\\dT.*Z$' },
        component: COMPONENT,
      },
    },
    components: { type: 'array', uniqueItems: true, items: COMPONENT },
    dependencies: {
      type: 'array',
      items: {
        type: 'object',
        required: ['ref', 'dependsOn'],
        properties: { ref: { type: 'string' }, dependsOn: { type: 'array', items: { type: 'string' } } },
      },
    },
  },
};

it('the bill of materials describes the tarball, and lists everything that NOTICE lists', async () => {
  await using project = await Project.make();
  const bill = JSON.parse(
    await mustRun(process.execPath, ['test/tooling/release/sbom.mjs', project.tarball], {
      cwd: process.cwd(),
    }),
  );
  const ajv = new Ajv();
  expect(ajv.validate(BILL, bill), ajv.errorsText()).toBe(true);
  const { component } = bill.metadata;
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  expect(component).toMatchObject({ name: 'chrony-wasm', version, licenses: [{ license: { id: 'MIT' } }] });
  const content = createHash('sha512').update(readFileSync(project.tarball)).digest('hex');
  expect(component.hashes).toEqual([{ alg: 'SHA-512', content }]);
  const headings = readFileSync('NOTICE', 'utf8').matchAll(/^-{20,}\n(\S+)(?: (\d\S+) \((.+)\))?, in /gm);
  const noticed = Array.from(headings, ([, name, of, license]) => [name, of, license ?? 'MIT']);
  expect(noticed.length).toBeGreaterThan(5);
  const listed: readonly Record<string, string & readonly { license: { id: string } }[]>[] = bill.components;
  const rows = listed.map((each) => [each['name'], each['version'], each['licenses']?.[0]?.license.id]);
  expect(rows.sort()).toEqual(noticed.sort());
  const references = [component, ...bill.components].map((each) => each['bom-ref']);
  expect(bill.dependencies.map(({ ref }: { ref: string }) => ref)).toEqual(references);
  expect(bill.dependencies[0].dependsOn).toEqual(references.slice(1));
});

describe('the package for JSR', () => {
  const script = 'test/tooling/release/jsr.mjs';

  it.each([
    ['', 'SCOPE is missing'],
    ['Not A Scope', 'SCOPE is Not A Scope'],
  ])('is not made for the scope %j', async (scope, message) => {
    const { status, stderr } = await run(process.execPath, [script, scope, join(dir, 'none')]);
    expect(status).toBe(1);
    expect(stderr).toContain(message);
    expect(existsSync(join(dir, 'none'))).toBe(false);
  });

  it('passes the checks of JSR, has no slow types, and contains each class once', async () => {
    await using project = await Project.make();
    const checkout = join(dir, 'checkout');
    // declarations built from the current source
    await cp(join(project.installed, 'dist'), join(checkout, 'dist'), { recursive: true });
    for (const name of ['src', 'wasm', 'test/tooling/release', 'third_party'])
      await cp(name, join(checkout, name), { recursive: true });
    for (const name of ['package.json', 'tsconfig.json', 'README.md', 'LICENSE', 'NOTICE', 'CHANGELOG.md'])
      await cp(name, join(checkout, name));
    await mustRun('ln', ['-s', resolve('node_modules'), join(checkout, 'node_modules')]);
    const folder = join(dir, 'jsr');
    await mustRun(process.execPath, [join(checkout, script), 'owner', folder], { cwd: checkout });
    const deno = resolve('test/system/runtimes/node_modules/.bin/deno');
    const env = { ...process.env, DENO_DIR: join(dir, 'deno'), NO_COLOR: '1' };
    const checked = await run(deno, ['publish', '--dry-run', '--allow-dirty'], { cwd: folder, env });
    expect(checked).toMatchObject({ status: 0 });
    expect(checked.stdout + checked.stderr).toContain('Simulating publish of @owner/chrony-wasm@');
    expect(checked.stdout + checked.stderr).not.toContain('slow-type');
    const program = join(dir, 'program.js');
    await writeFile(
      program,
      `import { ChronyTimeoutError, getTracking } from './jsr/index.js';
       import { startMockChronyd } from './jsr/testing/index.js';
       const mock = await startMockChronyd('synchronized');
       console.log((await getTracking(mock.address)).stratum);
       mock.scenario = 'silence';
       const error = await getTracking({ address: mock.address, timeoutMs: 100, retries: 0 }).catch((reason) => reason);
       console.log(error instanceof ChronyTimeoutError);
       await mock.close();`,
    );
    const ran = await run(deno, ['run', '--allow-net', '--allow-read', program], { env });
    expect(ran).toMatchObject({ status: 0, stderr: '', stdout: '3\ntrue\n' });
  });
});
