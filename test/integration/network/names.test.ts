/** A DNS server that never replies, in every runtime, in private namespaces. */
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

// Only root may mount another /etc/resolv.conf, which makes the system query a DNS server that never replies.
describe.runIf(mayUnshare()).each([node, bun, denoForNames])('$name', ({ program, args }) => {
  it('times out for names without a reply, and still resolves names that are queued behind them', async () => {
    const [unshare = '', ...others] = onItsOwn('named', join(findChrony(), 'bin/chronyd'));
    const stdout = await mustRun(unshare, [...others, program, ...args, 'names.mjs'], { cwd: project.dir });
    const outcomes = JSON.parse(stdout);
    for (const dead of ['dead-1.example', 'dead-2.example']) {
      expect(outcomes[dead].outcome).toBe('ChronyTimeoutError ERR_CHRONY_RESOLVE');
      // the two tries take 300 ms in total; the system resolver itself takes 2 s
      expect(outcomes[dead].ms).toBeGreaterThan(298);
      expect(outcomes[dead].ms).toBeLessThan(1800);
    }
    expect(outcomes['chronyd.example'].outcome).toBe('number');
  });
});
