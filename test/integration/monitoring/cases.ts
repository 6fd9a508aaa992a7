/** States of a clock as Prometheus series with a value every 15 s, and the alerts expected from the rules. */

/** An alert that fires, with the values in its texts. */
interface Fired {
  readonly labels: Readonly<Record<string, string>>;
  /** The value of `$value` in the texts. */
  readonly value?: string;
  /** The value, formatted as a duration. */
  readonly human?: string;
  /** The result of the condition in a text. */
  readonly verb?: string;
}

export interface Case {
  readonly description: string;
  /** Values by series, in promtool's notation. */
  readonly series: Readonly<Record<string, string>>;
  /** The time at which the alert is evaluated. */
  readonly at: string;
  readonly alerts?: readonly Fired[];
}

interface Cases {
  readonly fires: readonly Case[];
  readonly silent: readonly Case[];
}

const TARGET = { job: 'chrony', instance: 'a:9123' };
const OTHER = { job: 'chrony', instance: 'b:9123' };

function seriesOf(name: string, labels: Readonly<Record<string, string>> = {}): string {
  const all = Object.entries({ ...TARGET, ...labels }).map(([key, value]) => `${key}="${value}"`);
  return `${name}{${all.join(',')}}`;
}

function source(name: string): Readonly<Record<string, string>> {
  return { source_address: name, source_name: `${name}.example` };
}

function state(name: string, source_state: string): string {
  return seriesOf('chrony_sources_state_info', { ...source(name), source_state, source_mode: 'client' });
}

/** As many values as an alert takes to fire, and more. */
const LONG = 'x200';
const UP = { [seriesOf('chrony_up')]: `1${LONG}` };
const SOURCES_GIVEN = seriesOf('chrony_scrape_collector_success', { collector: 'sources' });
const AUTHDATA_GIVEN = seriesOf('chrony_scrape_collector_success', { collector: 'authdata' });
const REFERENCE_TIME = seriesOf('chrony_tracking_reference_timestamp_seconds');
const BOUND = seriesOf('chrony_clock_error_bound_seconds');
const LAST_OFFSET = seriesOf('chrony_tracking_last_offset_seconds');
const LEAP = seriesOf('chrony_tracking_leap_status');
const POLL = seriesOf('chrony_sources_polling_interval_seconds', source('192.0.2.1'));

/** States of sources at the addresses 192.0.2.1 and so on. */
function states(...list: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(list.map((each, i) => [state(`192.0.2.${i + 1}`, each), `1${LONG}`]));
}

