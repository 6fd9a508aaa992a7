/** `watch` on a terminal: the live view. */
import { beforeAll, describe, expect, it } from 'vitest';
import { type MockChronyd, ntpSource, scenario, startMockChronyd } from '../../../src/testing/index.ts';
import { Terminal, type TerminalOptions } from '../../support/terminal.ts';
import { CommandLine, printed } from './support.ts';

let commandLine: CommandLine;

beforeAll(async () => {
  commandLine = await CommandLine.build();
});

/** A mock whose offset grows with each request. */
async function drifting(): Promise<MockChronyd> {
  let requests = 0;
  const withOffset = (offset: number) => scenario('synchronized', { tracking: { offset } });
  const mock: MockChronyd = await startMockChronyd(withOffset(0), {
    intercept: ({ code }) => {
      if (code === 33) mock.scenario = withOffset(++requests * 1e-6);
      return undefined;
    },
  });
  return mock;
}

/**
 * A short interval, and a long timeout: without a reply to the first request there is no view, and a busy machine may
 * be slow to reply.
 */
const QUICK = ['--timeout', '2000', '--retries', '0', '--interval', '0.2'];

function watch(address: string, args: readonly string[], options: TerminalOptions = {}): Promise<Terminal> {
  return Terminal.start(
    [process.execPath, commandLine.program, '-h', address, ...QUICK, 'watch', ...args],
    options,
  );
}

const BARS = /[▁▂▃▄▅▆▇█]/g;

describe('a view that is redrawn in place', () => {
  it('has the title, the report, and a chart of the offset', async () => {
    await using server = await drifting();
    await using terminal = await watch(server.address, ['tracking']);
    const screen = await terminal.until((shown) => (shown.match(BARS) ?? []).length >= 5);
    const [title, empty, ...rest] = screen.split('\n');
    expect(title).toMatch(
      new RegExp(
        `^chrony-wasm watch tracking  ${server.address}, every 0.2 s +\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d UTC$`,
      ),
    );
    expect(title).toHaveLength(100);
    expect(empty).toBe('');
    const report = (await printed(server.address, 'tracking')).split('\n');
    // redrawn in place: the whole report appears once, with the same labels
    expect(rest.slice(0, 13).map((line) => line.slice(0, 18))).toEqual(
      report.slice(0, 13).map((line) => line.slice(0, 18)),
    );
    const chart = rest.slice(13).join('\n').trim();
    expect(chart).toMatch(/^Offset +[▁▂▃▄▅▆▇█]+ {2,}\+\d+(?:ns|us) {2}\(\+\d+(?:ns|us) to \+\d+(?:ns|us)\)$/);
    // the offset grows
    expect(chart.match(BARS)?.at(0)).toBe('▁');
    expect(chart.match(BARS)?.at(-1)).toBe('█');
  });

  it('highlights changed values only', async () => {
    await using server = await drifting();
    await using terminal = await watch(server.address, ['tracking']);
    await terminal.until((shown) => (shown.match(BARS) ?? []).length >= 3);
    const inverse = [...(await terminal.styledScreen()).matchAll(/⟦7m([^⟦]*)/g)].map(([, text]) => text);
    // the reference time may have advanced, too
    expect(inverse.filter((text) => !text?.includes(':'))).toEqual([expect.stringMatching(/^0\.0000\d+$/)]);
  });

  it('shows the sources with their marks, and a chart for each', async () => {
    const sources = [ntpSource('192.0.2.1'), ntpSource('2001:db8:1111:2222:3333:4444:5555:6666')];
    await using server = await startMockChronyd(scenario('synchronized', { sources }));
    await using terminal = await watch(server.address, ['sources', '-v']);
    const screen = await terminal.until((shown) => (shown.match(BARS) ?? []).length >= 4);
    expect(screen).toContain(
      (await printed(server.address, 'sources', '-v')).trimEnd().replaceAll(/ +$/gm, ''),
    );
    expect(screen).toMatch(
      /^Offset\n192\.0\.2\.1 +[▁▂▃▄▅▆▇█]+.*\n2001:db8:1111:2222:3333:4444:5555:6666 +[▁▂▃▄▅▆▇█]/m,
    );
  });

  it('follows added and removed sources', async () => {
    const [a, b] = [ntpSource('192.0.2.1'), ntpSource('192.0.2.2')];
    await using server = await startMockChronyd(scenario('synchronized', { sources: [a] }));
    await using terminal = await watch(server.address, ['sources']);
    await terminal.until((shown) => shown.includes('192.0.2.1'));
    server.scenario = scenario('synchronized', { sources: [a, b] });
    await terminal.until((shown) => /^192\.0\.2\.2 /m.test(shown));
    server.scenario = scenario('synchronized', { sources: [] });
    await terminal.until((shown) => !/^\^. 192/m.test(shown));
  });
});

