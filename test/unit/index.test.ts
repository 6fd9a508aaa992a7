/** The public API. These tests detect accidental changes. */
import { describe, expect, expectTypeOf, it } from 'vitest';
import * as api from '../../src/index.ts';
import * as testing from '../../src/testing/index.ts';
import { startMockChronyd } from '../../src/testing/index.ts';

describe('the exported names', () => {
  it('of chrony-wasm', () => {
    expect(Object.keys(api).sort()).toEqual([
      'Activity',
      'AuthData',
      'AuthKeyType',
      'AuthMode',
      'BoundedClock',
      'ChronyConnection',
      'ChronyConnectionError',
      'ChronyDataError',
      'ChronyError',
      'ChronyLibraryError',
      'ChronyPermissionError',
      'ChronyTimeoutError',
      'ClientAccess',
      'LeapStatus',
      'ManualSample',
      'NtpData',
      'NtpMode',
      'RtcData',
      'SelectData',
      'SelectOption',
      'SelectState',
      'ServerStats',
      'Smoothing',
      'Source',
      'SourceMode',
      'SourceName',
      'SourceState',
      'SourceStats',
      'Timestamping',
      'TrackingStatus',
      'checkHealth',
      'getActivity',
      'getAuthData',
      'getClients',
      'getManualList',
      'getNtpData',
      'getRtcData',
      'getSelectData',
      'getServerStats',
      'getSmoothing',
      'getSourceNames',
      'getSourceStats',
      'getSources',
      'getTracking',
      'judgeHealth',
      'pollMany',
      'waitUntilSynchronized',
      'watchMany',
    ]);
  });

  it('of chrony-wasm/testing', () => {
    expect(Object.keys(testing).sort()).toEqual([
      'makeActivity',
      'makeAuthData',
      'makeClientAccess',
      'makeManualSample',
      'makeNtpData',
      'makeRtcData',
      'makeSelectData',
      'makeServerStats',
      'makeSmoothing',
      'makeSource',
      'makeSourceName',
      'makeSourceStats',
      'makeTracking',
      'nearestFloat',
      'ntpSource',
      'referenceClock',
      'scenario',
      'scenarioNames',
      'startMockChronyd',
      'testTime',
    ]);
  });

  it('of a connection', async () => {
    await using mock = await startMockChronyd();
    const connection = await api.ChronyConnection.open(mock.address);
    const methods = Object.getOwnPropertyNames(api.ChronyConnection.prototype).sort();
    expect(methods).toEqual([
      'address',
      'close',
      'constructor',
      'getActivity',
      'getAuthData',
      'getClients',
      'getManualList',
      'getNtpData',
      'getReport',
      'getReports',
      'getRtcData',
      'getSelectData',
      'getServerStats',
      'getSmoothing',
      'getSourceName',
      'getSourceNames',
      'getSourceStats',
      'getSources',
      'getTracking',
      'watch',
    ]);
    expect(Symbol.asyncDispose in connection).toBe(true);
    expect(connection.reports).toHaveLength(10);
    expect(connection.address).toBe(mock.address);
    await connection.close();
  });

  it('of a bounded clock', async () => {
    await using mock = await startMockChronyd();
    await using clock = await api.BoundedClock.start(mock.address);
    const methods = Object.getOwnPropertyNames(api.BoundedClock.prototype).sort();
    expect(methods).toEqual([
      'after',
      'at',
      'before',
      'close',
      'constructor',
      'maxClockErrorPpm',
      'now',
      'off',
      'on',
      'once',
      'reason',
      'status',
      'waitUntilAfter',
      'waitUntilSynchronized',
    ]);
    expect(Object.keys(clock.now())).toEqual([
      'earliest',
      'latest',
      'midpoint',
      'errorBoundNs',
      'status',
      'asOfAgeMs',
    ]);
  });
});

