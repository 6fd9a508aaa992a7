/** The live page of a fleet. */
import type { Topology } from '../../fleet/row.ts';
import type {
  FleetClock,
  GoneMessage,
  RowsMessage,
  TargetsMessage,
  TopologyVersion,
} from '../../server/fleet/messages.ts';
import { Connection } from '../connection.ts';
import { FetchedAgain } from '../fetched.ts';
import { byId, show, showInTab } from '../view/document.ts';
import { controlsView, type Labels, labelsOf, shownView } from './controls.ts';
import { distributionView } from './distribution.ts';
import { ClockList } from './list.ts';
import { type Clock, FleetModel } from './model.ts';
import { layoutPicture, nameOf } from './picture/layout.ts';
import { pictureView, suspectsView } from './picture/picture.ts';
import { type FleetStatus, footerView, headerView, statusOf, statusView } from './status.ts';
import { Table } from './table.ts';
import { clocks } from './text.ts';
import { fragmentOf, isFiltered, readFragment, type ViewState } from './view-state.ts';

/** The minimum time between two redraws. Users could not read faster changes. */
const SHOW_EVERY_MS = 1000;
/** The time between two automatic sorts of the table, which happen only while no user reads it. */
const SORT_EVERY_MS = 3000;
/** The minimum time between two announcements of new numbers in the headline to screen readers. */
const ANNOUNCE_EVERY_MS = 15_000;
/**
 * The maximum loading time. Targets may be removed while the complete state is sent, and the page would wait for
 * them.
 */
const LONGEST_LOAD_MS = 5000;
const TOPOLOGY_EVERY_MS = 5000;
/** The maximum number of nodes of the picture. */
const MOST_NODES = 24;
const MOST_NODES_ON_PHONE = 10;
const PHONE_WIDTH = 640;

const model = new FleetModel();
const list = new ClockList();
let view = readFragment(location.hash);
let clock: FleetClock | null = null;
/** When the last event `clock` was received, by performance.now(). */
let clockReceivedMs = 0;
let topology: Topology | null = null;
let labels: Labels = new Map();
let labelsVersion = -1;
let sortedMs = Number.NEGATIVE_INFINITY;
/** The next event is the first one of a connection. */
let isFirst = true;
/**
 * The start of loading, by performance.now(); null afterwards. While the server sends the complete state, the page
 * shows its previous state.
 */
let loadingMs: number | null = null;
const changed = new Set<Clock>();

const table = new Table(byId('table'), list, view, {
  onSort: (column) => choose({ sort: column, isReversed: view.sort === column && !view.isReversed }),
  onToggle(group) {
    const value = group ?? '';
    const isClosed = view.closed.includes(value);
    choose({ closed: isClosed ? view.closed.filter((each) => each !== value) : [...view.closed, value] });
  },
});

/** The server's time in seconds since the epoch, like `heard` in rows. */
function serverTime(): number {
  return clock === null ? 0 : clock.time + (performance.now() - clockReceivedMs) / 1000;
}

function followersOf(address: string | null): ReadonlySet<string> | null {
  if (address === null || topology === null) return null;
  return new Set(topology.sources.find((source) => source.address === address)?.followers);
}

/** Changes the view and shows the change at once, because the user has requested it. */
function choose(change: Partial<ViewState>): void {
  const before = view;
  view = { ...view, ...change };
  history.replaceState(null, '', `${location.pathname}${location.search}${fragmentOf(view)}`);
  afterChoice(before);
}

function afterChoice(before: ViewState): void {
  if (before.closed === view.closed) table.scrollToTop();
  sort();
  showAll();
  showPicture();
  const count = clocks(list.count);
  byId('shown-announcement').textContent = isFiltered(view) ? `${count} shown` : `All ${count} shown`;
}

/** Sorts the table again. */
function sort(): void {
  list.order(model.clocks.values(), view, followersOf(view.follows));
  sortedMs = performance.now();
  table.showOrder(view, serverTime());
}

function showControls(): void {
  if (labelsVersion !== model.targetsVersion) {
    labels = labelsOf(model.clocks.values());
    labelsVersion = model.targetsVersion;
    table.hasLabels = labels.size > 0;
  }
  show(controlsView(view, labels, choose), 'controls');
}

function sourceName(): string {
  const source = topology?.sources.find(({ address }) => address === view.follows);
  return source === undefined ? (view.follows ?? '') : nameOf(source);
}

function showShown(outOfPlace: number): void {
  const shown = { count: list.count, total: model.clocks.size, outOfPlace };
  const onSort = (): void => {
    sort();
    showShown(0);
    table.focus();
  };
  show(shownView(shown, view, sourceName(), choose, onSort), 'shown');
}

/** Shows everything except the picture, which changes only with the topology. */
function showAll(): void {
  const time = serverTime();
  const status = statusOf(model, clock, connection, time);
  show(headerView(clock, connection, time), 'header');
  show(statusView(status, model, view, choose), 'status');
  show(footerView(clock), 'footer');
  showInTab(status.tone, `${status.short}${clock === null ? '' : ` – ${clock.host}`}`);
  announce(status);
  showControls();
  show(distributionView(model.bounds, model.offsets, model.clocks.size, view, choose), 'distribution');
  showTable(time);
}