describe('a terminal', () => {
  const addresses = [1, 2, 3, 4, 5].map((host) => `192.0.2.${host}`);
  const five = scenario('synchronized', { sources: addresses.map((address) => ntpSource(address)) });

  it('that is narrow: lines are truncated, not wrapped', async () => {
    await using server = await startMockChronyd(five);
    await using terminal = await watch(server.address, ['sources'], { columns: 40 });
    const screen = await terminal.until((shown) => shown.includes('Offset'));
    const rows = screen.split('\n').filter((line) => /^[\^=#][*?x~+-] /.test(line));
    expect(rows).toHaveLength(5);
  });

  it('that is low: lines that do not fit are counted', async () => {
    await using server = await startMockChronyd(five);
    await using terminal = await watch(server.address, ['sources'], { rows: 8 });
    const screen = await terminal.until((shown) => shown.includes('more lines than fit here'));
    expect(screen.split('\n')).toHaveLength(8);
    expect(screen).toMatch(/^chrony-wasm watch sources/);
  });

  it.each([
    [1, 1],
    [100, 1],
    [2, 2],
  ])('of %i × %i: nothing overflows, and Ctrl-C restores the screen', async (columns, rows) => {
    await using server = await startMockChronyd(five);
    for (const report of ['tracking', 'sources']) {
      await using terminal = await watch(server.address, [report, '-v'], { columns, rows });
      await terminal.until(async () => (await terminal.tell('#{alternate_on}')) === '1');
      const drawn = server.requests.length;
      await expect.poll(() => server.requests.length).toBeGreaterThan(drawn + 3);
      const shown = (await terminal.screen()).split('\n');
      expect(shown.length).toBeLessThanOrEqual(rows);
      expect(Math.max(...shown.map((line) => line.length))).toBeLessThanOrEqual(columns);
      await terminal.press('C-c');
      expect(await terminal.endedBy()).toBe(2);
      expect(await terminal.tell('#{alternate_on}')).toBe('0');
    }
  });

  it('that is resized to a single character and back', async () => {
    await using server = await startMockChronyd(five);
    await using terminal = await watch(server.address, ['sources', '--interval', '3600']);
    const screen = await terminal.until((shown) => shown.includes('Offset'));
    await terminal.resize(1, 1);
    await terminal.until((shown) => shown.length <= 1);
    await terminal.resize(100, 30);
    expect(await terminal.until((shown) => shown.includes('Offset'))).toBe(screen);
  });

  it('that is resized: lines that fit now appear', async () => {
    await using server = await startMockChronyd(five);
    await using terminal = await watch(server.address, ['sources', '--interval', '3600'], { rows: 8 });
    await terminal.until((shown) => shown.includes('more lines'));
    await terminal.resize(120, 30);
    const screen = await terminal.until((shown) => !shown.includes('more lines'));
    expect(screen.split('\n').filter((line) => /^[\^=#][*?x~+-] /.test(line))).toHaveLength(5);
  });

  it.each([
    ['with colors: the view is colored', {}, true],
    ['with NO_COLOR: the view has no colors', { NO_COLOR: '1' }, false],
  ])('%s', async (_, env, colored) => {
    await using server = await startMockChronyd('unsynchronized');
    await using terminal = await watch(server.address, ['tracking'], { env });
    await terminal.until((shown) => shown.includes('Leap status'));
    const styled = await terminal.styledScreen();
    expect(/⟦(?:\d+;)*3[1-7]m/.test(styled)).toBe(colored);
    expect(styled).toContain('⟦1m');
  });

  it('with ASCII only: the chart is ASCII', async () => {
    await using server = await drifting();
    await using terminal = await watch(server.address, ['tracking'], { env: { LC_ALL: 'C' } });
    const screen = await terminal.until((shown) => /^Offset +[.:=+*#@-]{4,}/m.test(shown));
    expect(screen).toMatch(/^[\x20-\x7e\n]*$/);
  });

  it('without cursor movement gets lines', async () => {
    await using server = await startMockChronyd('synchronized');
    await using terminal = await watch(server.address, ['activity', '--count', '3'], {
      env: { TERM: 'dumb' },
    });
    expect(await terminal.ended()).toBe(0);
    expect(await terminal.screen()).toBe((await printed(server.address, '-c', 'activity')).repeat(3).trim());
  });

  it('gets CSV as lines', async () => {
    await using server = await startMockChronyd('synchronized');
    await using terminal = await watch(server.address, ['-c', 'activity', '--count', '2']);
    expect(await terminal.ended()).toBe(0);
    expect(await terminal.screen()).toBe((await printed(server.address, '-c', 'activity')).repeat(2).trim());
  });
});

describe('the end of the view', () => {
  const inShell = async (address: string, args: readonly string[]): Promise<Terminal> => {
    const terminal = await Terminal.start(['sh'], { env: { PS1: 'ready> ' } });
    await terminal.until((shown) => shown.includes('ready>'));
    await terminal.type('echo before');
    await terminal.press('Enter');
    await terminal.type(
      `"${process.execPath}" "${commandLine.program}" -h ${address} ${QUICK.join(' ')} watch ${args.join(' ')}; echo status $?`,
    );
    await terminal.press('Enter');
    return terminal;
  };

  /**
   * Asks the shell for the status once its screen is restored: when SIGINT ends the program, the shell discards the
   * rest of its line, too.
   */
  const statusAfter = async (terminal: Terminal): Promise<string> => {
    await terminal.until(async () => (await terminal.tell('#{alternate_on} #{cursor_flag}')) === '0 1');
    // the shell prints its prompt later than the screen is restored
    await terminal.until((shown) => shown.trimEnd().endsWith('ready>'));
    await terminal.type('echo status $?');
    await terminal.press('Enter');
    return terminal.until((shown) => /^status \d+$/m.test(shown));
  };

  it('Ctrl-C restores the screen and leaves the last report on it', async () => {
    await using server = await startMockChronyd('synchronized');
    await using terminal = await inShell(server.address, ['tracking']);
    await terminal.until((shown) => shown.includes('Leap status'));
    expect(await terminal.tell('#{alternate_on} #{cursor_flag}')).toBe('1 0');
    await terminal.press('C-c');
    const screen = await statusAfter(terminal);
    expect(screen).toMatch(/^status 130$/m);
    expect(screen).toMatch(/^before$/m);
    expect(screen).toMatch(/^Leap status {5}: Normal$/m);
    expect(await terminal.tell('#{alternate_on} #{cursor_flag}')).toBe('0 1');
  });

  it('Ctrl-Z restores the screen of the shell, and fg returns to the view', async () => {
    await using server = await startMockChronyd('synchronized');
    await using terminal = await inShell(server.address, ['tracking']);
    await terminal.until((shown) => shown.includes('Leap status'));
    await terminal.press('C-z');
    await terminal.until(async () => (await terminal.tell('#{alternate_on}')) === '0');
    expect(await terminal.screen()).toMatch(/^before$/m);
    await terminal.type('fg');
    await terminal.press('Enter');
    await terminal.until(
      async (shown) => shown.includes('Leap status') && (await terminal.tell('#{alternate_on}')) === '1',
    );
    await terminal.press('C-c');
    await terminal.until(async () => (await terminal.tell('#{alternate_on} #{cursor_flag}')) === '0 1');
  });

  it('exits with 0 after --count requests', async () => {
    await using server = await startMockChronyd('synchronized');
    await using terminal = await inShell(server.address, ['tracking', '--count', '2']);
    const screen = await terminal.until((shown) => /^status \d+$/m.test(shown));
    expect(screen).toMatch(/^status 0$/m);
    expect(server.requests.filter(({ code }) => code === 33)).toHaveLength(2);
  });

  it('a failure is shown, and the view continues', async () => {
    await using server = await startMockChronyd('synchronized');
    await using terminal = await inShell(server.address, ['tracking']);
    await terminal.until((shown) => shown.includes('Leap status'));
    server.scenario = 'silence';
    const failed = await terminal.until((shown) => /no answer in 2000 ms/.test(shown));
    // the last report stays visible
    expect(failed).toMatch(/^\d{4}-.* UTC: tracking from .*: no answer in 2000 ms/m);
    expect(failed).toContain('Leap status     : Normal');
    server.scenario = 'synchronized';
    await terminal.until((shown) => !/no answer/.test(shown));
    await terminal.press('C-c');
    expect(await statusAfter(terminal)).toMatch(/^status 130$/m);
  });

  it('an error at the start is one line, without a change of screens', async () => {
    await using server = await startMockChronyd('permission denied');
    await using terminal = await inShell(server.address, ['serverstats']);
    const screen = await terminal.until((shown) => /^status \d+$/m.test(shown));
    expect(screen).toMatch(/^status 1$/m);
    expect(screen).toContain('chrony-wasm: serverstats from');
    expect(screen).toMatch(/^before$/m);
  });
});
