/** GitHub's workflows: valid by its schema, made of what make knows, for the runtimes that the tests have. */
import { readdirSync, readFileSync } from 'node:fs';
import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { validateWorkflow } from '@action-validator/core';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { targets, whyNot } from '../../support/make.ts';
import { Project } from '../../system/package/support/build.ts';
import { run } from '../../system/package/support/run.ts';
import manifest from '../../system/runtimes/package.json' with { type: 'json' };

interface Job {
  readonly 'runs-on'?: string;
  readonly 'timeout-minutes'?: number;
  readonly uses?: string;
  readonly needs?: string;
  readonly container?: string | { readonly image: string };
  readonly permissions?: Readonly<Record<string, string>>;
  readonly if?: string;
  readonly strategy?: { readonly matrix: Readonly<Record<string, readonly string[]>> };
  readonly steps?: readonly Step[];
}
interface Step {
  readonly run?: string;
  readonly uses?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}
interface Workflow {
  readonly permissions: Readonly<Record<string, string>>;
  readonly concurrency: object;
  readonly jobs: Readonly<Record<string, Job>>;
}

const DIR = '.github/workflows';
const files = readdirSync(DIR);
const workflow = (file: string): Workflow => parse(readFileSync(`${DIR}/${file}`, 'utf8'));
/** The steps by an action, without its version. */
const by = ({ steps = [] }: Job, action: string): readonly Step[] =>
  steps.filter(({ uses }) => uses?.replace(/@.*/, '') === action);
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
      for (const command of others)
        expect(command).toMatch(
          /^(apt-get update|docker compose|npm ci|npm stage publish|deno publish|gh release create)\b/,
        );
    });

    it('ends, and names versions of what it uses', () => {
      expect(job['timeout-minutes']).toBeLessThanOrEqual(60);
      expect(job['runs-on']).toMatch(/-\d/);
      for (const { uses } of job.steps ?? []) if (uses !== undefined) expect(uses).toMatch(/@v\d+$/);
    });

    it('leaves no token to what it runs', () => {
      for (const step of by(job, 'actions/checkout'))
        expect(step.with).toEqual({ 'persist-credentials': false });
    });
  });
});

it('the tests are run by the Node.js versions that they have', () => {
  const { runtimes } = workflow('test.yml').jobs;
  const node = Object.values(manifest.optionalDependencies).map((version) => version.split('@').at(-1));
  expect(runtimes?.strategy?.matrix).toEqual({ node });
});

describe('the package', () => {
  const { jobs } = workflow('test.yml');
  const { tag, test, sbom, jsr, publish, 'publish-jsr': publishJsr, draft } = workflow('release.yml').jobs;
  /** What takes the package out of the job that packs it. */
  const taking = { name: 'package', path: 'package' };

  it('is packed once, and held against the source', () => {
    const packing = Object.entries(jobs).filter(([, job]) => by(job, 'actions/upload-artifact').length > 0);
    expect(packing.map(([name]) => name)).toEqual(['package']);
    const [, job = {}] = packing[0] ?? [];
    expect(commands(job).flatMap(targets)).toEqual(['verify-wasm', 'verify-pack']);
    expect(by(job, 'actions/upload-artifact')[0]?.with).toMatchObject({
      name: 'package',
      path: 'build/*.tgz',
    });
  });

  it.each(['test', 'runtimes'])('is what the job %s tests', (name) => {
    const { [name]: job = {} } = jobs;
    expect(job.needs).toBe('package');
    expect(by(job, 'actions/download-artifact').map((step) => step.with)).toEqual([taking]);
    const tests = commands(job).filter((command) => command.startsWith('make test'));
    expect(tests).toEqual([expect.stringContaining(' TARBALL=package/*.tgz')]);
  });

  it('is published when it is tested, by a job that runs nothing else', () => {
    expect(test).toEqual({ needs: 'tag', uses: './.github/workflows/test.yml' });
    expect(commands(tag ?? {}).flatMap(targets)).toEqual(['check-release']);
    expect(publish).toMatchObject({ needs: ['test', 'sbom'] });
    expect(publish?.permissions).toEqual({ 'id-token': 'write' });
    expect(publish?.steps).toEqual([
      { uses: expect.stringMatching(/^actions\/download-artifact@/), with: taking },
      { run: 'npm stage publish ./package/*.tgz --provenance --access public' },
    ]);
  });

  it('goes to JSR after npm, out of a job that runs nothing else, and only with a scope', () => {
    expect(jsr).toMatchObject({ if: "vars.JSR_SCOPE != ''", needs: 'test' });
    expect(jsr?.permissions).toBeUndefined();
    expect(commands(jsr ?? {}).flatMap(targets)).toEqual(['jsr']);
    expect(publishJsr).toMatchObject({ needs: ['jsr', 'publish'], permissions: { 'id-token': 'write' } });
    expect(publishJsr?.container).toBe(`denoland/deno:${manifest.dependencies.deno}`);
    expect(publishJsr?.steps).toEqual([
      { uses: expect.stringMatching(/^actions\/download-artifact@/), with: { name: 'jsr', path: 'jsr' } },
      { run: 'deno publish', 'working-directory': 'jsr' },
    ]);
  });

  it('is in the draft of a release, with its bill of materials', () => {
    expect(commands(sbom ?? {}).flatMap(targets)).toEqual(['sbom']);
    expect(by(sbom ?? {}, 'actions/download-artifact').map((step) => step.with)).toEqual([taking]);
    expect(draft).toMatchObject({ needs: ['sbom', 'publish'], permissions: { contents: 'write' } });
    const [command = ''] = commands(draft ?? {});
    expect(command).toMatch(/ --verify-tag --draft .* package\/\*\.tgz sbom\/\*\.json$/);
  });
});

it('npm stages a tarball in a folder, and does not look for a repository of that name', async () => {
  await using project = await Project.make();
  await mkdir(join(project.dir, 'package'));
  await copyFile(project.tarball, join(project.dir, 'package/chrony-wasm.tgz'));
  const [command = ''] = commands(workflow('release.yml').jobs['publish'] ?? {});
  const dryRun = `${command.replace('--provenance ', '')} --dry-run --offline`;
  const outcome = await run('sh', ['-c', dryRun], { cwd: project.dir });
  expect(outcome).toMatchObject({ status: 0, stdout: expect.stringMatching(/^\+ chrony-wasm@/m) });
});
