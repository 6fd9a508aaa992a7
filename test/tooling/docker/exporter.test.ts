/** The steps of the exporter's image, run in a temporary folder, since no Docker engine is available here. */
import { cp, readdir, readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Serving } from '../../integration/server/serving.ts';
import { Chronyd } from '../../support/chronyd.ts';
import { Copy } from '../../system/package/support/build.ts';
import { mustRun, run } from '../../system/package/support/run.ts';

const FILE = 'docker/exporter.Dockerfile';

let copy: Copy;
let chronyd: Chronyd;
let steps: readonly (readonly [name: string, rest: string])[];

/** The local path that stands for a path of the image. */
function localPath(path: string): string {
  return join(copy.temp, 'image', path);
}

/** The JSON list that an instruction has as its argument. */
function list(name: string): readonly string[] {
  const text = steps.find(([step]) => step === name)?.[1] ?? '';
  return JSON.parse(text.slice(text.indexOf('[')));
}

beforeAll(async () => {
  copy = await Copy.make();
  chronyd = await Chronyd.start({ config: ['local stratum 7'] });
  const lines = (await readFile(FILE, 'utf8')).split('\n').filter((line) => /^[A-Z]+ /.test(line));
  steps = lines.map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)] as const);
  for (const [name, rest] of steps) {
    // The copy already has the packages that this step would install from the registry.
    if (name === 'RUN' && !rest.startsWith('npm ci ')) {
      const command = rest.replaceAll(/(?<= )\/opt\//g, (path) => `${localPath(path)}/`);
      await mustRun('sh', ['-c', command], { cwd: copy.root, hangMs: 120_000 });
    } else if (name === 'COPY' && rest.startsWith('--from=build ')) {
      const [, from = '', to = ''] = rest.split(' ');
      const built = join(copy.temp, 'built');
      await rename(localPath(''), built);
      await cp(join(built, from), localPath(to), { recursive: true });
    }
  }
});
afterAll(async () => {
  await chronyd?.stop();
  await copy?.[Symbol.asyncDispose]();
});

/** The program that the image runs. */
function program(): string {
  const [, path = ''] = list('ENTRYPOINT');
  return localPath(path);
}

it('is built from a clone, and needs nothing else', () => {
  const [stage, ...others] = steps.filter(([name, rest]) => name === 'COPY' && !rest.startsWith('--from='));
  expect([stage?.[1], ...others.map(([, rest]) => rest)]).toEqual([
    'package.json package-lock.json ./',
    '. .',
  ]);
});

it('contains only the package and koffi, which opens Unix sockets for it', async () => {
  const modules = dirname(dirname(dirname(program())));
  expect(await readdir(modules)).toEqual(['@koromix', 'chrony-wasm', 'koffi']);
  expect(await readdir(localPath('/opt'))).toEqual(['exporter']);
});

it('serves only this machine by default', () => {
  expect(list('CMD')).toEqual(['serve']);
});

it('is healthy while it serves, and unhealthy afterwards', async () => {
  expect(list('ENTRYPOINT')[0]).toBe(list('HEALTHCHECK')[0]);
  const port = steps.find(([name]) => name === 'EXPOSE')?.[1] ?? '';
  const check = list('HEALTHCHECK').at(-1) ?? '';
  const healthy = async (other: number): Promise<number | null> =>
    (await run(process.execPath, ['-e', check.replace(`:${port}`, `:${other}`)])).status;
  const served = { program: program() };
  await using serving = await Serving.start(served, '--listen', '0.0.0.0:0', '-h', chronyd.address);
  await serving.ready();
  expect(await healthy(serving.port)).toBe(0);
  serving.kill('SIGTERM');
  await serving.ended;
  expect(await healthy(serving.port)).toBe(1);
});

it("also sends requests over chronyd's Unix socket", async () => {
  const command = [program(), 'serverstats', '-h', chronyd.socketPath];
  expect(await mustRun(process.execPath, command, { cwd: '/' })).toMatch(/^NTP packets received /);
});

it('runs as an unprivileged user', () => {
  const images = steps.filter(([name]) => name === 'FROM').map(([, rest]) => rest);
  expect(images.at(-1)).toMatch(/:nonroot$/);
});
