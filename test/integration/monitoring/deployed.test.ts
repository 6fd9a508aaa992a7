/**
 * The rules and the dashboard in a real Prometheus. It scrapes `serve`, which queries a real chronyd with a falseticker,
 * a source with NTS, and clients. Each query of the dashboard has data, and the expected alerts fire.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { families } from '../../../src/metrics/families.ts';
import { dashboard } from '../../../src/monitoring/dashboard.ts';
import { Chronyd } from '../../support/chronyd.ts';
import { FedClock } from '../../support/fed-clock.ts';
import { NtsIdentity } from '../../support/nts.ts';
import { freePort } from '../../support/ports.ts';
import { type Alert, Prometheus } from '../../support/prometheus.ts';
import { Started } from '../../support/started.ts';
import { built } from '../../system/package/support/build.ts';
import { CommandLine } from '../cli/support.ts';
import { Serving } from '../server/serving.ts';
import { metricsIn } from './expressions.ts';

/** The falseticker: a reference clock half a second off. */
const FALSE_OFFSET = 0.5;

const started = new Started();
afterAll(() => started[Symbol.asyncDispose]());

let shipped: string;
let client: Chronyd;
let serving: Serving;
let prometheus: Prometheus;
let falseClock: FedClock;

/** Starts an NTP server at its own loopback address: to a client, sources at the same address are one source. */
function startServer(n: number, config: readonly string[]): Promise<Chronyd> {
  const place = [`bindaddress 127.0.0.${n}`, 'local stratum 1'];
  return Chronyd.start({ serve: true, config: [...place, ...config] });
}

beforeAll(async () => {
  shipped = join((await built()).root, 'dist/monitoring');
  const identity = started.keep(new NtsIdentity());
  const ntsPort = await freePort();
  const servers = await Promise.all([
    startServer(1, identity.server(ntsPort)),
    startServer(2, []),
    startServer(3, []),
  ]);
  for (const server of servers) started.keep(server);
  const [first = '', ...others] = servers.map(
    ({ ntpPort }, i) => `server 127.0.0.${i + 1} port ${ntpPort} iburst minpoll -2 maxpoll -1`,
  );
  client = started.keep(
    await Chronyd.start({
      serve: true,
      config: [
        `${first} nts ntsport ${ntsPort}`,
        ...others,
        'refclock SOCK {dir}/false.sock refid GPS poll -2 filter 1',
        // on the loopback the servers' intervals span only microseconds, and might not overlap
        'clockprecision 1e-3',
        // otherwise chronyd trusts only the source with NTS and the reference clock, and neither outvotes the other
        'authselectmode ignore',
        ...identity.client(),
      ],
    }),
  );
  // synchronize with the servers first: a clock that has followed the falseticker is half a second off
  await client.untilSynchronized();
  falseClock = started.keep(await FedClock.start(`${client.dir}/false.sock`, FALSE_OFFSET));
  await client.until(async () => /^#,x,GPS/m.test(await client.chronyc(['sources', '-a'])));
  // a client that polls it continuously
  started.keep(
    await Chronyd.start({ config: [`server 127.0.0.1 port ${client.ntpPort} iburst minpoll -2 maxpoll -1`] }),
  );
  serving = started.keep(await Serving.start(await CommandLine.build(), '--host', client.socketPath));
  // here the alerts wait for seconds instead of minutes; the tests with promtool cover the real times
  const dir = await mkdtemp(join(tmpdir(), 'rules-'));
  started.keep({ [Symbol.asyncDispose]: () => rm(dir, { recursive: true }) });
  const alerts = await readFile(join(shipped, 'alerts.yml'), 'utf8');
  const shortened = join(dir, 'alerts.yml');
  await writeFile(shortened, alerts.replaceAll(/^( +for:) \d+m$/gm, '$1 2s'));
  prometheus = started.keep(
    await Prometheus.start(
      { chrony: new URL('/metrics', serving.url).href },
      [],
      [shortened, join(shipped, 'recording-rules.yml')],
    ),
  );
});

async function firing(): Promise<readonly Alert[]> {
  return (await prometheus.alerts()).filter(({ state }) => state === 'firing');
}

const names = (alerts: readonly Alert[]): readonly (string | undefined)[] =>
  alerts.map(({ labels }) => labels['alertname']).toSorted();

interface Target {
  readonly expr: string;
  readonly legendFormat: string;
}
interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly Target[];
}

const panels = dashboard.panels as readonly Panel[];
const queries = panels.flatMap(({ title, targets = [] }) => targets.map((target) => ({ title, ...target })));

