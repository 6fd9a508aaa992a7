/** The live page of a clock. */
import type { ManualSample } from '../reports/manual-list.ts';
import type { DataOf } from '../reports/record.ts';
import type { ClientsMessage, History, Update } from '../server/messages.ts';
import { Charts } from './chart/charts.ts';
import { Points } from './chart/points.ts';
import { Connection } from './connection.ts';
import { Fetched, type Latest } from './fetched.ts';
import { CONNECTING, type Status, staleStatus, statusOf } from './text/clock.ts';
import { clientsView } from './view/clients.ts';
import { byId, show, showInTab } from './view/document.ts';
import { reportsView } from './view/reports.ts';
import { sourcesView } from './view/sources.ts';
import { footerView, headerView, statusView, tabText } from './view/status.ts';

const points = new Points();
const charts = new Charts(byId('charts'));
let update: Update | null = null;
let announced = '';
let manualSamples: readonly DataOf<ManualSample>[] = [];

/** Slower than the updates: chronyd answers one request for every eight clients. */
const CLIENTS_EVERY_MS = 5000;
const MANUAL_LIST_EVERY_MS = 60_000;

const clients = new Fetched<ClientsMessage>('page/clients', CLIENTS_EVERY_MS, showClients);

function showClients(latest: Latest<ClientsMessage>): void {
  const onToggle = (isOpen: boolean): void => {
    clients.isWanted = isOpen;
  };
  show(clientsView(latest, onToggle), 'clients');
}

const manualList = new Fetched<readonly DataOf<ManualSample>[]>(
  'page/manual-list',
  MANUAL_LIST_EVERY_MS,
  ({ value }) => {
    manualSamples = value ?? [];
    if (update !== null) show(reportsView(update, manualSamples), 'reports');
  },
);

interface Events {
  readonly history: History;
  readonly update: Update;
}

const connection = new Connection<Events>('events', {
  on: {
    history: (history) => points.add(history),
    update(latest) {
      update = latest;
      connection.expectEvery(latest.interval);
      points.add([latest.point]);
      charts.show(points.columns(latest.interval));
      show(sourcesView(latest), 'sources');
      show(reportsView(latest, manualSamples), 'reports');
      show(footerView(latest), 'footer');
      showStatus();
      manualList.isWanted = true;
    },
  },
  onChange: () => showStatus(),
});

function currentStatus(): Status {
  if (update === null) return CONNECTING;
  const last = statusOf(update);
  return connection.isLate ? staleStatus(connection, last) : last;
}

/** Shows the parts that change even without an update. */
function showStatus(): void {
  const now = currentStatus();
  show(headerView(update, connection), 'header');
  // without updates, the ages are unknown
  show(statusView(connection.isLate ? null : update, now), 'status');
  showInTab(now.tone, tabText(update, now));
  announce(now);
}

/** Announces a new status to screen readers. */
function announce({ kind, tone, word, headline }: Status): void {
  if (announced === `${kind} ${tone}`) return;
  announced = `${kind} ${tone}`;
  byId('announcement').textContent = `${word}. ${headline}`;
}

showClients({ value: null, error: null });
showStatus();
setInterval(() => {
  connection.tick();
  showStatus();
}, 1000);
