/** A DNS server that answers nobody, in every runtime, on a machine of the test's own. */
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findChrony } from '../../support/chronyc.ts';
import { mayUnshare, onItsOwn } from '../../support/namespace.ts';
import { Project } from '../../system/package/support/build.ts';
import { mustRun } from '../../system/package/support/run.ts';
import { bun, deno, node } from '../../system/package/support/runtimes.ts';

const denoForNames = { ...deno, args: ['run', '--quiet', '--no-prompt', '--allow-net'] };

let project: Project;

beforeAll(async () => {
  project = await Project.make();
});
afterAll(() => project?.[Symbol.asyncDispose]());

// Only root may mount another /etc/resolv.conf, by which the system asks a DNS server that never replies.
describe.runIf(mayUnshare()).each([node, bun, denoForNames])('$name', ({ program, args }) => {
  it('gives names up in time, and not those that wait behind them', async () => {
    const [unshare = '', ...others] = onItsOwn('named', join(findChrony(), 'bin/chronyd'));
    const told = await mustRun(unshare, [...others, program, ...args, 'names.mjs'], { cwd: project.dir });
    const outcomes = JSON.parse(told);
    for (const dead of ['dead-1.example', 'dead-2.example']) {
      expect(outcomes[dead].outcome).toBe('ChronyTimeoutError ERR_CHRONY_RESOLVE');
      // timeoutMs and its double are 300 ms; the system itself takes 2 s
      expect(outcomes[dead].ms).toBeGreaterThan(298);
      expect(outcomes[dead].ms).toBeLessThan(1800);
    }
    expect(outcomes['chronyd.example'].outcome).toBe('number');
  });
});