describe('the dashboard', () => {
  it('is the same in the package', async () => {
    const text = await readFile(join(shipped, 'dashboard.json'), 'utf8');
    expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(dashboard)));
  });

  it('has panels with unique IDs that do not overlap', () => {
    expect(panels.length).toBeGreaterThan(20);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const cells = new Map<string, string>();
    for (const { title, gridPos } of panels) {
      expect(gridPos.x + gridPos.w, title).toBeLessThanOrEqual(24);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect(cells.get(`${x},${y}`), title).toBeUndefined();
          cells.set(`${x},${y}`, title);
        }
      }
    }
  });

  it('has rows for all clocks and for a single clock', () => {
    const rows = panels.filter(({ type }) => type === 'row').map(({ title }) => title);
    expect(rows).toEqual(['All clocks', 'Clock $instance', 'Sources of $instance', 'Served by $instance']);
  });

  it.each(queries)('$title ($legendFormat) uses existing metrics and labels', ({ expr, legendFormat }) => {
    const used = metricsIn(expr);
    expect(used.length).toBeGreaterThan(0);
    const labels = ['job', 'instance'];
    for (const { name, matched } of used) {
      const family = families.find((each) => each.name === name);
      expect(family, name).toBeDefined();
      labels.push(...(family?.labels ?? []));
      expect(matched.filter((label) => !labels.includes(label))).toEqual([]);
    }
    const named = Array.from(legendFormat.matchAll(/\{\{(\w+)\}\}/g), ([, label = '']) => label);
    expect(named.filter((label) => !labels.includes(label))).toEqual([]);
  });

  it.each(queries)('$title ($legendFormat) has data', async ({ expr }) => {
    // replaces the variables as Grafana does
    const variables: Readonly<Record<string, string>> = {
      job: 'chrony',
      instance: new URL(serving.url).host,
      __rate_interval: '4s',
    };
    const query = expr.replaceAll(/\$(\w+)/g, (_, name) => variables[name] ?? '');
    expect(query).not.toMatch(/""|\[\]/);
    await expect.poll(() => prometheus.ask(query)).not.toEqual([]);
    for (const { value } of await prometheus.ask(query)) expect(value).not.toBeNaN();
  });

  it('counts the falseticker, and shows client requests and NTS cookies', async () => {
    const shown = async (title: string): Promise<number> => {
      const { expr = '' } = queries.find((each) => each.title === title) ?? {};
      const query = expr
        .replaceAll('$job', 'chrony')
        .replaceAll('$instance', new URL(serving.url).host)
        .replaceAll('$__rate_interval', '10s');
      return (await prometheus.ask(query))[0]?.value ?? Number.NaN;
    };
    expect(await shown('Falsetickers')).toBe(1);
    expect(await shown('Clocks')).toBe(1);
    expect(await shown('State')).toBe(1);
    await expect.poll(() => shown('NTP requests')).toBeGreaterThan(0);
    expect(await shown('NTS cookies')).toBeGreaterThan(0);
  });

  it('has variables with values', async () => {
    const variables = dashboard.templating.list.flatMap((each) =>
      'definition' in each ? [each.definition] : [],
    );
    expect(variables).toEqual([
      'label_values(chrony_up, job)',
      'label_values(chrony_up{job=~"$job"}, instance)',
    ]);
    const [sample] = await prometheus.ask('chrony_up');
    expect(sample?.labels).toMatchObject({ job: 'chrony', instance: new URL(serving.url).host });
  });
});

describe('the recording rules', () => {
  it('have values', async () => {
    const text = await readFile(join(shipped, 'recording-rules.yml'), 'utf8');
    const records = Array.from(text.matchAll(/- record: (\S+)/g), ([, name = '']) => name);
    expect(records).toContain('instance:chrony_clock_error_seconds:abs');
    for (const record of records) {
      await expect.poll(() => prometheus.ask(record)).toHaveLength(1);
    }
    const [error] = await prometheus.ask('instance:chrony_clock_error_seconds:abs');
    expect(error?.value).toBeGreaterThan(0);
    expect(error?.value).toBeLessThan(0.1);
  });
});

describe('the alerts', () => {
  it('include only ChronyFalseticker while chronyd runs', async () => {
    await expect.poll(async () => names(await firing())).toEqual(['ChronyFalseticker']);
    const [alert] = await firing();
    expect(alert?.labels).toEqual({
      alertname: 'ChronyFalseticker',
      severity: 'warning',
      job: 'chrony',
      instance: new URL(serving.url).host,
      source_address: 'GPS',
      source_name: 'GPS',
      source_state: 'falseticker',
      source_mode: 'reference clock',
    });
    expect(alert?.annotations['summary']).toBe(`GPS is a falseticker on ${new URL(serving.url).host}.`);
  });

  it('include only ChronyDown after chronyd has ended', async () => {
    // ends first, because chronyd must read the samples
    await started.end(falseClock);
    await client.stop();
    await expect.poll(async () => names(await firing())).toEqual(['ChronyDown']);
  });

  it('include only ChronyExporterDown after the exporter has ended', async () => {
    serving.kill('SIGTERM');
    await serving.ended;
    await expect.poll(async () => names(await firing())).toEqual(['ChronyExporterDown']);
  });
});
