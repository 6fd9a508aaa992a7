/** GitHub's workflows: valid by its schema, made of what make knows, for the runtimes that the tests have. */
import { readdirSync, readFileSync } from 'node:fs';
import { validateWorkflow } from '@action-validator/core';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import manifest from '../runtimes/package.json' with { type: 'json' };
import { targets, whyNot } from '../support/make.ts';

interface Job {
  readonly 'runs-on'?: string;
  readonly 'timeout-minutes'?: number;
  readonly uses?: string;
  readonly container?: string | { readonly image: string };
  readonly permissions?: Readonly<Record<string, string>>;
  readonly strategy?: { readonly matrix: Readonly<Record<string, readonly string[]>> };
  readonly steps?: readonly { readonly run?: string; readonly uses?: string }[];
}
interface Workflow {
  readonly permissions: Readonly<Record<string, string>>;
  readonly concurrency: object;
  readonly jobs: Readonly<Record<string, Job>>;
}

const DIR = '.github/workflows';
const files = readdirSync(DIR);
const workflow = (file: string): Workflow => parse(readFileSync(`${DIR}/${file}`, 'utf8'));
/** The steps that run something. */
const commands = ({ steps = [] }: Job): readonly string[] => steps.flatMap(({ run }) => run ?? []);

it('there are two', () => expect(files.sort()).toEqual(['release.yml', 'test.yml']));

describe.each(files)('%s', (file) => {
  const { permissions, concurrency, jobs } = workflow(file);

  it('is valid', () => {
    expect(validateWorkflow(readFileSync(`${DIR}/${file}`, 'utf8')).errors).toEqual([]);
  });

  it('may read only, and does not run twice at once', () => {
    expect(permissions).toEqual({ contents: 'read' });
    expect(concurrency).toBeDefined();
  });

  describe.each(Object.entries(jobs).filter(([, { uses }]) => uses === undefined))('%s', (_, job) => {
    it('makes what make knows, and little else', () => {
      const made = commands(job).flatMap(targets);
      expect(made.map(whyNot).filter((why) => why !== null)).toEqual([]);
      const others = commands(job).filter((command) => !command.startsWith('make '));
      for (const command of others) expect(command).toMatch(/^(apt-get update|docker compose|npm publish) /);
    });

    it('ends, and names versions of what it uses', () => {
      expect(job['timeout-minutes']).toBeLessThanOrEqual(60);
      expect(job['runs-on']).toMatch(/-\d/);
      for (const { uses } of job.steps ?? []) if (uses !== undefined) expect(uses).toMatch(/@v\d+$/);
    });
  });
});

it('the tests run in the runtimes that they are for, in the same versions', () => {
  const { runtimes } = workflow('test.yml').jobs;
  const { bun, deno } = manifest.dependencies;
  const node = Object.values(manifest.optionalDependencies).map((version) => version.split('@').at(-1));
  expect(runtimes?.strategy?.matrix).toEqual({ node, bun: [bun], deno: [deno] });
});

it('nothing is published before it is tested, and nothing else may say who it is', () => {
  const jobs = Object.entries(workflow('release.yml').jobs);
  expect(jobs.map(([name]) => name)).toEqual(['test', 'publish']);
  const [, [, publish] = ['', {} as Job]] = jobs;
  expect(publish).toMatchObject({ needs: 'test', permissions: { contents: 'read', 'id-token': 'write' } });
  expect(commands(publish).at(-1)).toBe('npm publish build/*.tgz --provenance --access public');
  const earlier = commands(publish).flatMap(targets);
  expect(earlier).toEqual(expect.arrayContaining(['check-release', 'verify-wasm', 'verify-pack']));
});