describe('the properties of the data classes, in order', () => {
  const tests = ['test1', 'test2', 'test3', 'test5', 'test6', 'test7', 'testA', 'testB', 'testC', 'testD'];

  it.each<[{ toString(): string }, object, string]>([
    [
      api.TrackingStatus,
      testing.makeTracking(),
      'referenceId referenceIdName referenceIp stratum leapStatus refTime offset lastOffset rmsOffset frequency residualFreq skew rootDelay rootDispersion updateInterval',
    ],
    [
      api.Source,
      testing.makeSource(),
      'address name poll stratum state mode flags reachability lastSampleAgo origLatestMeas latestMeas latestMeasErr',
    ],
    [
      api.SourceStats,
      testing.makeSourceStats(),
      'referenceId address samples runs span stdDev residFreq skew offset offsetErr',
    ],
    [api.SourceName, testing.makeSourceName(), 'address name'],
    [
      api.ClientAccess,
      testing.makeClientAccess(),
      'address ntpHits ntpDrops ntpInterval ntpTimeoutInterval lastNtpHitAgo ntsKeHits ntsKeDrops ntsKeInterval lastNtsKeHitAgo commandHits commandDrops commandInterval lastCommandHitAgo',
    ],
    [api.ManualSample, testing.makeManualSample(), 'time slewedOffset originalOffset residual'],
    [api.RtcData, testing.makeRtcData(), 'refTime samples runs span offset freqOffset'],
    [
      api.SelectData,
      testing.makeSelectData(),
      'referenceId address state authenticated leapStatus configuredOptions effectiveOptions lastSampleAgo score lowLimit highLimit',
    ],
    [api.Activity, testing.makeActivity(), 'online offline burstOnline burstOffline unresolved'],
    [
      api.AuthData,
      testing.makeAuthData(),
      'address mode keyType keyId keyLength keAttempts lastKeAgo cookies cookieLength nak',
    ],
    [
      api.NtpData,
      testing.makeNtpData(),
      'remoteAddress localAddress remotePort leapStatus version mode stratum poll precision rootDelay rootDispersion referenceId refTime offset peerDelay peerDispersion responseTime jitterAsymmetry tests interleaved authenticated txTimestamping rxTimestamping txCount rxCount validCount goodCount kernelTxCount kernelRxCount hardwareTxCount hardwareRxCount',
    ],
    [
      api.ServerStats,
      testing.makeServerStats(),
      'ntpReceived ntpDropped commandReceived commandDropped logDropped ntsKeAccepted ntsKeDropped ntpAuthenticated ntpInterleaved timestampsHeld timestampSpan daemonRx daemonTx kernelRx kernelTx hardwareRx hardwareTx',
    ],
    [
      api.Smoothing,
      testing.makeSmoothing(),
      'active leapOnly offset frequency wander lastUpdateAgo remainingTime',
    ],
  ])('%o', (_, object, properties) => {
    expect(Object.keys(object)).toEqual(properties.split(' '));
    expect(JSON.parse(JSON.stringify(object))).toEqual({ ...object });
  });

  it('include the tests of NtpData', () => {
    expect(Object.keys(testing.makeNtpData().tests)).toEqual(tests);
  });

  it('include their methods', () => {
    expectTypeOf<api.TrackingStatus['isSynchronized']>().toEqualTypeOf<() => boolean>();
    expectTypeOf<api.TrackingStatus['isLocal']>().toEqualTypeOf<() => boolean>();
    expectTypeOf<api.TrackingStatus['isLeapPending']>().toEqualTypeOf<() => boolean>();
    expectTypeOf<api.TrackingStatus['maxError']>().toEqualTypeOf<(options?: api.MaxErrorOptions) => number>();
    expectTypeOf<api.Source['isReachable']>().toEqualTypeOf<() => boolean>();
    expectTypeOf<api.Source['isSelected']>().toEqualTypeOf<() => boolean>();
    expectTypeOf<api.SourceStats['hasSufficientSamples']>().toEqualTypeOf<(minimum?: number) => boolean>();
    expectTypeOf<api.RtcData['isCalibrated']>().toEqualTypeOf<() => boolean>();
    expect(testing.makeSource().isReachable()).toBe(true);
    expect(testing.makeRtcData().isCalibrated()).toBe(true);
  });
});

