/**
 * The Grafana dashboard, which the build writes to `dist/monitoring/dashboard.json`: a row for all clocks, and rows
 * for one clock.
 */

/** A query, and the name of its series. */
interface Query {
  readonly expr: string;
  readonly legend: string;
}

type Kind = 'stat' | 'timeseries' | 'table';

interface Panel {
  readonly title: string;
  readonly kind: Kind;
  readonly description: string;
  /** Grafana's name of the unit. */
  readonly unit: string;
  readonly queries: readonly Query[];
  /** The values from which the panel is yellow (warning) and red (critical). */
  readonly thresholds?: readonly [warning: number, critical: number];
  /** Texts that are shown instead of values. */
  readonly texts?: Readonly<Record<string, string>>;
}

interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

/** The number of grid columns of a dashboard. */
const COLUMNS = 24;

/** The size of a panel on that grid. */
const SIZES: Readonly<Record<Kind, { readonly w: number; readonly h: number }>> = {
  stat: { w: 4, h: 4 },
  timeseries: { w: 12, h: 8 },
  table: { w: 12, h: 8 },
};

const FLEET = '{job=~"$job"}';
const ONE = '{job=~"$job",instance="$instance"}';
const SOURCE = '{{source_name}}';

function stat(
  title: string,
  unit: string,
  expr: string,
  description: string,
  more: Pick<Panel, 'thresholds' | 'texts'> = {},
): Panel {
  return { title, kind: 'stat', unit, description, queries: [{ expr, legend: '' }], ...more };
}

/** @param queries - expressions by the names of their series */
function graph(
  title: string,
  unit: string,
  queries: Readonly<Record<string, string>>,
  description: string,
  more: Pick<Panel, 'thresholds'> = {},
): Panel {
  const list = Object.entries(queries).map(([legend, expr]) => ({ legend, expr }));
  return { title, kind: 'timeseries', unit, description, queries: list, ...more };
}

function table(title: string, expr: string, description: string): Panel {
  return { title, kind: 'table', unit: 'none', description, queries: [{ expr, legend: '' }] };
}

const BOUND_LIMITS = { thresholds: [0.1, 0.5] } as const;

const fleet: Row = {
  title: 'All clocks',
  panels: [
    stat('Clocks', 'none', `count(chrony_up${FLEET})`, 'Targets that provide metrics of a chronyd.'),
    stat('chronyd answers', 'none', `sum(chrony_up${FLEET})`, 'Targets whose chronyd provided every report.'),
    stat(
      'Synchronized',
      'none',
      `sum(chrony_clock_synchronized${FLEET})`,
      'Clocks that follow a source. Local mode does not count.',
    ),
    stat(
      'Worst error bound',
      's',
      `max(chrony_clock_error_bound_seconds${FLEET})`,
      'The largest of the known error bounds.',
      BOUND_LIMITS,
    ),
    stat(
      'Falsetickers',
      'none',
      `count(chrony_sources_state_info{job=~"$job",source_state="falseticker"}) or vector(0)`,
      "Sources that disagree with the majority of their clock's sources.",
      { thresholds: [1, 3] },
    ),
    stat(
      'Oldest measurement',
      's',
      `max(time() - (chrony_tracking_reference_timestamp_seconds${FLEET} > 0))`,
      "Time since the last measurement of the clock that has gone longest without a measurement, by Prometheus's clock.",
      { thresholds: [1025, 4096] },
    ),
    graph(
      'Error bound',
      's',
      { '{{instance}}': `chrony_clock_error_bound_seconds${FLEET}` },
      'How far each clock may be from true time. Absent while the bound is unknown.',
      BOUND_LIMITS,
    ),
    graph(
      'Remaining correction',
      's',
      { '{{instance}}': `chrony_tracking_system_time_seconds${FLEET}` },
      'The correction that chronyd has yet to apply. Positive if the clock is slow.',
    ),
    graph(
      'Selectable sources',
      'none',
      {
        '{{instance}}':
          'count by (job, instance) (chrony_sources_state_info{job=~"$job",source_state=~"sync|candidate|outlier"})',
      },
      'The number of selectable sources of each clock. Fewer than three cannot outvote a wrong source.',
    ),
    graph(
      'Age of the last measurement',
      's',
      { '{{instance}}': `time() - (chrony_tracking_reference_timestamp_seconds${FLEET} > 0)` },
      "Time since the last measurement that each clock used, by Prometheus's clock.",
    ),
  ],
};

