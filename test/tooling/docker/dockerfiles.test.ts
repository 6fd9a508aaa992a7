/**
 * The files that the Dockerfiles in docker/ copy and the targets that they make exist. `make test-fresh` and `make build-fresh`
 * build the images.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { Copy, DockerfileParser } from 'dockerfile-ast';
import { describe, expect, it } from 'vitest';
import { targets, whyNot } from '../../support/make.ts';

interface Step {
  readonly name: string;
  readonly args: readonly string[];
  /** For a copy: the image that it copies from, or null for this folder. */
  readonly from: string | null;
}

function read(file: string): readonly Step[] {
  return DockerfileParser.parse(readFileSync(file, 'utf8'))
    .getInstructions()
    .map((instruction) => ({
      name: instruction.getKeyword(),
      args: instruction.getArguments().map((argument) => argument.getValue()),
      from: instruction instanceof Copy ? (instruction.getFromFlag()?.getValue() ?? null) : null,
    }));
}

const of = (steps: readonly Step[], ...names: string[]): readonly Step[] =>
  steps.filter(({ name }) => names.includes(name));

/** True if `apt-cache` can look up the packages of Debian 12. */
const isBookworm = readFileSync('/etc/os-release', 'utf8').includes('VERSION_CODENAME=bookworm');

const files = readdirSync('docker')
  .filter((name) => name.endsWith('.Dockerfile'))
  .map((name) => `docker/${name}`);

it('the folder has Dockerfiles', () => {
  expect(files).toEqual(expect.arrayContaining(['docker/build.Dockerfile', 'docker/test.Dockerfile']));
});

describe.each(files)('%s', (file) => {
  const steps = read(file);

  it('is based on images with a fixed version, and with the same Node.js as the others', () => {
    const images = of(steps, 'FROM').map(({ args: [image = ''] }) => image);
    for (const image of images) expect(image).toMatch(/^scratch$|:(?!latest)/);
    for (const image of images) if (image.startsWith('node:')) expect(image).toMatch(/^node:20[.-]/);
  });

  it('runs existing make targets', () => {
    const made = of(steps, 'RUN', 'CMD').flatMap(({ args }) =>
      targets(args.join(' ').replace(/[[\]",]/g, '')),
    );
    expect(made.map(whyNot).filter((why) => why !== null)).toEqual([]);
  });

  it('copies existing files', () => {
    const sources = of(steps, 'COPY', 'ADD')
      .filter(({ from }) => from === null)
      .flatMap(({ args }) => args.slice(0, -1));
    expect(sources.filter((path) => !existsSync(path))).toEqual([]);
  });

  it('sets a user', () => {
    const last = steps.findLastIndex(({ name }) => name === 'FROM');
    const [image = ''] = steps[last]?.args ?? [];
    const runs = image !== 'scratch' && !image.endsWith(':nonroot');
    expect(of(steps.slice(last), 'USER')).toHaveLength(runs ? 1 : 0);
  });

  const packages = of(steps, 'RUN')
    .map(({ args }) => args.join(' '))
    .flatMap(
      (command) => /apt-get install (?:-\S+ +)*([^&|;]*)/.exec(command)?.[1]?.trim().split(/\s+/) ?? [],
    );

  if (isBookworm && packages.length > 0)
    it('installs packages and versions that Debian 12 has', () => {
      const { stdout } = spawnSync('apt-cache', ['show', ...packages], { encoding: 'utf8' });
      const known = stdout.matchAll(/^Package: (.*)\n(?:.+\n)*?Version: (.*)$/gm);
      const names = new Set([...known].flatMap(([, name, version]) => [name, `${name}=${version}`]));
      expect(packages.filter((name) => !names.has(name))).toEqual([]);
    });
});
