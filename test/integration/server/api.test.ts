/** The API: replies checked against their schema, data derived from reports, and unchanged replies. */
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkHealth, getSourceNames, getTracking } from '../../../src/index.ts';
import { scenario, startMockChronyd } from '../../../src/testing/index.ts';
import { scenarios } from '../../../src/testing/scenarios.ts';
import { Chronyd } from '../../support/chronyd.ts';
import { type Pair, startPair } from '../../support/pair.ts';
import { CommandLine } from '../cli/support.ts';
import { type Reply, Serving } from './serving.ts';

const schema = JSON.parse(readFileSync('src/server/api.schema.json', 'utf8'));
const ajv = new Ajv({ strict: true, allowUnionTypes: true, allErrors: true }).addSchema(schema, 'api');
/** All paths of the API. */
const PATHS = Object.keys(schema.definitions).filter((name) => name !== 'error');

let commandLine: CommandLine;
let pair: Pair;
let serving: Serving;

beforeAll(async () => {
  commandLine = await CommandLine.build();
  pair = await startPair();
  serving = await Serving.start(commandLine, '--host', pair.client.socketPath, '--reports', 'all,clients');
  await serving.ready();
});
afterAll(async () => {
  await serving?.[Symbol.asyncDispose]();
  await pair?.[Symbol.asyncDispose]();
});

/** The schema violations in a reply, or null. */
function violations(path: string, { status, text }: Reply): unknown {
  const name = status === 200 ? path : 'error';
  const validate = ajv.getSchema(`api#/definitions/${name.replaceAll('/', '~1')}`);
  if (validate === undefined) throw new Error(`there is no schema for ${name}`);
  return validate(JSON.parse(text)) ? null : validate.errors;
}

describe('the schema', () => {
  it('contains exactly the paths that /api lists', async () => {
    const { reports, derived } = JSON.parse((await serving.ask('/api')).text);
    expect(['/api', ...reports, ...derived].toSorted()).toEqual(PATHS.toSorted());
  });

  it('holds for every reply about a real chronyd', async () => {
    for (const path of PATHS) {
      const reply = await serving.ask(path);
      expect([path, violations(path, reply)]).toEqual([path, null]);
      // this includes empty reports: this chronyd has neither a real-time clock nor manual samples
      expect([path, reply.status]).toEqual([path, 200]);
    }
  });

  it.each(Object.keys(scenarios))('holds for every reply about a mock in the scenario %s', async (name) => {
    await using mock = await startMockChronyd(name as keyof typeof scenarios);
    await using server = await Serving.start(
      commandLine,
      ...['--host', mock.address, '--reports', 'all,clients', '--timeout', '100', '--retries', '0'],
    );
    for (const path of PATHS) expect([path, violations(path, await server.ask(path))]).toEqual([path, null]);
  });

  it('detects properties that are missing, of another type, or unknown', async () => {
    const reply = await serving.ask('/api/tracking');
    const { stratum, ...rest } = JSON.parse(reply.text);
    for (const wrong of [rest, { ...rest, stratum: String(stratum) }, { ...rest, stratum, more: 1 }]) {
      expect(violations('/api/tracking', { ...reply, text: JSON.stringify(wrong) })).not.toBeNull();
    }
  });
});

describe('/api/health', () => {
  it('is the result of checkHealth()', async () => {
    const { state, reasons, figures } = JSON.parse((await serving.ask('/api/health')).text);
    const health = await checkHealth(pair.client.socketPath);
    expect([state, reasons]).toEqual([health.state, health.reasons]);
    const { reference, selected, sources, selectableSources } = figures;
    expect(health.figures).toMatchObject({ reference, selected, sources, selectableSources });
  });

  it('has status 200 even if chronyd is down', async () => {
    await using chronyd = await Chronyd.start();
    await using server = await Serving.start(commandLine, '--host', chronyd.address, '--timeout', '200');
    await chronyd.kill('SIGKILL');
    const { status, text } = await server.ask('/api/health');
    expect([status, JSON.parse(text)]).toEqual([
      200,
      { state: 'critical', reasons: [expect.stringContaining(chronyd.address)], figures: null },
    ]);
    expect((await server.ask('/api/bound')).status).toBe(503);
    expect((await server.ask('/api/names')).status).toBe(503);
  });
});

it('/api/names is the result of getSourceNames()', async () => {
  const names = await getSourceNames(pair.client.socketPath);
  expect(JSON.parse((await serving.ask('/api/names')).text)).toEqual(names.map((each) => ({ ...each })));
  expect(names.map(({ name }) => name)).toEqual(expect.arrayContaining(['127.0.0.2', null]));
});