const clock: Row = {
  title: 'Clock $instance',
  panels: [
    stat('State', 'none', `chrony_clock_synchronized${ONE}`, 'Whether the clock follows a source.', {
      texts: { '0': 'not synchronized', '1': 'synchronized' },
    }),
    stat(
      'Error bound now',
      's',
      `chrony_clock_error_bound_seconds${ONE}`,
      'How far the clock may be from true time.',
      BOUND_LIMITS,
    ),
    stat('Stratum', 'none', `chrony_tracking_stratum${ONE}`, 'Hops to a reference clock.'),
    stat('Leap status', 'none', `chrony_tracking_leap_status${ONE}`, 'Whether a leap second is announced.', {
      texts: { '0': 'normal', '1': 'insert second', '2': 'delete second', '3': 'not synchronized' },
    }),
    stat(
      'Sources online',
      'none',
      `chrony_activity_online_sources${ONE}`,
      'NTP sources that are polled at present.',
    ),
    stat(
      'Update interval',
      's',
      `chrony_tracking_update_interval_seconds${ONE}`,
      'Time between the last two updates of the clock.',
    ),
    graph(
      'Error bound and its parts',
      's',
      {
        'error bound': `chrony_clock_error_bound_seconds${ONE}`,
        'remaining correction': `abs(chrony_tracking_system_time_seconds${ONE})`,
        'root dispersion': `chrony_tracking_root_dispersion_seconds${ONE}`,
        'root delay / 2': `chrony_tracking_root_delay_seconds${ONE} / 2`,
      },
      'The rest of the bound is the drift since the last measurement.',
      BOUND_LIMITS,
    ),
    graph(
      'Offset',
      's',
      {
        'remaining correction': `chrony_tracking_system_time_seconds${ONE}`,
        'last offset': `chrony_tracking_last_offset_seconds${ONE}`,
        'RMS offset': `chrony_tracking_rms_offset_seconds${ONE}`,
      },
      'The remaining correction is positive if the clock is slow. The last offset is positive if the clock was fast.',
    ),
    graph(
      'Frequency',
      'ppm',
      {
        frequency: `chrony_tracking_frequency_ppms${ONE}`,
        residual: `chrony_tracking_residual_frequency_ppms${ONE}`,
        skew: `chrony_tracking_skew_ppms${ONE}`,
      },
      'The rate at which the uncorrected clock would gain time, and the error bound of that rate, the skew.',
    ),
    table('Reference', `chrony_tracking_info${ONE}`, 'The source that the clock follows at present.'),
  ],
};

const sources: Row = {
  title: 'Sources of $instance',
  panels: [
    table('States', `chrony_sources_state_info${ONE}`, 'The state of each source, as chronyd judges it.'),
    table(
      'Selection',
      `chrony_selectdata_state_info${ONE}`,
      'Why each source is used or not. Needs the Unix socket of chronyd, or opencommands.',
    ),
    graph(
      'Offset of the last sample',
      's',
      {
        [SOURCE]: `chrony_sources_last_sample_offset_seconds${ONE} and on (job, instance, source_address, source_name) chrony_sources_sampled == 1`,
      },
      'Positive if the clock is ahead of the source.',
    ),
    graph(
      'Reachability',
      'percentunit',
      { [SOURCE]: `chrony_sources_reachability_ratio${ONE}` },
      'The share of the last eight polls with a reply.',
    ),
    graph(
      'Standard deviation',
      's',
      { [SOURCE]: `chrony_sourcestats_stddev${ONE}` },
      'Estimated standard deviation of the samples of each source.',
    ),
    graph(
      'Round-trip delay',
      's',
      { [SOURCE]: `chrony_sources_peer_delay_seconds${ONE}` },
      'The delay of the last packet of each NTP source. Needs the Unix socket of chronyd, or opencommands.',
    ),
    graph(
      'NTS cookies',
      'none',
      { [SOURCE]: `chrony_authdata_nts_cookies${ONE}` },
      'The number of cookies left, of 8, for sources that use Network Time Security. Needs the Unix socket of chronyd, or opencommands.',
    ),
    graph(
      'Age of the last sample',
      's',
      {
        [SOURCE]: `chrony_sources_last_sample_age_seconds${ONE} and on (job, instance, source_address, source_name) chrony_sources_sampled == 1`,
      },
      'The age of the last sample of each source that has one.',
    ),
  ],
};

