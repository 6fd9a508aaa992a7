/** Help and the manual page, which are generated from the same description. */

import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { COMMANDS, commandSynopsis } from '../../../src/cli/manual/commands.ts';
import { helpFor } from '../../../src/cli/manual/help.ts';
import { allOptions, OPTIONS } from '../../../src/cli/manual/options.ts';
import { spawn } from '../../support/spawn.ts';
import { mustRun, text } from '../../system/package/support/run.ts';
import { CommandLine, printed } from './support.ts';

/** The output of mandoc for a page, with its errors. */
async function mandoc(page: string, ...args: string[]): Promise<string> {
  const child = spawn('mandoc', args, { stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.end(page);
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return output + errors;
}

/** The words of a text, independent of its layout. */
function words(shown: string): string {
  return shown.replaceAll(/\s+/g, ' ');
}

describe('the manual page', () => {
  let page: string;
  let shown: string;
  beforeAll(async () => {
    page = await printed('unused', 'man');
    // a width at which no line is wrapped
    const styled = await mandoc(page, '-T', 'ascii', '-O', 'width=1000');
    // bold is a letter, a backspace and the letter again
    shown = words(styled.split('\b').reduce((before, after) => before.slice(0, -1) + after));
  });

  it('passes mandoc -T lint', async () => {
    const complaints = (await mandoc(page, '-T', 'lint', '-W', 'warning')).split('\n').filter(Boolean);
    // a date would change the page with each build
    expect(complaints.filter((line) => !line.includes('missing date'))).toEqual([]);
  });

  it.each(COMMANDS)('contains the help for $name', (command) => {
    const { name, summary, operands = [], notes = [], example } = command;
    expect(shown).toContain(`${commandSynopsis(command)} ${summary}.`);
    expect(shown).toContain(`Example: chrony-wasm ${example}`);
    const help = words(helpFor(name));
    for (const passage of [
      summary,
      ...notes,
      ...operands.flatMap(({ choices }) => choices?.join(', ') ?? []),
    ]) {
      expect(shown).toContain(words(passage));
      expect(help).toContain(words(passage));
    }
  });

  it.each(allOptions)('contains the help for --$name', ({ name, text: passage }) => {
    expect(shown).toContain(`--${name}`);
    expect(shown).toContain(words(passage));
    expect(words(helpFor(undefined))).toContain(words(passage));
  });
});

describe('the examples', () => {
  let commandLine: CommandLine;
  beforeAll(async () => {
    commandLine = await CommandLine.build();
  });

  it.each(COMMANDS)('of $name has valid arguments', async ({ example }) => {
    const [command = ''] = example.split(' >>');
    // nothing listens there, so the command fails, but not because of its arguments
    const args = command.split(' ');
    const { status, stdout, stderr } = await commandLine.run('-h', '/nowhere', ...args);
    // check prints everything on standard output
    const isCheck = args.includes('check');
    expect(isCheck ? stdout : stderr).not.toContain('--help');
    // fleet --once has the exit statuses of check, and its file of targets does not exist
    const failure = args.includes('--once') ? 3 : isCheck ? 2 : 1;
    expect([0, failure]).toContain(status);
  });

  it('the package contains the page', async () => {
    const page = await mustRun('mandoc', ['-T', 'lint', '-W', 'error', commandLine.manualPage]);
    expect(page).toBe('');
    expect(await readFile(commandLine.manualPage, 'utf8')).toBe(await commandLine.print('man'));
  });
});

it('lists every option once, with a unique name', () => {
  const shorts = allOptions.flatMap((option) => option.short ?? []);
  expect(new Set(shorts).size).toBe(shorts.length);
  expect(allOptions.map(({ name }) => name)).toEqual(Object.keys(OPTIONS));
});
