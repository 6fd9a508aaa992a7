/** The live page of a clock. */
import { type RootPart, render, type TemplateResult } from 'lit-html';
import type { Update } from '../server/messages.ts';
import { Charts } from './chart/charts.ts';
import { Points } from './chart/points.ts';
import { Connection } from './connection.ts';
import { CONNECTING, type Status, staleStatus, statusOf } from './text/clock.ts';
import { reportsView } from './view/reports.ts';
import { sourcesView } from './view/sources.ts';
import { footerView, headerView, showInTab, statusView } from './view/status.ts';

function byId(id: string): HTMLElement {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`the page has no #${id}`);
  return element;
}

function show(view: TemplateResult | symbol, id: string): RootPart {
  return render(view, byId(id));
}

const points = new Points();
const charts = new Charts(byId('charts'));
let update: Update | null = null;
let announced = '';

const connection = new Connection('events', {
  onHistory: (history) => points.add(history),
  onUpdate(latest) {
    update = latest;
    points.add([latest.point]);
    charts.show(points.columns(latest.interval));
    show(sourcesView(latest), 'sources');
    show(reportsView(latest), 'reports');
    show(footerView(latest), 'footer');
    showStatus();
  },
  onChange: () => showStatus(),
});

function currentStatus(): Status {
  if (update === null) return CONNECTING;
  const last = statusOf(update);
  return connection.isLate ? staleStatus(connection, last) : last;
}

/** The parts that also change without an update. */
function showStatus(): void {
  const now = currentStatus();
  show(headerView(update, connection), 'header');
  // without updates, ages are no longer known
  show(statusView(connection.isLate ? null : update, now), 'status');
  showInTab(update, now);
  announce(now);
}

/** Announces a new status to screen readers. */
function announce({ kind, tone, word, headline }: Status): void {
  if (announced === `${kind} ${tone}`) return;
  announced = `${kind} ${tone}`;
  byId('announcement').textContent = `${word}. ${headline}`;
}

showStatus();
setInterval(() => {
  connection.tick();
  showStatus();
}, 1000);