const server: Row = {
  title: 'Served by $instance',
  panels: [
    graph(
      'NTP requests',
      'reqps',
      {
        received: `rate(chrony_serverstats_ntp_packets_received_total${ONE}[$__rate_interval])`,
        dropped: `rate(chrony_serverstats_ntp_packets_dropped_total${ONE}[$__rate_interval])`,
      },
      'Requests of NTP clients. Needs the Unix socket of chronyd, or opencommands.',
    ),
    graph(
      'Time for the reports',
      's',
      {
        all: `chrony_scrape_duration_seconds${ONE}`,
        '{{collector}}': `chrony_scrape_collector_duration_seconds${ONE}`,
      },
      'The time taken to fetch the reports of chronyd for a scrape.',
    ),
  ],
};

const DATASOURCE = { type: 'prometheus', uid: '$datasource' } as const;

function thresholdsOf({ thresholds }: Panel): object {
  const [warning, critical] = thresholds ?? [];
  const steps = [
    { color: 'green', value: null },
    ...(warning === undefined ? [] : [{ color: 'yellow', value: warning }]),
    ...(critical === undefined ? [] : [{ color: 'red', value: critical }]),
  ];
  return { mode: 'absolute', steps };
}

function mappingsOf({ texts }: Panel): readonly object[] {
  if (texts === undefined) return [];
  const options = Object.entries(texts).map(([value, text], index) => [value, { text, index }]);
  return [{ type: 'value', options: Object.fromEntries(options) }];
}

const OPTIONS: Readonly<Record<Kind, object>> = {
  stat: { reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false } },
  timeseries: { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi' } },
  table: { showHeader: true },
};

function panelOf(panel: Panel, id: number, x: number, y: number): object {
  const { title, kind, description, unit, queries } = panel;
  const isTable = kind === 'table';
  return {
    id,
    type: kind,
    title,
    description,
    datasource: DATASOURCE,
    gridPos: { ...SIZES[kind], x, y },
    fieldConfig: {
      defaults: { unit, mappings: mappingsOf(panel), thresholds: thresholdsOf(panel) },
      overrides: [],
    },
    options: OPTIONS[kind],
    targets: queries.map(({ expr, legend }, i) => ({
      refId: String.fromCharCode(0x41 + i),
      datasource: DATASOURCE,
      expr,
      legendFormat: legend,
      ...(isTable ? { instant: true, range: false, format: 'table' } : { range: true }),
    })),
    // the time and the value of an info metric carry no information
    ...(isTable
      ? {
          transformations: [
            { id: 'organize', options: { excludeByName: { Time: true, Value: true, __name__: true } } },
          ],
        }
      : {}),
  };
}

/** Places the panels of the rows from left to right, and from the top down. */
function layOut(rows: readonly Row[]): readonly object[] {
  const placed: object[] = [];
  let y = 0;
  for (const { title, panels } of rows) {
    placed.push({
      id: placed.length + 1,
      type: 'row',
      title,
      collapsed: false,
      gridPos: { x: 0, y, w: COLUMNS, h: 1 },
      panels: [],
    });
    y += 1;
    let x = 0;
    let height = 0;
    for (const panel of panels) {
      const { w, h } = SIZES[panel.kind];
      if (x + w > COLUMNS || (height > 0 && h !== height)) {
        x = 0;
        y += height;
      }
      placed.push(panelOf(panel, placed.length + 1, x, y));
      x += w;
      height = h;
    }
    y += height;
  }
  return placed;
}

function variable(name: string, label: string, query: string, more: object): object {
  return {
    name,
    label,
    type: 'query',
    datasource: DATASOURCE,
    definition: query,
    query: { query, refId: name },
    refresh: 2,
    sort: 1,
    ...more,
  };
}

/** The dashboard in the form that Grafana imports. */
export const dashboard = {
  uid: 'chrony-wasm',
  title: 'chrony',
  description: 'The clocks of chronyd, as reported by chrony-wasm serve.',
  tags: ['chrony', 'ntp', 'time'],
  schemaVersion: 38,
  version: 1,
  editable: true,
  refresh: '30s',
  time: { from: 'now-6h', to: 'now' },
  timezone: 'browser',
  templating: {
    list: [
      { name: 'datasource', label: 'Data source', type: 'datasource', query: 'prometheus' },
      variable('job', 'Job', 'label_values(chrony_up, job)', { multi: true, includeAll: true }),
      variable('instance', 'Clock', 'label_values(chrony_up{job=~"$job"}, instance)', {}),
    ],
  },
  panels: layOut([fleet, clock, sources, server]),
} as const;
