/** The view of chronyd's clients: how often each of them sends requests, and which of them are limited. */
import { html, nothing, type TemplateResult } from 'lit-html';
import type { ClientAccess } from '../../reports/clients.ts';
import type { DataOf } from '../../reports/record.ts';
import type { ClientsMessage } from '../../server/messages.ts';
import type { Latest } from '../fetched.ts';
import { ago, counted, rateText, timeOfDay } from '../format.ts';
import { capitalized } from '../text/source.ts';

/** @param onToggle - called with true when the list is opened, with false when it is closed */
export function clientsView(
  latest: Latest<ClientsMessage>,
  onToggle: (isOpen: boolean) => void,
): TemplateResult {
  const toggled = ({ target }: Event): void => onToggle((target as HTMLDetailsElement).open);
  return html`<h2 id="clients-heading">Clients</h2>
    <details @toggle=${toggled}>
      <summary>Clients of this server <code>clients</code></summary>
      <div class="details">${contentView(latest)}</div>
    </details>`;
}

function contentView({ value, error }: Latest<ClientsMessage>): TemplateResult {
  if (error !== null) return html`<p class="note">${capitalized(error)}</p>`;
  if (value === null) return html`<p class="note">Waiting for the first reply.</p>`;
  if (value.total === 0) return html`<p class="note">No client has sent a request yet.</p>`;
  return tableView(value);
}

const COLUMNS = ['Client', 'Rate', 'NTP', 'NTS-KE', 'Commands', 'Dropped', 'Last request'];

function tableView({ time, total, limited, clients }: ClientsMessage): TemplateResult {
  const others = total - clients.length;
  return html`<p class="note">
      ${counted(total, 'client')} as of ${timeOfDay(time)}, most active first. Rate is the current request rate; NTP,
      NTS-KE, Commands and Dropped are numbers of requests.
      ${limited === 0 ? 'No requests were dropped.' : `Requests of ${counted(limited, 'client')} were dropped: their rate was too high.`}
    </p>
    <div class="scrolled" role="region" aria-label="Table of clients" tabindex="0">
      <table class="clients">
        <thead>
          <tr>${COLUMNS.map((name) => html`<th scope="col">${name}</th>`)}</tr>
        </thead>
        <tbody>${clients.map(({ client, rate }) => clientView(client, rate))}</tbody>
      </table>
    </div>
    ${others === 0 ? nothing : html`<p class="note others">And ${counted(others, 'client')} more, less active.</p>`}`;
}

function clientView(client: DataOf<ClientAccess>, rate: number): TemplateResult {
  const dropped = client.ntpDrops + client.ntsKeDrops + client.commandDrops;
  return html`<tr data-client=${client.address}>
    <th scope="row">${client.address}</th>
    <td>${rateText(rate)}</td>
    <td>${client.ntpHits}</td>
    <td>${client.ntsKeHits}</td>
    <td>${client.commandHits}</td>
    <td>${dropped === 0 ? dropped : html`<strong>${dropped}</strong>`}</td>
    <td>${ago(lastRequest(client))}</td>
  </tr>`;
}

/** The seconds since the last request of any kind. */
function lastRequest({
  lastNtpHitAgo,
  lastNtsKeHitAgo,
  lastCommandHitAgo,
}: DataOf<ClientAccess>): number | null {
  const ages = [lastNtpHitAgo, lastNtsKeHitAgo, lastCommandHitAgo].filter((age) => age !== null);
  return ages.length === 0 ? null : Math.min(...ages);
}
