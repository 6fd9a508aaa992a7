/** `make prose`: the findings of its rules in documents, comments and messages, and the text that they accept. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'prose-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The exit status and the findings: `file:line finding`. */
function check(files: Readonly<Record<string, string>>) {
  const paths = Object.entries(files).map(([name, text]) => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  });
  const { status, stderr } = spawnSync(process.execPath, ['test/tooling/prose/check.mjs', ...paths], {
    encoding: 'utf8',
  });
  const lines = stderr.split('\n').filter((line) => line.startsWith(folder));
  return { status, findings: lines.map((line) => line.slice(folder.length + 1)) };
}

const GOOD_CODE = `/**
 * Returns the offset of the clock from its sources, in seconds.
 *
 * @param address - the address of chronyd, like \`127.0.0.1:323\`
 */
export const message = (option: string) => \`--probe cannot be used with \${option}\`;
// One request under way keeps the reports in order; a second one would have to wait for the first.
`;
const GOOD_DOCUMENT = `# Clocks

chronyd selects a source again. \`const colour = anew;\` <https://colour.example>

\`\`\`sh
make anew
\`\`\`
`;

it('accepts plain sentences, technical terms and code', () => {
  expect(check({ 'good.ts': GOOD_CODE, 'good.md': GOOD_DOCUMENT })).toEqual({ status: 0, findings: [] });
});

it('finds phrases to avoid, unknown words, British spelling and long sentences, each with its line', () => {
  const long = `The clock ${'is slow and '.repeat(20)}late.\n`;
  const { status, findings } = check({
    'document.md': `# Clocks\n\nIt selects a source\nanew.\n\nThe clock is synchronised.\n\n${long}`,
    'code.ts': [
      '/**\n * Null for those\n * who have no clock.\n */',
      `throw new Error(\`--\${option} makes no sense here\`);`,
      'first(); // The refernce time.',
    ].join('\n'),
    'script.sh': '#!/bin/sh\n\n# Nobody may read it.\n',
    'core.c': '#include <stdio.h>\n/* Whatever the host\n   sends. */\n',
  });
  expect(status).toBe(1);
  expect(findings.sort()).toEqual([
    'code.ts:2 Write: the name of the things',
    'code.ts:5 Write: cannot be used with …; invalid',
    'code.ts:6 Unknown word: refernce',
    'core.c:2 Write: any; the name of the thing',
    'document.md:4 Write: again, from the start',
    'document.md:6 Unknown word: synchronised',
    expect.stringMatching(/^document\.md:8 .*length/),
    'script.sh:3 Write: a user, a client, a viewer; no user',
  ]);
});
