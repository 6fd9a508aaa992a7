/** Help and the manual page, which are made from one description. */

import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { COMMANDS, commandSynopsis } from '../../../src/cli/manual/commands.ts';
import { helpFor } from '../../../src/cli/manual/help.ts';
import { allOptions, OPTIONS } from '../../../src/cli/manual/options.ts';
import { spawn } from '../../support/spawn.ts';
import { mustRun, text } from '../../system/package/support/run.ts';
import { CommandLine, printed } from './support.ts';

/** What mandoc makes of a page. */
async function mandoc(page: string, ...args: string[]): Promise<string> {
  const child = spawn('mandoc', args, { stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.end(page);
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return output + errors;
}

/** Words only: however they are laid out. */
function words(shown: string): string {
  return shown.replaceAll(/\s+/g, ' ');
}

describe('the manual page', () => {
  let page: string;
  let shown: string;
  beforeAll(async () => {
    page = await printed('unused', 'man');
    // a width at which nothing is broken
    const styled = await mandoc(page, '-T', 'ascii', '-O', 'width=1000');
    // bold is a letter, a backspace and the letter again
    shown = words(styled.split('\b').reduce((before, after) => before.slice(0, -1) + after));
  });

  it('has no fault that mandoc knows of', async () => {
    const complaints = (await mandoc(page, '-T', 'lint', '-W', 'warning')).split('\n').filter(Boolean);
    // a date would make the page another with each build
    expect(complaints.filter((line) => !line.includes('missing date'))).toEqual([]);
  });

  it.each(COMMANDS)('has all that help says of $name', (command) => {
    const { name, summary, operands = [], notes = [], example } = command;
    expect(shown).toContain(`${commandSynopsis(command)} ${summary}.`);
    expect(shown).toContain(`Example: chrony-wasm ${example}`);
    const help = words(helpFor(name));
    for (const said of [summary, ...notes, ...operands.flatMap(({ choices }) => choices?.join(', ') ?? [])]) {
      expect(shown).toContain(words(said));
      expect(help).toContain(words(said));
    }
  });

  it.each(allOptions)('has all that help says of --$name', ({ name, text: said }) => {
    expect(shown).toContain(`--${name}`);
    expect(shown).toContain(words(said));
    expect(words(helpFor(undefined))).toContain(words(said));
  });
});

describe('the examples', () => {
  let commandLine: CommandLine;
  beforeAll(async () => {
    commandLine = await CommandLine.build();
  });

  it.each(COMMANDS)('of $name is understood', async ({ example }) => {
    const [command = ''] = example.split(' >>');
    // nobody listens there: what is wrong is not the arguments
    const args = command.split(' ');
    const { status, stdout, stderr } = await commandLine.run('-h', '/nowhere', ...args);
    // a check tells everything on the standard output
    const isCheck = args.includes('check');
    expect(isCheck ? stdout : stderr).not.toContain('--help');
    // --once of a fleet has the exit statuses of check, and there are no targets in the file that it names
    const failure = args.includes('--once') ? 3 : isCheck ? 2 : 1;
    expect([0, failure]).toContain(status);
  });

  it('the package has the page', async () => {
    const page = await mustRun('mandoc', ['-T', 'lint', '-W', 'error', commandLine.manualPage]);
    expect(page).toBe('');
    expect(await readFile(commandLine.manualPage, 'utf8')).toBe(await commandLine.print('man'));
  });
});

it('every option is listed once, and has a name of its own', () => {
  const shorts = allOptions.flatMap((option) => option.short ?? []);
  expect(new Set(shorts).size).toBe(shorts.length);
  expect(allOptions.map(({ name }) => name)).toEqual(Object.keys(OPTIONS));
});