export const CASES: Readonly<Record<string, Cases>> = {
  ChronyExporterDown: {
    fires: [
      {
        description: 'a job named chrony has never answered',
        series: { [seriesOf('up')]: `0${LONG}` },
        at: '6m',
        alerts: [{ labels: TARGET }],
      },
      {
        description: 'another job stops that had the metrics before',
        series: {
          [seriesOf('up', { job: 'nodes' })]: `1x10 0${LONG}`,
          [seriesOf('chrony_up', { job: 'nodes' })]: '1x10 stale',
        },
        at: '20m',
        alerts: [{ labels: { ...TARGET, job: 'nodes' } }],
      },
    ],
    silent: [
      { description: 'a target answers', series: { ...UP, [seriesOf('up')]: `1${LONG}` }, at: '20m' },
      { description: 'a short outage', series: { [seriesOf('up')]: '1x20 0x10 1x100' }, at: '7m' },
      {
        description: 'a target of another exporter is down',
        series: { [seriesOf('up', { job: 'web' })]: `0${LONG}` },
        at: '20m',
      },
    ],
  },
  ChronyDown: {
    fires: [
      {
        description: 'all reports fail',
        series: {
          [seriesOf('chrony_up')]: `0${LONG}`,
          [SOURCES_GIVEN]: `0${LONG}`,
          [AUTHDATA_GIVEN]: `0${LONG}`,
        },
        at: '6m',
        alerts: [{ labels: TARGET }],
      },
    ],
    silent: [
      { description: 'chronyd answers', series: { ...UP, [SOURCES_GIVEN]: `1${LONG}` }, at: '20m' },
      { description: 'every report is refused', series: { [seriesOf('chrony_up')]: `0${LONG}` }, at: '20m' },
      {
        description: 'chronyd restarts',
        series: { [seriesOf('chrony_up')]: '1x20 0x4 1x100', [SOURCES_GIVEN]: '1x20 0x4 1x100' },
        at: '6m',
      },
      {
        description: 'the chronyd of another target is down',
        series: {
          ...UP,
          [seriesOf('chrony_scrape_collector_success', { ...OTHER, collector: 'sources' })]: `0${LONG}`,
        },
        at: '20m',
      },
    ],
  },
  ChronyPermissionLost: {
    fires: [
      {
        description: 'every report is refused',
        series: { [seriesOf('chrony_up')]: `0${LONG}` },
        at: '6m',
        alerts: [{ labels: { ...TARGET, collector: 'all' } }],
      },
      {
        description: 'a report is refused that was available before',
        series: { ...UP, [SOURCES_GIVEN]: `1${LONG}`, [AUTHDATA_GIVEN]: '1x20 stale' },
        at: '12m',
        alerts: [{ labels: { ...TARGET, collector: 'authdata' } }],
      },
    ],
    silent: [
      {
        description: 'a report was never available',
        series: { ...UP, [SOURCES_GIVEN]: `1${LONG}` },
        at: '20m',
      },
      {
        description: 'chronyd is down',
        series: {
          [seriesOf('chrony_up')]: `1x20 0${LONG}`,
          [SOURCES_GIVEN]: `1x20 0${LONG}`,
          [AUTHDATA_GIVEN]: `1x20 0${LONG}`,
        },
        at: '20m',
      },
      {
        description: 'a refused report failed with the others while chronyd was down',
        series: {
          [seriesOf('chrony_up')]: `0x20 1${LONG}`,
          [SOURCES_GIVEN]: `0x20 1${LONG}`,
          [AUTHDATA_GIVEN]: '0x20 stale',
        },
        at: '20m',
      },
      {
        description: 'the whole target is gone',
        series: { [seriesOf('chrony_up')]: '1x20 stale', [SOURCES_GIVEN]: '1x20 stale' },
        at: '20m',
      },
    ],
  },
  ChronyNotSynchronized: {
    fires: [
      {
        description: 'no source is followed',
        series: { [seriesOf('chrony_clock_synchronized')]: `0${LONG}` },
        at: '6m',
        alerts: [{ labels: TARGET }],
      },
    ],
    silent: [
      {
        description: 'a source is followed',
        series: { [seriesOf('chrony_clock_synchronized')]: `1${LONG}` },
        at: '20m',
      },
      {
        description: 'chronyd starts',
        series: { [seriesOf('chrony_clock_synchronized')]: `0x10 1${LONG}` },
        at: '6m',
      },
    ],
  },
  ChronyNoSelectedSource: {
    fires: [
      {
        description: 'all sources are unreachable',
        series: { [SOURCES_GIVEN]: `1${LONG}`, ...states('unreach', 'unreach') },
        at: '11m',
        alerts: [{ labels: { ...TARGET, collector: 'sources' } }],
      },
      {
        description: 'there are no sources',
        series: { [SOURCES_GIVEN]: `1${LONG}` },
        at: '11m',
        alerts: [{ labels: { ...TARGET, collector: 'sources' } }],
      },
    ],
    silent: [
      {
        description: 'a source is selected',
        series: { [SOURCES_GIVEN]: `1${LONG}`, ...states('unreach', 'sync') },
        at: '20m',
      },
      { description: 'sources cannot be read', series: { [SOURCES_GIVEN]: `0${LONG}` }, at: '20m' },
      {
        description: 'another source is selected after each poll',
        series: {
          [SOURCES_GIVEN]: `1${LONG}`,
          [state('192.0.2.1', 'sync')]: '1x30 stale',
          [state('192.0.2.2', 'sync')]: `_x40 1${LONG}`,
        },
        at: '20m',
      },
    ],
  },
  ChronyErrorBoundAbove100ms: {
    fires: [
      {
        description: 'above 0.1 s for five minutes',
        series: { [BOUND]: `0.2${LONG}` },
        at: '6m',
        alerts: [{ labels: TARGET, human: '200ms' }],
      },
    ],
    silent: [
      { description: '0.1 s', series: { [BOUND]: `0.1${LONG}` }, at: '20m' },
      { description: 'above 0.1 s for two minutes', series: { [BOUND]: '0.05x10 0.2x8 0.05x100' }, at: '5m' },
      { description: 'unknown', series: UP, at: '20m' },
    ],
  },
  ChronyErrorBoundAbove500ms: {
    fires: [
      {
        description: 'above 0.5 s for a minute',
        series: { [BOUND]: `0.75${LONG}` },
        at: '2m',
        alerts: [{ labels: TARGET, human: '750ms' }],
      },
    ],
    silent: [
      { description: '0.5 s', series: { [BOUND]: `0.5${LONG}` }, at: '20m' },
      { description: 'above 0.5 s in one scrape', series: { [BOUND]: '0.4x10 0.6x1 0.4x100' }, at: '3m' },
    ],
  },
  ChronyNoMeasurement: {
    fires: [
      {
        description: 'the last measurement was at 60 s, and no source is selected',
        series: { [REFERENCE_TIME]: `60${LONG}`, ...states('unreach') },
        at: '20m',
        alerts: [{ labels: TARGET, human: '19m 0s' }],
      },
      {
        description: 'the selected source is polled every 64 s',
        series: { [REFERENCE_TIME]: `60${LONG}`, [POLL]: `64${LONG}`, ...states('sync') },
        at: '20m',
        alerts: [{ labels: TARGET, human: '19m 0s' }],
      },
      {
        description: 'more than four polls of 512 s were missed',
        series: { [REFERENCE_TIME]: '60x400', [POLL]: '512x400', [state('192.0.2.1', 'sync')]: '1x400' },
        at: '37m',
        alerts: [{ labels: TARGET, human: '36m 0s' }],
      },
    ],
    silent: [
      { description: 'measured 1020 s ago', series: { [REFERENCE_TIME]: `60${LONG}` }, at: '18m' },
      { description: 'measured repeatedly', series: { [REFERENCE_TIME]: `0+15${LONG}` }, at: '40m' },
      { description: 'never measured', series: { [REFERENCE_TIME]: `0${LONG}` }, at: '40m' },
      {
        description: 'the selected source is polled every 1024 s',
        series: { [REFERENCE_TIME]: `60${LONG}`, [POLL]: `1024${LONG}`, ...states('sync') },
        at: '20m',
      },
    ],
  },
  ChronyFalseticker: {
    fires: [
      {
        description: 'one of three sources is a falseticker',
        series: states('sync', 'candidate', 'falseticker'),
        at: '16m',
        alerts: [
          {
            labels: {
              ...TARGET,
              ...source('192.0.2.3'),
              source_state: 'falseticker',
              source_mode: 'client',
            },
          },
        ],
      },
    ],
    silent: [
      { description: 'all sources agree', series: states('sync', 'candidate', 'outlier'), at: '20m' },
      {
        description: 'a source is a falseticker for five minutes',
        series: {
          [state('192.0.2.1', 'falseticker')]: '1x20 stale',
          [state('192.0.2.1', 'sync')]: '_x21 1x100',
        },
        at: '16m',
      },
    ],
  },
  ChronyTooFewSelectableSources: {
    fires: [
      {
        description: 'two of four sources are selectable',
        series: states('sync', 'candidate', 'unreach', 'falseticker'),
        at: '16m',
        alerts: [{ labels: TARGET, value: '2' }],
      },
      {
        description: 'no source of three is selectable',
        series: states('unreach', 'unreach', 'jittery'),
        at: '16m',
        alerts: [{ labels: TARGET, value: '0' }],
      },
    ],
    silent: [
      {
        description: 'three of four sources are selectable',
        series: states('sync', 'candidate', 'outlier', 'unreach'),
        at: '20m',
      },
      { description: 'there is only one source', series: states('sync'), at: '20m' },
      {
        description: 'the third source has the option noselect',
        series: {
          ...states('sync', 'candidate', 'unreach'),
          [seriesOf('chrony_selectdata_state_info', {
            ...source('192.0.2.3'),
            source_state: 'ignored',
          })]: `1${LONG}`,
        },
        at: '20m',
      },
    ],
  },
  ChronyNtsCookiesLow: {
    fires: [
      {
        description: 'two cookies are left',
        series: { [seriesOf('chrony_authdata_nts_cookies', source('192.0.2.1'))]: `2${LONG}` },
        at: '11m',
        alerts: [{ labels: { ...TARGET, ...source('192.0.2.1') }, value: '2' }],
      },
    ],
    silent: [
      {
        description: 'three cookies are left',
        series: { [seriesOf('chrony_authdata_nts_cookies', source('192.0.2.1'))]: `3${LONG}` },
        at: '20m',
      },
      {
        description: 'new cookies arrive after five minutes',
        series: { [seriesOf('chrony_authdata_nts_cookies', source('192.0.2.1'))]: `0x20 8${LONG}` },
        at: '11m',
      },
    ],
  },
  ChronyLeapSecondPending: {
    fires: [
      {
        description: 'a leap second will be inserted',
        series: { [LEAP]: `1${LONG}` },
        at: '1m',
        alerts: [{ labels: TARGET, verb: 'insert' }],
      },
      {
        description: 'a leap second will be deleted',
        series: { [LEAP]: `2${LONG}` },
        at: '1m',
        alerts: [{ labels: TARGET, verb: 'delete' }],
      },
    ],
    silent: [
      { description: 'no leap second is announced', series: { [LEAP]: `0${LONG}` }, at: '20m' },
      { description: 'the clock is not synchronized', series: { [LEAP]: `3${LONG}` }, at: '20m' },
    ],
  },
  ChronyClockStepped: {
    fires: [
      {
        description: 'a slow clock was corrected a minute ago',
        series: { [LAST_OFFSET]: '0.0001x10 -0.25x1 0.0001x100' },
        at: '4m',
        alerts: [{ labels: TARGET, human: '250ms' }],
      },
      {
        description: 'a fast clock was corrected',
        series: { [LAST_OFFSET]: '0.0001x10 3x1 0.0001x100' },
        at: '4m',
        alerts: [{ labels: TARGET, human: '3s' }],
      },
    ],
    silent: [
      { description: 'small offsets', series: { [LAST_OFFSET]: '0.05x20 -0.05x20' }, at: '9m' },
      { description: '20 minutes later', series: { [LAST_OFFSET]: '0.25x1 0.0001x200' }, at: '20m' },
    ],
  },
};