describe('/api/bound', () => {
  it('is an interval that contains the time, with the error bound of the report', async () => {
    const before = Date.now();
    const { status, text } = await serving.ask('/api/bound');
    const after = Date.now();
    expect(status).toBe(200);
    const bound = JSON.parse(text);
    const [earliest, latest, midpoint, errorBoundNs] = [
      bound.earliest,
      bound.latest,
      bound.midpoint,
      bound.errorBoundNs,
    ].map(BigInt) as [bigint, bigint, bigint, bigint];
    expect([midpoint - earliest, latest - midpoint]).toEqual([errorBoundNs, errorBoundNs + 1_000_000n]);
    // up to a second older, because the reply may be from the last snapshot
    expect(Number(midpoint / 1_000_000n)).toBeGreaterThanOrEqual(before - 1000);
    expect(Number(midpoint / 1_000_000n)).toBeLessThanOrEqual(after);
    const tracking = await getTracking(pair.client.socketPath);
    const least = (Math.abs(tracking.offset) + tracking.rootDelay / 2) * 1e9;
    expect(Number(errorBoundNs)).toBeGreaterThan(least / 2);
    expect(Number(errorBoundNs)).toBeLessThan(1e9);
    expect(bound.status).toBe('synchronized');
  });

  it.each([
    ['while the clock is not synchronized', [], /not synchronized/],
    ['in local mode', ['local stratum 5'], /local mode/],
  ] as const)('is an error with the reason %s', async (_, config, reason) => {
    await using chronyd = await Chronyd.start({ config: [...config] });
    await using server = await Serving.start(commandLine, '--host', chronyd.address);
    const { status, text } = await server.ask('/api/bound');
    expect([status, JSON.parse(text)]).toEqual([
      503,
      { error: { code: 'ERR_CHRONY_NO_BOUND', message: expect.stringMatching(reason) } },
    ]);
  });

  it('is free running without a selected source, and unavailable after 1000 s', async () => {
    const statuses: unknown[] = [];
    for (const age of [500, 1100]) {
      const refTime = Date.now() / 1000 - age;
      const lost = scenario('synchronized', { sources: [], tracking: { refTime } });
      await using mock = await startMockChronyd(lost);
      await using server = await Serving.start(commandLine, '--host', mock.address);
      const { status, text } = await server.ask('/api/bound');
      statuses.push([status, JSON.parse(text).status]);
    }
    expect(statuses).toEqual([
      [200, 'freeRunning'],
      [503, undefined],
    ]);
  });

  it('is off without the reports that it needs', async () => {
    await using server = await Serving.start(
      commandLine,
      '--host',
      pair.client.address,
      '--reports',
      'activity',
    );
    for (const path of ['/api/bound', '/api/names']) {
      const reply = await server.ask(path);
      expect([reply.status, violations(path, reply)]).toEqual([404, null]);
    }
    expect(JSON.parse((await server.ask('/api/health')).text).state).toBe('unknown');
  });
});

describe('an unchanged reply', () => {
  it.each(['/api', '/api/names', '/api/activity', '/api/clients'])('%s is not sent again', async (path) => {
    const first = await serving.ask(path);
    const tag = String(first.headers.etag);
    expect(tag).toMatch(/^W\/"[\w-]+"$/);
    for (const known of [tag, `"other", ${tag}`, tag.replace('W/', ''), '*']) {
      const again = await serving.ask(path, { headers: { 'if-none-match': known } });
      // the clients' counters may change between the requests
      if (path === '/api/clients' && known !== '*' && again.status === 200) {
        expect(again.headers.etag).not.toBe(tag);
        continue;
      }
      expect([known, again.status, again.body.length]).toEqual([known, 304, 0]);
    }
    expect((await serving.ask(path, { headers: { 'if-none-match': '"other"' } })).status).toBe(200);
    const isPersonal = path === '/api/clients';
    expect(first.headers['cache-control']).toBe(isPersonal ? 'no-store' : 'private, no-cache');
  });

  it('is sent again after the report has changed', async () => {
    await using mock = await startMockChronyd();
    await using server = await Serving.start(commandLine, '--host', mock.address);
    const tag = String((await server.ask('/api/activity')).headers.etag);
    const ask = (): Promise<Reply> => server.ask('/api/activity', { headers: { 'if-none-match': tag } });
    expect((await ask()).status).toBe(304);
    mock.scenario = scenario('synchronized', { activity: { online: 77 } });
    await expect.poll(async () => (await ask()).status, { timeout: 10_000 }).toBe(200);
    expect(JSON.parse((await ask()).text).online).toBe(77);
  });

  it('has no tag if it is an error', async () => {
    await using server = await Serving.start(
      commandLine,
      '--host',
      pair.client.address,
      '--reports',
      'activity',
    );
    const { status, headers } = await server.ask('/api/tracking', { headers: { 'if-none-match': '*' } });
    expect([status, headers.etag]).toEqual([404, undefined]);
  });
});
