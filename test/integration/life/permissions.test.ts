/** The directory of chronyd's socket becomes inaccessible and accessible again while a program uses chronyd. */
import { chmodSync, cpSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { MAX_CHANNELS } from '../../../src/client/pool.ts';
import { bundle } from '../../support/bundle.ts';
import { Chronyd } from '../../support/chronyd.ts';
import { NOBODY, OtherChronyd } from '../unix/other-chronyd.ts';
import { PASSED, Program } from '../unix/program.ts';
import { findRuntimes, Projects } from '../unix/runtimes.ts';
import type { Account } from './workload.ts';

/** Permissions do not restrict root, so as root the program and chronyd run as another user. */
const isRoot = process.geteuid?.() === 0;

let projects: Projects;
let chronyd: Chronyd | OtherChronyd;

beforeAll(async () => {
  projects = await Projects.make();
  chronyd = isRoot ? await OtherChronyd.start() : await Chronyd.start();
  const program = join(projects.dir(true), 'at-work.mjs');
  cpSync(await bundle('test/integration/life/at-work.ts'), program);
  chmodSync(program, 0o644);
});
afterAll(async () => {
  await chronyd?.[Symbol.asyncDispose]();
  await projects?.[Symbol.asyncDispose]();
});

it('calls fail with errors of this package, and succeed again later', async () => {
  const [runtime] = await findRuntimes();
  if (runtime === undefined) throw new Error('there is always this Node.js');
  const program = new Program(runtime, [chronyd.socketPath], {
    cwd: projects.dir(true),
    file: 'at-work.mjs',
    ...(isRoot ? { user: NOBODY } : {}),
  });
  const { mode } = statSync(chronyd.dir);
  expect(await program.next()).toMatchObject({ failed: 0 });
  try {
    chmodSync(chronyd.dir, 0);
    program.proceed();
    const { failed, kinds } = (await program.next()) as Account;
    expect(failed).toBeGreaterThan(0);
    expect(kinds).toEqual(['ChronyPermissionError', 'ChronyTimeoutError']);
  } finally {
    chmodSync(chronyd.dir, mode & 0o7777);
  }
  program.proceed();
  await program.next();
  program.proceed();
  const last = (await program.next()) as Account;
  expect(last).toMatchObject({ foreign: [], descriptors: 0, listeners: 0 });
  expect(last.answered + last.failed).toBe(last.started);
  expect(await program.ending()).toEqual(PASSED);
  // the directories of sockets that were closed without access could not be removed
  const left = readdirSync(chronyd.dir).filter((name) => name.startsWith('cw-'));
  expect(left.length).toBeLessThanOrEqual(MAX_CHANNELS);
});
