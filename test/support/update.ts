/** An update as the server would send it, without a chronyd. */
import { judgeHealth } from '../../src/index.ts';
import type { Update } from '../../src/server/messages.ts';
import {
  makeActivity,
  makeNtpData,
  makeSelectData,
  makeSource,
  makeSourceStats,
  makeTracking,
} from '../../src/testing/index.ts';

export function update(changes: Partial<Update> = {}): Update {
  const time = Date.now() / 1000;
  const tracking = makeTracking({ refTime: time - 20 });
  const sources = [makeSource({ state: 'selected' })];
  return {
    time,
    interval: 1,
    chronyd: '127.0.0.1:323',
    host: 'host.example',
    version: '0.0.0',
    health: judgeHealth(tracking, sources),
    reports: {
      tracking,
      sources,
      sourcestats: [makeSourceStats()],
      selectdata: [makeSelectData()],
      ntpdata: [makeNtpData()],
      activity: makeActivity(),
    },
    failures: {},
    point: [time, tracking.offset, tracking.frequency, tracking.maxError()],
    maxClockErrorPpm: null,
    ...changes,
  };
}

/** An update as a server-sent event. */
export function updateEvent(changes: Partial<Update> = {}): string {
  return `event: update\ndata: ${JSON.stringify(update(changes))}\n\n`;
}