/** Series of two clocks, and the expected results of the recording rules at 600 s: values by labels. */
export const RECORDED = {
  series: {
    ...states('sync', 'outlier', 'unreach'),
    [seriesOf('chrony_sources_state_info', {
      ...OTHER,
      ...source('192.0.2.1'),
      source_state: 'jittery',
    })]: `1${LONG}`,
    [LAST_OFFSET]: `-0.25${LONG}`,
    [seriesOf('chrony_tracking_root_dispersion_seconds')]: `0.125${LONG}`,
    [seriesOf('chrony_tracking_root_delay_seconds')]: `0.5${LONG}`,
    [REFERENCE_TIME]: `540${LONG}`,
    [seriesOf('chrony_tracking_reference_timestamp_seconds', OTHER)]: `0${LONG}`,
    [BOUND]: `0.25${LONG}`,
    [seriesOf('chrony_clock_error_bound_seconds', OTHER)]: `0.5${LONG}`,
  },
  expected: {
    'instance:chrony_clock_error_seconds:abs': { [seriesOf('')]: 0.625 },
    'instance:chrony_measurement_age:seconds': { [seriesOf('')]: 60 },
    'instance:chrony_sources:count': { [seriesOf('')]: 3, [seriesOf('', OTHER)]: 1 },
    'instance:chrony_sources_selectable:count': { [seriesOf('')]: 2, [seriesOf('', OTHER)]: 0 },
    'job:chrony_clock_error_bound_seconds:max': { '{job="chrony"}': 0.5 },
  },
} as const;
