/** The declarations of the package, in the TypeScript of another project. */
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Project, ROOT } from './support/build.ts';
import { type Outcome, run } from './support/run.ts';

/** The compilers, by their paths, since the tool that bundles the declarations installs another package of the same name. */
const COMPILERS = {
  'TypeScript 7': join(ROOT, 'node_modules/typescript/bin/tsc'),
  // the first version with `await using`
  'TypeScript 5.2': join(ROOT, 'test/system/bundlers/node_modules/typescript-5.2/bin/tsc'),
};

let project: Project;
let projects = 0;

beforeAll(async () => {
  project = await Project.make();
  for (const name of ['@types', 'undici-types', 'prom-client', '@opentelemetry']) {
    await symlink(join(ROOT, 'node_modules', name), join(project.dir, 'node_modules', name));
  }
});
afterAll(() => project?.[Symbol.asyncDispose]());

const SETTINGS = {
  node16: { module: 'node16', moduleResolution: 'node16' },
  nodenext: { module: 'nodenext', moduleResolution: 'nodenext' },
  bundler: { module: 'esnext', moduleResolution: 'bundler' },
};

/** Type-checks a file as a user's project would. */
async function check(tsc: string, name: string, source: string, settings: object): Promise<Outcome> {
  const dir = join(project.dir, `consumer${projects++}`);
  await mkdir(dir);
  await writeFile(join(dir, name), source);
  const compilerOptions = {
    ...settings,
    target: 'es2022',
    // no DOM
    lib: ['es2022'],
    types: ['node'],
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    noEmit: true,
  };
  await writeFile(join(dir, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: [name] }));
  return run(process.execPath, [tsc, '-p', dir, '--pretty', 'false'], { cwd: dir, hangMs: 180_000 });
}

const FINE: Outcome = { status: 0, signal: null, stdout: '', stderr: '' };

/** Assertions that hold only if the declarations are found: otherwise every type is `any`, and no types are equal. */
const FACTS = `
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type Result<F extends (...args: never[]) => unknown> = ReturnType<F>;
declare function fact<T extends true>(): T;

fact<Equal<Result<typeof chrony.getTracking>, Promise<chrony.TrackingStatus>>>();
fact<Equal<Result<typeof chrony.getSources>, Promise<chrony.Source[]>>>();
fact<Equal<Result<typeof chrony.getSourceStats>, Promise<chrony.SourceStats[]>>>();
fact<Equal<Result<typeof chrony.getSelectData>, Promise<chrony.SelectData[]>>>();
fact<Equal<Result<typeof chrony.getActivity>, Promise<chrony.Activity>>>();
fact<Equal<Result<typeof chrony.getAuthData>, Promise<chrony.AuthData[]>>>();
fact<Equal<Result<typeof chrony.getNtpData>, Promise<chrony.NtpData[]>>>();
fact<Equal<Result<typeof chrony.getServerStats>, Promise<chrony.ServerStats>>>();
fact<Equal<Result<typeof chrony.getRtcData>, Promise<chrony.RtcData | null>>>();
fact<Equal<Result<typeof chrony.getSmoothing>, Promise<chrony.Smoothing | null>>>();

type Connection = chrony.ChronyConnection;
fact<Equal<Result<Connection['getTracking']>, Promise<chrony.TrackingStatus>>>();
fact<Equal<Result<Connection['getRtcData']>, Promise<chrony.RtcData | null>>>();
fact<Equal<Result<Connection['getReport']>, Promise<chrony.ReportField[][]>>>();
fact<Equal<Connection['reports'], readonly string[]>>();
fact<Equal<Result<typeof chrony.ChronyConnection.open>, Promise<Connection>>>();
fact<Equal<Result<typeof chrony.waitUntilSynchronized>, Promise<chrony.TrackingStatus>>>();
type WaitOptions = string | chrony.SynchronizedOptions | undefined;
fact<Equal<Parameters<typeof chrony.waitUntilSynchronized>[0], WaitOptions>>();
fact<Equal<Result<chrony.BoundedClock['waitUntilSynchronized']>, Promise<chrony.BoundedTime>>>();
fact<Equal<Result<chrony.BoundedClock['now']>, chrony.BoundedTime>>();
fact<Equal<chrony.BoundedClock['at'], (epochNs: bigint) => chrony.BoundedTime>>();
fact<Equal<Result<chrony.BoundedTime['toDate']>, Date>>();
fact<Equal<Result<chrony.BoundedTime['toJSON']>, chrony.BoundedTimeJson>>();
fact<Equal<chrony.BoundedTimeJson['earliest'], string>>();
fact<Equal<Parameters<typeof chrony.getTracking>[0], string | chrony.ChronyOptions | undefined>>();

fact<Equal<chrony.TrackingStatus['offset'], number>>();
fact<Equal<chrony.TrackingStatus['referenceIp'], string | null>>();
type Leap = 'normal' | 'insert second' | 'delete second' | 'not synchronized';
fact<Equal<chrony.TrackingStatus['leapStatus'], Leap>>();
fact<Equal<typeof chrony.LeapStatus.INSERT, 'insert second'>>();
fact<Equal<typeof chrony.SourceState.FALSETICKER, 'falseticker'>>();
fact<Equal<chrony.Source['lastSampleAgo'], number | null>>();
fact<Equal<chrony.ChronyError['errorCode'], number | null>>();
fact<Equal<chrony.ReportField['value'], bigint | number | string | chrony.Timespec | null>>();
fact<Equal<Awaited<Result<typeof testing.startMockChronyd>>, testing.MockChronyd>>();
type Collect = Parameters<typeof prometheus.collectChrony>[1];
fact<Equal<Collect, prometheus.ChronyMetricsOptions | undefined>>();
fact<Equal<NonNullable<Collect>['reports'], readonly (chrony.ReportName | 'clients')[] | undefined>>();
fact<Equal<Result<typeof prometheus.collectChrony>, prometheus.ChronyMetrics>>();
fact<Equal<Parameters<typeof opentelemetry.observeChrony>[1], opentelemetry.ChronyMeterOptions | undefined>>();
`;

