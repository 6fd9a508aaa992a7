/** `make audit` fails on findings and on output that is no report, but not if the registry is unavailable. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from '../../system/package/support/build.ts';

/** The part of the output of `npm audit --json` that is read. */
const report = (vulnerabilities: Record<string, object>): object => ({
  auditReportVersion: 2,
  vulnerabilities,
  metadata: {
    vulnerabilities: { total: Object.keys(vulnerabilities).length },
    dependencies: { total: 48 },
  },
});

it.each([
  ['nothing found', report({}), 0, 'x: 0 known vulnerabilities in 48 packages\n'],
  [
    'a finding',
    report({ minimist: { name: 'minimist', severity: 'critical', range: '<1.2.6' } }),
    1,
    'x: minimist <1.2.6: critical\nx: 1 known vulnerabilities in 48 packages\n',
  ],
  [
    'no answer',
    { message: '405 Method Not Allowed', statusCode: 405, error: { summary: '', detail: '' } },
    0,
    'x: NOT audited, as the registry does not answer: 405 Method Not Allowed\n',
  ],
])('%s', (_, output, status, stdout) => {
  const audit = spawnSync(process.execPath, [join(ROOT, 'test/tooling/audit/audit.mjs'), 'x'], {
    input: JSON.stringify(output),
    encoding: 'utf8',
  });
  expect(audit).toMatchObject({ status, stdout, stderr: '' });
});

it('fails on output that is not an npm report', () => {
  const audit = spawnSync(process.execPath, [join(ROOT, 'test/tooling/audit/audit.mjs'), 'x'], {
    input: 'oops',
  });
  expect(audit.status).toBe(1);
});