function showTable(time: number): void {
  list.note(changed);
  changed.clear();
  const outOfPlace = list.outOfPlace();
  const isDue = performance.now() - sortedMs >= SORT_EVERY_MS;
  if (outOfPlace > 0 && isDue && !table.isHeld) {
    sort();
    showShown(0);
  } else {
    table.showRows(time);
    showShown(table.isHeld ? outOfPlace : 0);
  }
}

let announced: FleetStatus | null = null;
let announcedMs = Number.NEGATIVE_INFINITY;

/**
 * Announces the status to screen readers: a new state immediately, new numbers only occasionally, because they
 * always change.
 */
function announce(status: FleetStatus): void {
  const { word, text } = status;
  if (word === announced?.word && performance.now() - announcedMs < ANNOUNCE_EVERY_MS) return;
  if (word === announced?.word && text === announced.text) return;
  announced = status;
  announcedMs = performance.now();
  byId('announcement').textContent = `${word}. ${text}`;
}

function showPicture(): void {
  const width = byId('picture').clientWidth;
  if (topology === null || width === 0) return;
  const most = width < PHONE_WIDTH ? MOST_NODES_ON_PHONE : MOST_NODES;
  const following = new Set(topology.sources.flatMap(({ followers }) => followers)).size;
  const counted = { following, total: Math.max(model.clocks.size, following) };
  show(
    pictureView(layoutPicture(topology, width, most), topology, counted, view, choose, seeTable),
    'picture',
  );
  byId('suspects').hidden = false;
  show(suspectsView(topology, choose), 'suspects');
  byId('suspects').hidden = byId('suspects').childElementCount === 0;
}

function seeTable(): void {
  byId('clocks').scrollIntoView();
  table.focus();
}

const fetchedTopology = new FetchedAgain<Topology>('api/topology', TOPOLOGY_EVERY_MS, (value) => {
  topology = value;
  // the followers that the table is filtered by may have changed
  if (view.follows !== null) {
    if (table.isHeld) list.rematch(model.clocks.values(), view, followersOf(view.follows));
    else sort();
  }
  schedule();
  showPicture();
});

let timer: ReturnType<typeof setTimeout> | null = null;
let shownMs = Number.NEGATIVE_INFINITY;

/** Shows changes soon, but not more often than a user can read them. */
function schedule(waitMs = Math.max(0, shownMs + SHOW_EVERY_MS - performance.now())): void {
  if (timer !== null && waitMs > 0) return;
  if (timer !== null) clearTimeout(timer);
  timer = setTimeout(showScheduled, waitMs);
}

function showScheduled(): void {
  timer = null;
  if (document.hidden || !hasLoaded()) return;
  shownMs = performance.now();
  showAll();
}

/** Called before each event. A new connection begins with the complete state. */
function receive(): void {
  if (!isFirst) return;
  isFirst = false;
  loadingMs = performance.now();
  changed.clear();
  model.clear();
}

/** False while the complete state is being received. */
function hasLoaded(): boolean {
  if (loadingMs === null) return true;
  const isThere = clock !== null && model.clocks.size >= clock.targets;
  if (!isThere && performance.now() - loadingMs < LONGEST_LOAD_MS) return false;
  loadingMs = null;
  sort();
  return true;
}

function note(clocksNow: readonly Clock[]): void {
  for (const each of clocksNow) changed.add(each);
  // the first rows are shown at once
  if (loadingMs !== null && model.clocks.size === clock?.targets) schedule(0);
  else schedule();
}

interface Events {
  readonly clock: FleetClock;
  readonly targets: TargetsMessage;
  readonly rows: RowsMessage;
  readonly gone: GoneMessage;
  readonly topology: TopologyVersion;
}

const connection: Connection<Events> = new Connection<Events>('events', {
  on: {
    clock(latest) {
      receive();
      clock = latest;
      clockReceivedMs = performance.now();
      connection.expectEvery(latest.interval);
      schedule();
    },
    targets(targets) {
      receive();
      note(model.addTargets(targets));
    },
    rows: (rows) => note(model.update(rows)),
    gone: (ids) => note(model.remove(ids)),
    topology: () => fetchedTopology.request(),
  },
  onOpen() {
    isFirst = true;
  },
  onChange: () => schedule(),
});

document.querySelector('.skip')?.addEventListener('click', (event) => {
  // the fragment of the URL is reserved for the view
  event.preventDefault();
  seeTable();
});
addEventListener('hashchange', () => {
  const before = view;
  view = readFragment(location.hash);
  afterChoice(before);
});
document.addEventListener('visibilitychange', () => schedule());
new ResizeObserver(() => showPicture()).observe(byId('picture'));
sort();
showAll();
setInterval(() => {
  connection.tick();
  schedule();
}, SHOW_EVERY_MS);