const MODULE = `
import * as chrony from 'chrony-wasm';
import * as testing from 'chrony-wasm/testing';
import * as opentelemetry from 'chrony-wasm/opentelemetry';
import * as prometheus from 'chrony-wasm/prometheus';
import { metrics } from '@opentelemetry/api';
import { register } from 'prom-client';
${FACTS}
await using mock = await testing.startMockChronyd('synchronized');
const options: chrony.ChronyOptions = { address: mock.address, signal: AbortSignal.timeout(1000) };
await using connection = await chrony.ChronyConnection.open(options);
const cause = await connection.getActivity();
await using scraped = prometheus.collectChrony(register, { address: mock.address, limitMs: 500 });
await using observed = opentelemetry.observeChrony(metrics.getMeter('clock'), { names: 'ntp' });
const error: Error = new chrony.ChronyTimeoutError('', { code: 'ERR_X', cause });
export default error;
`;

/** Typical mistakes, and the compiler's error for each. */
const MISTAKES: readonly (readonly [line: string, code: string])[] = [
  ['chrony.getTracking({ retry: 5 });', 'TS2353'],
  ["chrony.getTracking({ timeoutMs: '5' });", 'TS2322'],
  ['export const sources: Promise<chrony.Source> = chrony.getSources();', 'TS2322'],
  ['export const leap = (await chrony.getTracking()).leap;', 'TS2339'],
  ['(await chrony.getTracking()).stratum = 1;', 'TS2540'],
  ['export const samples = (await chrony.getRtcData()).samples;', 'TS2531'],
  ['new chrony.ChronyConnection();', 'TS2673'],
  ['chrony.waitUntilSynchronized({ maxErrorBoundNs: 1n });', 'TS2353'],
  ["export * from 'chrony-wasm/dist/pool.js';", 'TS2307'],
];

const NEWEST = COMPILERS['TypeScript 7'];

const combinations = Object.entries(COMPILERS).flatMap(([compiler, tsc]) =>
  Object.entries(SETTINGS).map(([name, settings]) => [compiler, name, tsc, settings] as const),
);

it.each(combinations)(
  '%s, moduleResolution %s: the declarations are found, and the assertions hold',
  async (...each) => {
    const [, , tsc, settings] = each;
    expect(await check(tsc, 'index.mts', MODULE, settings)).toEqual(FINE);
  },
);

it.each(Object.entries(SETTINGS))('moduleResolution %s: mistakes are compile errors', async (_, settings) => {
  const lines = ["import * as chrony from 'chrony-wasm';", ...MISTAKES.map(([line]) => line)];
  const { status, stdout } = await check(NEWEST, 'index.mts', lines.join('\n'), settings);
  const errors = stdout.matchAll(/^index\.mts\((\d+),\d+\): error (TS\d+)/gm);
  const refused = Array.from(errors, ([, line, code]) => [lines[Number(line) - 1], code]);
  expect({ status, refused }).toEqual({ status: 1, refused: MISTAKES });
});

const REQUIRING = {
  node10: { module: 'commonjs', moduleResolution: 'node10' },
  node16: SETTINGS.node16,
};

it.each(Object.entries(REQUIRING))(
  'TypeScript 5.2, moduleResolution %s: the package can be required',
  async (_, settings) => {
    const source = `
    import chrony = require('chrony-wasm');
    import testing = require('chrony-wasm/testing');
    import opentelemetry = require('chrony-wasm/opentelemetry');
    import prometheus = require('chrony-wasm/prometheus');
    ${FACTS}`;
    expect(await check(COMPILERS['TypeScript 5.2'], 'index.cts', source, settings)).toEqual(FINE);
  },
);

it('the package can be required from CommonJS', async () => {
  const source = `
    import chrony = require('chrony-wasm');
    import testing = require('chrony-wasm/testing');
    import opentelemetry = require('chrony-wasm/opentelemetry');
    import prometheus = require('chrony-wasm/prometheus');
    ${FACTS}`;
  expect(await check(NEWEST, 'index.cts', source, SETTINGS.nodenext)).toEqual(FINE);
});
