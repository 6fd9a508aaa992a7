/** The sizes of requests and replies: no reply is longer than its request, and none needs fragments. */
import { execFileSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ExtensionReportName, ReportName } from '../../../src/reports/index.ts';
import { replyLength } from '../../../src/testing/reply.ts';
import { parseRequest } from '../../../src/testing/requests.ts';
import { findChrony } from '../../support/chronyc.ts';
import { mayUnshare, onItsOwn } from '../../support/namespace.ts';
import { address, askedBy, count, lookupReply, requestsFor } from '../../system/native/replies.ts';
import { SandboxPlayer } from '../../system/native/sandbox-player.ts';
import type { Step } from '../../system/native/script.ts';
import { built } from '../../system/package/support/build.ts';

/** The packet size that every host must accept (RFC 791), and the length of the IPv4 and UDP headers. */
const SMALLEST_MTU = 576;
const HEADERS = 20 + 8;

/** The requests that are sent by these steps. */
function requestsOf(...steps: readonly Step[]): Uint8Array[] {
  const player = new SandboxPlayer();
  const playing = player.start();
  const requests: Uint8Array[] = [];
  for (const step of steps) {
    playing.play(step);
    if (player.request !== null && player.request !== requests.at(-1)) requests.push(player.request);
  }
  playing.end();
  return requests;
}

describe.each(Object.keys(requestsFor) as (ReportName | ExtensionReportName)[])('%s', (report) => {
  const expected = requestsFor[report];
  // a record that takes two requests: the first reply contains an address
  const lookup: Step = { step: 'reply', datagram: lookupReply(address(1, 192, 0, 2, 1)) };
  const requests = [
    ...requestsOf({ step: 'record', report, index: 0 }, ...(expected.length > 1 ? [lookup] : [])),
    ...requestsOf({ step: 'count', report }),
  ];

  it('has requests that are exactly as long as their longest reply', () => {
    const codes = requests.map((request) => parseRequest(request)?.code);
    // a batch of clients also contains their number
    const ofCount = report === 'clients' ? expected.map(({ code }) => code) : [count.code];
    const counted = requests.length > expected.length ? ofCount : [];
    expect(codes).toEqual([...expected.map(({ code }) => code), ...counted]);
    for (const request of requests) {
      const { replies } = askedBy(parseRequest(request)?.code ?? 0);
      expect(request.length).toBe(Math.max(...replies.map(replyLength)));
    }
  });

  it('fits into one packet of the smallest MTU in each direction', () => {
    for (const { length } of requests) expect(length).toBeLessThanOrEqual(SMALLEST_MTU - HEADERS);
  });
});

// Only root may change the MTU of a network interface, and only in a namespace does this not affect the machine.
it.runIf(mayUnshare())('every report passes a network with the smallest MTU without fragments', async () => {
  const { root } = await built();
  const program = resolve(import.meta.dirname, 'mtu.mjs');
  const [unshare = '', ...args] = onItsOwn('udp', join(findChrony(), 'bin/chronyd'));
  const command = `ip link set lo mtu ${SMALLEST_MTU} && exec "$@"`;
  const stdout = execFileSync(
    unshare,
    [...args, 'sh', '-c', command, 'sh', process.execPath, program, join(root, 'dist')],
    { encoding: 'utf8', timeout: 60_000 },
  );
  const perSource = { sources: 64, sourcestats: 64, selectdata: 64, authdata: 64, ntpdata: 64 };
  const single = { tracking: 1, activity: 1, serverstats: 1, rtcdata: 1, smoothing: 1 };
  const { chronyd, mocked, ours, control } = JSON.parse(stdout);
  expect(mocked).toEqual({ ...perSource, ...single });
  expect(chronyd).toMatchObject({ tracking: 1, activity: 1, sources: 0, sourcestats: 0 });
  expect(ours).toBe(0);
  expect(control).toBeGreaterThan(0);
});
