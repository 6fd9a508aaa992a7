/** The tables of clients and of manual samples as `chronyc -n` prints them, in text and in CSV. */
import type { ClientAccess } from '../reports/clients.ts';
import { UNKNOWN_INTERVAL } from '../reports/record.ts';
import type { Fields } from './fields.ts';
import { underlined, widenable } from './reports.ts';
import { isoTime, NEVER, interval as seconds } from './values.ts';

/** How `chronyc -n` prints a table that is not one of the ten reports. */
export interface Table<Row> {
  /** @param length - the number of rows */
  heading(length: number): string;
  text(row: Row, index: number): string;
  cells(row: Row, index: number): readonly (string | number)[];
  /** The table with a wider column for addresses (`chronyc -w`); undefined for a table without that column. */
  readonly wide?: Table<Row>;
}

/** Formats a binary logarithm, 2 characters wide. */
function log2(value: number | null): string {
  return (value === null ? '-' : String(value)).padStart(2);
}

function ago(value: number | null): string {
  return seconds(value ?? NEVER);
}

function count(value: number, width: number): string {
  return String(value).padStart(width);
}

/** The last four columns of a client. */
interface OtherAccess {
  readonly hits: number;
  readonly drops: number;
  readonly interval: number | null;
  readonly lastHitAgo: number | null;
}

function clientsTable(heading: string, other: (client: ClientAccess) => OtherAccess): Table<ClientAccess> {
  return widenable((wider) => ({
    heading: () => underlined(`${'Hostname'.padEnd(25 + wider)}     NTP   Drop Int IntL Last  ${heading}`),

    text(client) {
      const { hits, drops, interval, lastHitAgo } = other(client);
      return `${[
        client.address.padEnd(25 + wider),
        count(client.ntpHits, 6),
        count(client.ntpDrops, 5),
        log2(client.ntpInterval),
        log2(client.ntpTimeoutInterval),
        ago(client.lastNtpHitAgo),
        count(hits, 6),
        count(drops, 5),
        log2(interval),
        ago(lastHitAgo),
      ].join('  ')}\n`;
    },

    cells(client) {
      const { hits, drops, interval, lastHitAgo } = other(client);
      return [
        client.address,
        client.ntpHits,
        client.ntpDrops,
        client.ntpInterval ?? UNKNOWN_INTERVAL,
        client.ntpTimeoutInterval ?? UNKNOWN_INTERVAL,
        client.lastNtpHitAgo ?? NEVER,
        hits,
        drops,
        interval ?? UNKNOWN_INTERVAL,
        lastHitAgo ?? NEVER,
      ];
    },
  }));
}

/** The clients, with their requests of the control protocol in the last columns. */
export const clients = clientsTable('   Cmd   Drop Int  Last', (client) => ({
  hits: client.commandHits,
  drops: client.commandDrops,
  interval: client.commandInterval,
  lastHitAgo: client.lastCommandHitAgo,
}));

/** The clients, with their NTS-KE connections in the last columns (`chronyc clients -k`). */
export const ntsKeClients = clientsTable('NTS-KE   Drop Int  Last', (client) => ({
  hits: client.ntsKeHits,
  drops: client.ntsKeDrops,
  interval: client.ntsKeInterval,
  lastHitAgo: client.lastNtsKeHitAgo,
}));

/** The samples of the manual list, as raw records. */
export const manualList: Table<Fields> = {
  heading: (length) =>
    `210 n_samples = ${length}\n${underlined('#    Date     Time(UTC)    Slewed   Original   Residual')}`,

  text(sample, index) {
    const [, time, ...offsets] = manualCells(sample, index);
    return `${[count(index, 2), time, ...offsets.map((each) => each.padStart(10))].join(' ')}\n`;
  },

  cells: manualCells,
};

function manualCells(sample: Fields, index: number): [index: string, time: string, ...offsets: string[]] {
  const offsets = ['slewed offset', 'original offset', 'residual'].map((name) => sample.fixed(name, 2));
  return [String(index), isoTime(sample.time('time')), ...offsets];
}
