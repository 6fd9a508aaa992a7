/** The image of the exporter, its steps done by hand in a temporary folder: there is no engine for it here. */
import { mkdtempSync, rmSync } from 'node:fs';
import { cp, mkdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { built } from '../package/support/build.ts';
import { mustRun, run } from '../package/support/run.ts';
import { Chronyd } from '../support/chronyd.ts';
import { Serving } from './serving.ts';

const FILE = 'docker/exporter.Dockerfile';

let temp: string;
/** Where `docker build` would be run. */
let source: string;
let steps: readonly (readonly [name: string, rest: string])[];

beforeAll(async () => {
  temp = mkdtempSync(join(tmpdir(), 'image-'));
  source = (await built()).root;
  const lines = (await readFile(FILE, 'utf8')).split('\n').filter((line) => /^[A-Z]+ /.test(line));
  steps = lines.map((line) => [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)] as const);
});
afterAll(() => rmSync(temp, { recursive: true, force: true }));

/** Where a path of the image is here. */
function here(path: string): string {
  return join(temp, 'image', path);
}

function list(name: string): readonly string[] {
  const text = steps.find(([step]) => step === name)?.[1] ?? '';
  return JSON.parse(text.slice(text.indexOf('[')));
}

it('has nothing but the package, and runs it for others to reach, until it is not well', async () => {
  for (const [name, rest] of steps) {
    const [from = '', to = ''] = rest.replace('--from=package ', '').split(' ');
    if (name === 'COPY' && rest.startsWith('--from')) await cp(here(from), here(to), { recursive: true });
    else if (name === 'COPY') {
      await mkdir(here(to), { recursive: true });
      await mustRun('sh', ['-c', `cp ${from} ${here(to)}`], { cwd: source });
    } else if (name === 'RUN')
      await mustRun('sh', ['-c', rest.replaceAll(/(?<= )\/(?:opt|tmp)\//g, (path) => `${here(path)}/`)]);
  }
  const [node = '', program = ''] = list('ENTRYPOINT');
  expect(node).toBe(list('HEALTHCHECK')[0]);
  const inImage = { program: here(program) };
  expect(dirname(dirname(inImage.program))).toBe(here('/opt/chrony-wasm'));
  const [command, ...args] = list('CMD');
  expect(command).toBe('serve');
  expect(args).toEqual(['--listen', `0.0.0.0:${steps.find(([name]) => name === 'EXPOSE')?.[1]}`]);
  const check = list('HEALTHCHECK').at(-1) ?? '';
  await using chronyd = await Chronyd.start();
  const healthy = async (port: number): Promise<number | null> =>
    (await run(process.execPath, ['-e', check.replace(':9123', `:${port}`)])).status;
  let port: number;
  {
    await using serving = await Serving.start(inImage, '--listen', '0.0.0.0:0', '-h', chronyd.address);
    await serving.ready();
    port = serving.port;
    expect(await healthy(port)).toBe(0);
  }
  expect(await healthy(port)).toBe(1);
});

it('runs as nobody in particular', () => {
  const images = steps.filter(([name]) => name === 'FROM').map(([, rest]) => rest);
  expect(images.at(-1)).toMatch(/:nonroot$/);
});
