/** The page that shows how a clock is, and goes on showing it. */
import { type RootPart, render, type TemplateResult } from 'lit-html';
import type { Update } from '../server/messages.ts';
import { Charts } from './chart/charts.ts';
import { Connection } from './connection.ts';
import { Points } from './points.ts';
import { footerView, headerView, showInTab } from './view/frame.ts';
import { reportsView } from './view/reports.ts';
import { sourcesView } from './view/sources.ts';
import { statusView } from './view/status.ts';
import { CONNECTING, withoutNews } from './words/connection.ts';
import { type Standing, standing } from './words/standing.ts';

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
    showStanding();
  },
  onChange: () => showStanding(),
});

function standingNow(): Standing {
  if (update === null) return CONNECTING;
  const last = standing(update);
  return connection.isLate ? withoutNews(connection, last) : last;
}

/** What may change without an update, too. */
function showStanding(): void {
  const now = standingNow();
  show(headerView(update, connection), 'header');
  // how long ago something was is not known any more
  show(statusView(connection.isLate ? null : update, now), 'status');
  showInTab(update, now);
  announce(now);
}

/** To screen readers, and only what is news. */
function announce({ kind, tone, word, headline }: Standing): void {
  if (announced === `${kind} ${tone}`) return;
  announced = `${kind} ${tone}`;
  byId('announcement').textContent = `${word}. ${headline}`;
}

showStanding();
setInterval(() => {
  connection.tick();
  showStanding();
}, 1000);
