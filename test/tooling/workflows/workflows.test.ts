/** GitHub's workflows are valid by GitHub's schema, run existing make targets, and use the Node.js versions of the tests. */
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
/** The steps that use an action, given without its version. */
const by = ({ steps = [] }: Job, action: string): readonly Step[] =>
  steps.filter(({ uses }) => uses?.replace(/@.*/, '') === action);
/** The commands that a job runs. */
const commands = ({ steps = [] }: Job): readonly string[] => steps.flatMap(({ run }) => run ?? []);

it('finds two workflows', () => expect(files.sort()).toEqual(['release.yml', 'test.yml']));

describe.each(files)('%s', (file) => {
  const { permissions, concurrency, jobs } = workflow(file);

  it('is valid', () => {
    expect(validateWorkflow(readFileSync(`${DIR}/${file}`, 'utf8')).errors).toEqual([]);
  });

  it('has read-only permissions, and does not run twice at the same time', () => {
    expect(permissions).toEqual({ contents: 'read' });
    expect(concurrency).toBeDefined();
  });

  describe.each(Object.entries(jobs).filter(([, { uses }]) => uses === undefined))('%s', (_, job) => {
    it('runs existing make targets, and few other commands', () => {
      const made = commands(job).flatMap(targets);
      expect(made.map(whyNot).filter((why) => why !== null)).toEqual([]);
      const others = commands(job).filter((command) => !command.startsWith('make '));
      for (const command of others)
        expect(command).toMatch(
          /^(apt-get update|docker compose|npm ci|npm stage publish|deno publish|gh release create)\b/,
        );
    });

    it('has a timeout, and uses actions and images of fixed versions', () => {
      expect(job['timeout-minutes']).toBeLessThanOrEqual(60);
      expect(job['runs-on']).toMatch(/-\d/);
      for (const { uses } of job.steps ?? []) if (uses !== undefined) expect(uses).toMatch(/@v\d+$/);
    });

    it('gives no token to the commands that it runs', () => {
      for (const step of by(job, 'actions/checkout'))
        expect(step.with).toEqual({ 'persist-credentials': false });
    });
  });
});

it('runs the tests with the Node.js versions that the tests install', () => {
  const { runtimes } = workflow('test.yml').jobs;
  const node = Object.values(manifest.optionalDependencies).map((version) => version.split('@').at(-1));
  expect(runtimes?.strategy?.matrix).toEqual({ node });
});

describe('the package', () => {
  const { jobs } = workflow('test.yml');
  const { tag, test, sbom, jsr, publish, 'publish-jsr': publishJsr, draft } = workflow('release.yml').jobs;
  /** The inputs of the step that downloads the package from the job that packs it. */
  const download = { name: 'package', path: 'package' };

  it('is packed once, and compared with the source', () => {
    const packing = Object.entries(jobs).filter(([, job]) => by(job, 'actions/upload-artifact').length > 0);
    expect(packing.map(([name]) => name)).toEqual(['package']);
    const [, job = {}] = packing[0] ?? [];
    expect(commands(job).flatMap(targets)).toEqual(['verify-wasm', 'verify-pack']);
    expect(by(job, 'actions/upload-artifact')[0]?.with).toMatchObject({
      name: 'package',
      path: 'build/*.tgz',
    });
  });

  it.each(['test', 'runtimes'])('is tested by the job %s', (name) => {
    const { [name]: job = {} } = jobs;
    expect(job.needs).toBe('package');
    expect(by(job, 'actions/download-artifact').map((step) => step.with)).toEqual([download]);
    const tests = commands(job).filter((command) => command.startsWith('make test'));
    expect(tests).toEqual([expect.stringContaining(' TARBALL=package/*.tgz')]);
  });

  it('is published after it is tested, by a job that runs nothing else', () => {
    expect(test).toEqual({ needs: 'tag', uses: './.github/workflows/test.yml' });
    expect(commands(tag ?? {}).flatMap(targets)).toEqual(['check-release']);
    expect(publish).toMatchObject({ needs: ['test', 'sbom'] });
    expect(publish?.permissions).toEqual({ 'id-token': 'write' });
    expect(publish?.steps).toEqual([
      { uses: expect.stringMatching(/^actions\/download-artifact@/), with: download },
      { run: 'npm stage publish ./package/*.tgz --provenance --access public' },
    ]);
  });

  it('is published to JSR after npm, by a job that runs nothing else, and only if a scope is set', () => {
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

  it('is in the draft of the release, together with its bill of materials', () => {
    expect(commands(sbom ?? {}).flatMap(targets)).toEqual(['sbom']);
    expect(by(sbom ?? {}, 'actions/download-artifact').map((step) => step.with)).toEqual([download]);
    expect(draft).toMatchObject({ needs: ['sbom', 'publish'], permissions: { contents: 'write' } });
    const [command = ''] = commands(draft ?? {});
    expect(command).toMatch(/ --verify-tag --draft .* package\/\*\.tgz sbom\/\*\.json$/);
  });
});

it('npm stages the tarball from its folder, and does not take the path for a repository on GitHub', async () => {
  await using project = await Project.make();
  await mkdir(join(project.dir, 'package'));
  await copyFile(project.tarball, join(project.dir, 'package/chrony-wasm.tgz'));
  const [command = ''] = commands(workflow('release.yml').jobs['publish'] ?? {});
  const dryRun = `${command.replace('--provenance ', '')} --dry-run --offline`;
  const outcome = await run('sh', ['-c', dryRun], { cwd: project.dir });
  expect(outcome).toMatchObject({ status: 0, stdout: expect.stringMatching(/^\+ chrony-wasm@/m) });
});
