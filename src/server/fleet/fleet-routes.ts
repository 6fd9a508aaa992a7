/** The routes of a fleet: its page, its API, its metrics, and service discovery for Prometheus. */
import { randomUUID } from 'node:crypto';
import type { Fleet } from '../../fleet/fleet.ts';
import type { ClockRow, ClockState } from '../../fleet/row.ts';
import { httpSd } from '../../fleet/targets/file-sd.ts';
import { json } from '../../util/json.ts';
import { pathInUse } from '../options.ts';
import type { Probe } from '../probe.ts';
import {
  Content,
  includesTag,
  JSON_TYPE,
  ok,
  plainText,
  type Reply,
  type Route,
  type RouteRequest,
  type Routes,
  refusal,
} from '../reply.ts';
import type { FleetEvents } from './fleet-events.ts';
import { type FleetMetrics, STATES } from './fleet-metrics.ts';
import { joined, Recent } from './long-text.ts';

export interface FleetParts {
  readonly fleet: Fleet;
  /** The time between two queries of a clock, in seconds. */
  readonly interval: number;
  readonly events: FleetEvents;
  readonly metrics: FleetMetrics;
  readonly probe: Probe;
  /** The path of the metrics. */
  readonly metricsPath: string;
  /** The routes of the page's files. */
  readonly page: Routes;
}

/** By path. @throws ServerError if something else is served at the path of the metrics */
export function fleetRoutes({
  fleet,
  interval,
  events,
  metrics,
  probe,
  metricsPath,
  page,
}: FleetParts): Routes {
  const alive = ok(plainText('ok'));
  const rows = new Rows(fleet, interval);
  const readiness = new Readiness(fleet);
  const recent = new Recent();
  const routes = new Map<string, Route>([
    ...page,
    ['/events', (request) => events.reply(request)],
    ['/api/fleet', (request) => rows.reply(request)],
    ['/api/topology', () => recent.get('topology', async () => withTag(json(fleet.topology(), false)))],
    ['/sd', () => recent.get('sd', async () => withTag(json(httpSd(fleet.list.targets.values()), false)))],
    ['/probe', (request) => probe.reply(request)],
    ['/healthz', () => alive],
    ['/readyz', () => (readiness.isReady ? alive : NOT_READY)],
  ]);
  if (routes.has(metricsPath) || metricsPath.startsWith('/clock/')) throw pathInUse(metricsPath);
  return routes.set(metricsPath, (request) => metrics.reply(request));
}

const NOT_READY = refusal(
  503,
  'some targets have neither answered nor failed since the start; wait for them',
  {
    'Retry-After': '1',
  },
);

/** Ready once every initial target has answered or failed. Targets that are added later do not matter. */
class Readiness {
  readonly #fleet: Fleet;
  #isReady = false;

  constructor(fleet: Fleet) {
    this.#fleet = fleet;
  }

  get isReady(): boolean {
    this.#isReady ||= ![...this.#fleet.rows()].some(({ state }) => state === 'pending');
    return this.#isReady;
  }
}

/** A reply with an entity tag, which is sent again only if it has changed. Only the client itself may cache it. */
function withTag(text: string | Buffer, tag?: string): Reply {
  const content = new Content(JSON_TYPE, text);
  return ok(content, { ETag: tag ?? content.tag(), 'Cache-Control': 'private, no-cache' });
}

/** A filter of rows: each label, and the state, must have one of the given values. */
interface Filter {
  readonly states: readonly string[];
  readonly labels: ReadonlyMap<string, readonly string[]>;
}

/** The prefix of label names in the query. */
const LABEL = 'label.';

/** @returns the filter, or an error message if the query is invalid */
function readFilter(query: URLSearchParams): Filter | string {
  const labels = new Map<string, readonly string[]>();
  for (const name of new Set(query.keys())) {
    if (name.startsWith(LABEL)) labels.set(name.slice(LABEL.length), query.getAll(name));
    else if (name !== 'state') return `unknown parameter '${name}'; use state, or ${LABEL}NAME for a label`;
  }
  const states = query.getAll('state');
  const wrong = states.find((state) => !STATES.includes(state as ClockState));
  if (wrong !== undefined) return `invalid state '${wrong}'; use one of: ${STATES.join(', ')}`;
  return { states, labels };
}

function matches({ state, labels }: ClockRow, filter: Filter): boolean {
  if (filter.states.length > 0 && !filter.states.includes(state)) return false;
  for (const [name, values] of filter.labels) {
    // as in Prometheus, a missing label equals an empty one
    if (!values.includes(labels[name] ?? '')) return false;
  }
  return true;
}

/** `/api/fleet`. */
class Rows {
  readonly #fleet: Fleet;
  readonly #interval: number;
  readonly #recent = new Recent();
  readonly #process = randomUUID();
  /** Incremented when rows change. */
  #version = 0;

  constructor(fleet: Fleet, interval: number) {
    this.#fleet = fleet;
    this.#interval = interval;
    fleet.onChange(() => {
      this.#version++;
    });
  }

  reply({ query, header }: RouteRequest): Reply | Promise<Reply> {
    const filter = readFilter(query);
    if (typeof filter === 'string') return refusal(400, filter);
    const tag = `W/"${this.#process}-${this.#version}"`;
    // a reply that is not sent needs no text
    if (includesTag(header('if-none-match'), tag)) return withTag('', tag);
    return this.#recent.get(`${tag} ${query}`, async () => withTag(await joined(this.#texts(filter)), tag));
  }

  *#texts(filter: Filter): Generator<string> {
    const rows = [...this.#fleet.rows()].filter((row) => matches(row, filter));
    yield `{"time":${Date.now() / 1000},"interval":${this.#interval},"clocks":[`;
    for (const [index, { sources: _, ...row }] of rows.entries()) {
      yield `${index === 0 ? '\n' : ',\n'}${JSON.stringify(row)}`;
    }
    yield '\n]}\n';
  }
}
