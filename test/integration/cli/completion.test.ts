/** The completions in the real shells, typed and read on a terminal. */
import { chmod, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { commandNames } from '../../../src/cli/manual/commands.ts';
import { Terminal } from '../../support/terminal.ts';
import { CommandLine } from './support.ts';

let commandLine: CommandLine;
let dir: string;

beforeAll(async () => {
  commandLine = await CommandLine.build();
  dir = await mkdtemp(join(tmpdir(), 'completion-'));
  await symlink(commandLine.program, join(dir, 'chrony-wasm'));
  await chmod(commandLine.program, 0o755);
  await writeFile(
    join(dir, '.zshrc'),
    'PS1="ready> "; autoload -U compinit; compinit -u; eval "$(chrony-wasm completion zsh)"\n',
  );
  await writeFile(join(dir, 'bashrc'), 'PS1="ready> "; eval "$(chrony-wasm completion bash)"\n');
  await writeFile(
    join(dir, 'config.fish'),
    'function fish_prompt; echo -n "ready> "; end; set -g fish_greeting; set -g fish_autosuggestion_enabled 0; chrony-wasm completion fish | source\n',
  );
});
afterAll(async () => {
  await rm(dir, { recursive: true, force: true });
});

const SHELLS = {
  bash: () => ['bash', '--noprofile', '--rcfile', join(dir, 'bashrc'), '-i'],
  zsh: () => ['zsh', '-i'],
  fish: () => ['fish', '--no-config', '-C', `source ${join(dir, 'config.fish')}`],
};

async function shell(name: keyof typeof SHELLS): Promise<Terminal> {
  const terminal = await Terminal.start(SHELLS[name](), {
    columns: 140,
    rows: 50,
    env: {
      HOME: dir,
      ZDOTDIR: dir,
      XDG_CONFIG_HOME: dir,
      XDG_DATA_HOME: dir,
      PATH: `${dir}:${process.env['PATH']}`,
    },
  });
  await terminal.until((screen) => screen.includes('ready>'));
  return terminal;
}

/** Types a command line, presses Tab and waits for the expected completion. */
async function completed(terminal: Terminal, typed: string, expected: string): Promise<void> {
  await terminal.type(`chrony-wasm ${typed}`);
  await terminal.press('Tab');
  await terminal.until((screen) => screen.trimEnd().endsWith(`ready> chrony-wasm ${expected}`));
  await terminal.press('C-c');
  await terminal.until((screen) => /ready>$/.test(screen.trimEnd()));
}

describe.each(Object.keys(SHELLS) as (keyof typeof SHELLS)[])('%s', (name) => {
  it('completes commands, reports, shells and options, and distinguishes option values from commands', async () => {
    await using terminal = await shell(name);
    for (const [typed, expected] of [
      ['track', 'tracking'],
      ['-h 127.0.0.1 -p 323 authd', '-h 127.0.0.1 -p 323 authdata'],
      ['-h 127.0.0.1:323 authd', '-h 127.0.0.1:323 authdata'],
      ['--host=[::1]:323 watch sel', '--host=[::1]:323 watch selectdata'],
      ['--timeout=500 --retries 1 tracki', '--timeout=500 --retries 1 tracking'],
      ['--json wat', '--json watch'],
      ['watch sel', 'watch selectdata'],
      ['-v report rtc', '-v report rtcdata'],
      ['completion fi', 'completion fish'],
      ['help compl', 'help completion'],
      ['--verb', '--verbose'],
      ['watch tracking --inter', name === 'zsh' ? 'watch tracking --interval=' : 'watch tracking --interval'],
    ] as const) {
      await completed(terminal, typed, expected);
    }
  });

  it('lists all commands', async () => {
    await using terminal = await shell(name);
    await terminal.type('chrony-wasm ');
    await terminal.press('Tab', 'Tab');
    await terminal.until((screen) =>
      commandNames.every((command) => new RegExp(`^ *(?:\\S.* )?${command}\\b`, 'm').test(screen)),
    );
  });

  it.each(['-h ', '--host='])('completes a path for %s', async (option) => {
    await using terminal = await shell(name);
    await terminal.type(`chrony-wasm ${option}${dir}/config.f`);
    await terminal.press('Tab');
    await terminal.until((screen) => screen.trimEnd().endsWith(`${option}${dir}/config.fish`));
  });
});