describe('the signatures', () => {
  type Options = string | api.ChronyOptions;

  it('of the one-shot functions', () => {
    expectTypeOf(api.getTracking).toEqualTypeOf<(options?: Options) => Promise<api.TrackingStatus>>();
    expectTypeOf(api.getSources).toEqualTypeOf<
      (options?: string | (api.ChronyOptions & api.SourcesOptions)) => Promise<api.Source[]>
    >();
    expectTypeOf(api.getSourceNames).toEqualTypeOf<(options?: Options) => Promise<api.SourceName[]>>();
    expectTypeOf(api.getClients).toEqualTypeOf<
      (options?: string | (api.ChronyOptions & api.ClientsOptions)) => Promise<api.ClientAccess[]>
    >();
    expectTypeOf(api.getManualList).toEqualTypeOf<(options?: Options) => Promise<api.ManualSample[]>>();
    expectTypeOf(api.getSourceStats).toEqualTypeOf<(options?: Options) => Promise<api.SourceStats[]>>();
    expectTypeOf(api.getSelectData).toEqualTypeOf<(options?: Options) => Promise<api.SelectData[]>>();
    expectTypeOf(api.getActivity).toEqualTypeOf<(options?: Options) => Promise<api.Activity>>();
    expectTypeOf(api.getAuthData).toEqualTypeOf<(options?: Options) => Promise<api.AuthData[]>>();
    expectTypeOf(api.getNtpData).toEqualTypeOf<(options?: Options) => Promise<api.NtpData[]>>();
    expectTypeOf(api.getServerStats).toEqualTypeOf<(options?: Options) => Promise<api.ServerStats>>();
    expectTypeOf(api.getRtcData).toEqualTypeOf<(options?: Options) => Promise<api.RtcData | null>>();
    expectTypeOf(api.getSmoothing).toEqualTypeOf<(options?: Options) => Promise<api.Smoothing | null>>();
  });

  it('of health', () => {
    type Limits = {
      readonly warning?: number | null | undefined;
      readonly critical?: number | null | undefined;
    };
    type Thresholds = {
      readonly maxError?: Limits | undefined;
      readonly offset?: Limits | undefined;
      readonly maxStratum?: number | null | undefined;
      readonly minSources?: number | undefined;
      readonly minSelectable?: number | undefined;
      readonly maxAge?: number | null | undefined;
      readonly maxSkew?: number | null | undefined;
      readonly minCookies?: number | undefined;
      readonly leap?: 'ok' | 'warning' | 'critical' | undefined;
      readonly allowLocal?: boolean | undefined;
    };
    expectTypeOf<api.HealthThresholds>().toEqualTypeOf<Thresholds>();
    expectTypeOf(api.checkHealth).toEqualTypeOf<
      (options?: string | api.HealthOptions) => Promise<api.Health>
    >();
    expectTypeOf<api.HealthOptions>().toExtend<api.ChronyOptions & Thresholds>();
    expectTypeOf(api.judgeHealth).toEqualTypeOf<
      (
        tracking: api.TrackingStatus,
        sources: readonly api.Source[],
        thresholds?: Thresholds,
        context?: api.HealthContext,
      ) => api.Health
    >();
    expectTypeOf<api.HealthContext>().toEqualTypeOf<{
      readonly selectData?: readonly api.SelectData[] | null | undefined;
      readonly authData?: readonly api.AuthData[] | null | undefined;
      readonly time?: number | undefined;
      readonly maxClockErrorPpm?: number | undefined;
    }>();
    expectTypeOf<api.Health['state']>().toEqualTypeOf<'ok' | 'warning' | 'critical' | 'unknown'>();
    expectTypeOf<api.Health['reasons']>().toEqualTypeOf<readonly string[]>();
    expectTypeOf<api.Health['figures']>().toEqualTypeOf<api.HealthFigures | null>();
  });

  it('of the connection', () => {
    type Connection = api.ChronyConnection;
    type Call = api.CallOptions;
    expectTypeOf(api.ChronyConnection.open).toEqualTypeOf<(options?: Options) => Promise<Connection>>();
    expectTypeOf<Connection['getReport']>().toEqualTypeOf<
      (report: string, options?: Call) => Promise<api.ReportField[][]>
    >();
    expectTypeOf<Connection['getTracking']>().toEqualTypeOf<
      (options?: Call) => Promise<api.TrackingStatus>
    >();
    expectTypeOf<Connection['reports']>().toEqualTypeOf<readonly string[]>();
    expectTypeOf<Connection['address']>().toEqualTypeOf<string>();
    expectTypeOf<Connection['close']>().toEqualTypeOf<() => Promise<void>>();
    expectTypeOf<Connection>().toExtend<AsyncDisposable>();
    const watch = (connection: Connection) => connection.watch('sources', { intervalMs: 1 });
    expectTypeOf<ReturnType<typeof watch>>().toExtend<AsyncIterable<api.Source[] | api.ChronyError>>();
  });

  it('of the options', () => {
    expectTypeOf<api.ChronyOptions>().toEqualTypeOf<{
      readonly address?: string | undefined;
      readonly timeoutMs?: number | undefined;
      readonly retries?: number | undefined;
      readonly signal?: api.AbortSignalLike | undefined;
    }>();
    expectTypeOf<AbortSignal>().toExtend<api.AbortSignalLike>();
  });

  it('of the data classes: literal unions and null', () => {
    expectTypeOf<api.TrackingStatus['leapStatus']>().toEqualTypeOf<
      'normal' | 'insert second' | 'delete second' | 'not synchronized'
    >();
    expectTypeOf<api.TrackingStatus['referenceIp']>().toEqualTypeOf<string | null>();
    expectTypeOf<api.Source['state']>().toEqualTypeOf<
      'selected' | 'nonselectable' | 'falseticker' | 'jittery' | 'unselected' | 'selectable'
    >();
    expectTypeOf<api.Source['mode']>().toEqualTypeOf<'client' | 'peer' | 'reference clock'>();
    expectTypeOf<api.Source['lastSampleAgo']>().toEqualTypeOf<number | null>();
    expectTypeOf<api.ServerStats['daemonRx']>().toEqualTypeOf<number | null>();
    expectTypeOf<api.ReportField['value']>().toEqualTypeOf<bigint | number | string | api.Timespec | null>();
  });
});

describe('the constants', () => {
  it('have the names of the C library', () => {
    expect(api.LeapStatus).toEqual({
      NORMAL: 'normal',
      INSERT: 'insert second',
      DELETE: 'delete second',
      UNSYNC: 'not synchronized',
    });
    expect(api.SourceState).toEqual({
      SELECTED: 'selected',
      NONSELECTABLE: 'nonselectable',
      FALSETICKER: 'falseticker',
      JITTERY: 'jittery',
      UNSELECTED: 'unselected',
      SELECTABLE: 'selectable',
    });
    expect(api.SourceMode).toEqual({ CLIENT: 'client', PEER: 'peer', REFCLOCK: 'reference clock' });
  });
});
