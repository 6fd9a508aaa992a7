/** Reports are colored on a terminal and nowhere else. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MockChronyd, ntpSource, scenario, startMockChronyd } from '../../../src/testing/index.ts';
import { Terminal } from '../../support/terminal.ts';
import { CommandLine, printed } from './support.ts';

let commandLine: CommandLine;
let mock: MockChronyd;

beforeAll(async () => {
  commandLine = await CommandLine.build();
  const states = ['selected', 'falseticker', 'nonselectable', 'selectable'] as const;
  const sources = states.map((state, i) => {
    const source = ntpSource(`192.0.2.${i}`);
    return { ...source, source: { ...source.source, state } };
  });
  const tracking = { leapStatus: 'not synchronized', stratum: 0 } as const;
  mock = await startMockChronyd(scenario('synchronized', { sources, tracking }));
});
afterAll(async () => {
  await mock?.close();
});

async function shown(
  command: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Terminal> {
  const terminal = await Terminal.start(
    [process.execPath, commandLine.program, '-h', mock.address, ...command],
    { env },
  );
  expect(await terminal.ended()).toBe(0);
  return terminal;
}

describe('on a terminal, reports', () => {
  it('color the state of each source', async () => {
    await using terminal = await shown(['sources']);
    const styled = await terminal.styledScreen();
    expect(styled).toContain('⟦32m^*⟦39m 192.0.2.0');
    expect(styled).toContain('⟦31m^x⟦39m 192.0.2.1');
    expect(styled).toContain('⟦33m^?⟦39m 192.0.2.2');
    expect(styled).toContain('\n^- 192.0.2.3');
  });

  it('color a clock that is not synchronized', async () => {
    await using terminal = await shown(['tracking']);
    expect(await terminal.styledScreen()).toMatch(/: ⟦31mNot⟦39m ⟦31msynchronised$/);
  });

  it.each([[['sources']], [['tracking']], [['sources', '-v']]])(
    'have the same text as without colors: %j',
    async (args) => {
      await using terminal = await shown(args);
      const plain = (await printed(mock.address, ...args)).replaceAll(/ +$/gm, '').trimEnd();
      expect(await terminal.screen()).toBe(plain);
    },
  );
});

describe('reports are not colored', () => {
  it.each([
    ['with NO_COLOR', ['sources'], { NO_COLOR: '1' }],
    ['on a terminal without colors', ['sources'], { TERM: 'dumb' }],
    ['as CSV', ['-c', 'sources'], {}],
    ['as JSON', ['--json', 'sources'], {}],
  ])('%s', async (_, command, env) => {
    await using terminal = await shown(command, env);
    expect(await terminal.styledScreen()).not.toContain('⟦');
  });

  it('in a pipe', async () => {
    expect(await commandLine.print('-h', mock.address, 'sources')).toBe(
      await printed(mock.address, 'sources'),
    );
  });
});
