/** The advice for reports that chronyd gives only over its Unix socket: `opencommands`, since chronyd 4.7. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ChronyPermissionError, getServerStats } from '../../../src/index.ts';
import { printed } from '../../integration/cli/support.ts';
import { installedChronyc } from '../../support/chronyc.ts';
import { Chronyd } from '../../support/chronyd.ts';
import { REPORTS } from '../../support/reports.ts';

const own = installedChronyc();
const readmeLine = /^(opencommands .*)$/m.exec(readFileSync('README.md', 'utf8'))?.[1] ?? '';

const GUARDED = ['selectdata', 'authdata', 'ntpdata', 'serverstats'];
const SOURCE = 'server 127.0.0.2 port 9';

it('the message and the README give the same advice', async () => {
  await using chronyd = await Chronyd.start();
  const denied = await getServerStats(chronyd.address).catch((reason: unknown) => reason);
  expect(denied).toBeInstanceOf(ChronyPermissionError);
  const message = denied instanceof Error ? denied.message : '';
  expect(readmeLine).toMatch(/^opencommands /);
  expect(message.split('(chronyd 4.7 or later): ')[1]).toBe(readmeLine);
});

/** The output without its numbers, which change with each request and with time. */
function withoutNumbers(text: string): string {
  return text.replaceAll(/\d+/g, '0');
}

/** The tests of chronyd 4.7 and later. */
function opens(): void {
  it('with this line, gives every report over UDP, to this package and to its chronyc', async () => {
    const config = [readmeLine, SOURCE, 'smoothtime 400 0.01'];
    await using chronyd = await Chronyd.start({ config });
    const overUdp = ['-h', '127.0.0.1', '-p', String(chronyd.commandPort)];
    for (const report of REPORTS.filter((name) => name !== 'rtcdata')) {
      const ours = await printed(chronyd.address, report);
      expect(withoutNumbers(ours), report).toBe(withoutNumbers(await own.print(...overUdp, report)));
    }
    // It has no real-time clock, and reports that instead of denying the request.
    await expect(printed(chronyd.address, 'rtcdata')).rejects.toThrow('not enabled');
  });

  it('without this line, denies the four privileged reports', async () => {
    await using chronyd = await Chronyd.start({ config: [SOURCE] });
    for (const report of GUARDED) {
      await expect(printed(chronyd.address, report), report).rejects.toThrow(ChronyPermissionError);
    }
  });
}

/** The tests of chronyd before 4.7. */
function refuses(): void {
  it('does not start with this line', async () => {
    await expect(Chronyd.start({ config: [readmeLine] })).rejects.toThrow('Invalid directive at line');
  });
}

describe(`chronyd ${own.version}`, own.isSince('4.7') ? opens : refuses);
