/** The advice for the reports that chronyd gives over its Unix socket only: `opencommands`, since 4.7. */
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

it('the message and the README advise the same', async () => {
  await using chronyd = await Chronyd.start();
  const denied = await getServerStats(chronyd.address).catch((reason: unknown) => reason);
  expect(denied).toBeInstanceOf(ChronyPermissionError);
  const message = denied instanceof Error ? denied.message : '';
  expect(readmeLine).toMatch(/^opencommands /);
  expect(message.split('(chronyd 4.7 or later): ')[1]).toBe(readmeLine);
});

/** What both print but for the numbers: each question counts, and time goes on. */
function still(text: string): string {
  return text.replaceAll(/\d+/g, '0');
}

/** Since 4.7. */
function opens(): void {
  it('with that line every report is answered over UDP, to ours as to its chronyc', async () => {
    const config = [readmeLine, SOURCE, 'smoothtime 400 0.01'];
    await using chronyd = await Chronyd.start({ config });
    const overUdp = ['-h', '127.0.0.1', '-p', String(chronyd.commandPort)];
    for (const report of REPORTS.filter((name) => name !== 'rtcdata')) {
      const ours = await printed(chronyd.address, report);
      expect(still(ours), report).toBe(still(await own.print(...overUdp, report)));
    }
    // it has none, and says so rather than that it may not tell
    await expect(printed(chronyd.address, 'rtcdata')).rejects.toThrow('not enabled');
  });

  it('without it the four are denied', async () => {
    await using chronyd = await Chronyd.start({ config: [SOURCE] });
    for (const report of GUARDED) {
      await expect(printed(chronyd.address, report), report).rejects.toThrow(ChronyPermissionError);
    }
  });
}

/** Before. */
function refuses(): void {
  it('it does not start with that line', async () => {
    await expect(Chronyd.start({ config: [readmeLine] })).rejects.toThrow('Invalid directive at line');
  });
}

describe(`chronyd ${own.version}`, own.isSince('4.7') ? opens : refuses);
