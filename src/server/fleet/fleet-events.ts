/** `/events` of a fleet: its targets and rows, piece by piece, and then the changes. */
import type { Fleet } from '../../fleet/fleet.ts';
import type { ClockRow } from '../../fleet/row.ts';
import { monotonicMs, setTimeout } from '../../util/timers.ts';
import type { RouteRequest, RouteResult } from '../reply.ts';
import type { Shares } from '../shares.ts';
import { eventText, type Feed, type Viewer, Viewers } from '../viewers.ts';
import type { FleetClock, RowMessage, TargetId, TargetMessage } from './messages.ts';

/** The maximum number of targets or rows in one event. */
const MAX_ITEMS = 500;
/** Changes within this time are sent together. */
const GATHER_MS = 1000;
/** The longest time from one event `clock` to the next. */
const LONGEST_CLOCK_MS = 15_000;
/** The minimum time between two updates of the topology, which is large for a large fleet. */
const TOPOLOGY_MS = 5000;
/** The significant digits of an offset or an error bound. chronyd's own values have fewer. */
const DIGITS = 7;

/** A target that viewers know, with the versions of its last changes. Versions are those of {@link FleetEvents}. */
interface Entry {
  readonly id: TargetId;
  /** Null while there are no viewers. Rows are immutable: each change makes a new one. */
  row: ClockRow | null;
  /** The version in which the labels changed last. */
  labelled: number;
  /** The version in which the row changed last. */
  changed: number;
}

/** Events for any viewer at a given position. */
interface Piece {
  readonly text: Buffer | null;
  /** The first target after the piece; null at the end of the list. */
  readonly next: TargetId | null;
}

/**
 * The position of a viewer in the list of targets. It passes through the list in rounds, and receives the rows that have
 * changed since the start of its previous round. A slow viewer gets the latest rows later, and no rows are queued for it.
 */
interface Position {
  /** The viewer knows everything up to this version, from earlier rounds. */
  known: number;
  /** The version at the beginning of this round. */
  round: number;
  /** The next target of this round; null between two rounds. */
  next: TargetId | null;
  /** The number of removed targets that the viewer has received. */
  gone: number;
  clock: number;
  topology: number;
}

export type FleetContext = Pick<FleetClock, 'interval' | 'host' | 'version'>;

export class FleetEvents implements Disposable {
  readonly #fleet: Fleet;
  readonly #context: FleetContext;
  readonly #viewers: Viewers;
  /** The targets by address, in the order of their IDs. Up to date while there are viewers. */
  readonly #entries = new Map<string, Entry>();
  /** The same targets as a list; null after targets were added or removed. */
  #list: readonly Entry[] | null = null;
  #lastId = 0;
  /** Grows each time changes are gathered. */
  #version = 0;
  /** The pieces of this version, by position. */
  readonly #pieces = new Map<string, Piece>();
  readonly #positions = new Set<Position>();
  /** The removed targets that some viewer may still know, and the number of earlier ones, which are forgotten. */
  #gone: TargetId[] = [];
  #goneBefore = 0;
  /** Incremented when every viewer must get the event `clock`. */
  #clock = 0;
  #topology = 1;
  #topologyMs = 0;
  #isTopologyOld = false;

  /** The addresses of rows that have changed since the last version. */
  readonly #changed = new Set<string>();
  #gathering: NodeJS.Timeout | null = null;
  #gatheredMs = 0;
  readonly #clockTimer: NodeJS.Timeout;
  readonly #stopListening: () => void;

  /** @param places - as for `Viewers` */
  constructor(fleet: Fleet, context: FleetContext, places?: Shares<Viewer>) {
    this.#fleet = fleet;
    this.#context = context;
    this.#viewers = new Viewers(places);
    this.#clockTimer = setInterval(
      () => {
        this.#clock++;
        this.#viewers.send();
      },
      Math.min(context.interval * 1000, LONGEST_CLOCK_MS),
    );
    this.#stopListening = fleet.onChange((addresses) => this.#note(addresses));
  }

  /** The route of `/events`. */
  reply(request: RouteRequest): RouteResult {
    return this.#viewers.reply(request, () => this.#join());
  }

  #join(): Feed {
    // without viewers, changes are not followed
    if (this.#viewers.size === 0) this.#catchUp();
    const position: Position = {
      known: 0,
      round: 0,
      next: null,
      gone: this.#goneBefore + this.#gone.length,
      clock: -1,
      topology: 0,
    };
    this.#positions.add(position);
    return {
      next: () => this.#next(position),
      left: () => {
        this.#positions.delete(position);
        if (this.#positions.size === 0) this.#rest();
      },
    };
  }

  /** Drops all data for viewers except the IDs of the targets. */
  #rest(): void {
    this.#pieces.clear();
    this.#list = null;
    for (const entry of this.#entries.values()) entry.row = null;
  }

  /** Brings all entries up to date. */
  #catchUp(): void {
    this.#changed.clear();
    for (const address of this.#entries.keys()) this.#changed.add(address);
    for (const { address } of this.#fleet.rows()) this.#changed.add(address);
    this.#gather();
  }

  #note(addresses: ReadonlySet<string>): void {
    if (this.#viewers.size === 0) return;
    for (const address of addresses) this.#changed.add(address);
    if (this.#gathering !== null) return;
    const waitMs = Math.max(0, this.#gatheredMs + GATHER_MS - monotonicMs());
    this.#gathering = setTimeout(() => {
      this.#gathering = null;
      this.#gather();
      this.#viewers.send();
    }, waitMs);
  }

  /** Makes a new version from the gathered changes. */
  #gather(): void {
    this.#gatheredMs = monotonicMs();
    this.#version++;
    this.#pieces.clear();
    for (const address of this.#changed) this.#update(address);
    this.#changed.clear();
    this.#forgetGone();
    if (this.#isTopologyOld && monotonicMs() - this.#topologyMs >= TOPOLOGY_MS) {
      this.#topology++;
      this.#topologyMs = monotonicMs();
      this.#isTopologyOld = false;
    }
  }

  #update(address: string): void {
    const row = this.#fleet.row(address);
    const entry = this.#entries.get(address);
    if (row === undefined) {
      if (entry === undefined) return;
      this.#entries.delete(address);
      this.#gone.push(entry.id);
      this.#list = null;
      this.#isTopologyOld = true;
    } else if (entry === undefined) {
      const version = this.#version;
      this.#entries.set(address, { id: ++this.#lastId, row, labelled: version, changed: version });
      this.#list = null;
      // the event `clock` has the number of targets
      this.#clock++;
      this.#isTopologyOld = true;
    } else {
      if (entry.row?.labels !== row.labels) entry.labelled = this.#version;
      if (entry.row === null || !isAlikeForTopology(entry.row, row)) this.#isTopologyOld = true;
      entry.changed = this.#version;
      entry.row = row;
    }
  }

  /** Forgets the removed targets that every viewer has received. */
  #forgetGone(): void {
    if (this.#gone.length === 0) return;
    const all = this.#goneBefore + this.#gone.length;
    const known = Math.min(all, ...Array.from(this.#positions, ({ gone }) => gone));
    this.#gone = this.#gone.slice(known - this.#goneBefore);
    this.#goneBefore = known;
  }

  /** The next text for a viewer; null if it is up to date. */
  #next(position: Position): Buffer | null {
    if (position.clock !== this.#clock) {
      position.clock = this.#clock;
      return text('clock', this.#clockMessage());
    }
    const gone = this.#gone.slice(position.gone - this.#goneBefore).slice(0, MAX_ITEMS);
    if (gone.length > 0) {
      position.gone += gone.length;
      return text('gone', gone);
    }
    while (position.next !== null || position.known < this.#version) {
      if (position.next === null) {
        position.round = this.#version;
        position.next = 0;
      }
      const { text: piece, next } = this.#pieceAt(position.known, position.next);
      position.next = next;
      if (next === null) position.known = position.round;
      if (piece !== null) return piece;
    }
    if (position.topology === this.#topology) return null;
    position.topology = this.#topology;
    return text('topology', this.#topology);
  }

  #clockMessage(): FleetClock {
    const targets = this.#fleet.list.targets.size;
    return { time: Date.now() / 1000, targets, ...this.#context };
  }

  /** The piece for a viewer that knows this version. It is made once for all viewers. */
  #pieceAt(known: number, first: TargetId): Piece {
    const key = `${known} ${first}`;
    const piece = this.#pieces.get(key) ?? this.#writePiece(known, first);
    this.#pieces.set(key, piece);
    return piece;
  }

  #writePiece(known: number, first: TargetId): Piece {
    this.#list ??= [...this.#entries.values()];
    const list = this.#list;
    const targets: TargetMessage[] = [];
    const rows: RowMessage[] = [];
    let index = indexOf(list, first);
    for (; index < list.length && targets.length < MAX_ITEMS && rows.length < MAX_ITEMS; index++) {
      const entry = list[index];
      if (!entry?.row) continue;
      const { id, row, labelled, changed } = entry;
      if (labelled > known) targets.push([id, row.address, row.labels]);
      if (changed > known) rows.push(rowMessage(id, row));
    }
    const texts = [
      ...(targets.length > 0 ? [eventText('targets', targets)] : []),
      ...(rows.length > 0 ? [eventText('rows', rows)] : []),
    ];
    return {
      text: texts.length > 0 ? Buffer.from(texts.join('')) : null,
      next: list[index]?.id ?? null,
    };
  }

  /** Disconnects all viewers. */
  [Symbol.dispose](): void {
    this.#stopListening();
    clearInterval(this.#clockTimer);
    if (this.#gathering !== null) clearTimeout(this.#gathering);
    this.#viewers[Symbol.dispose]();
  }
}

/** False if the topology may differ. */
function isAlikeForTopology(one: ClockRow, other: ClockRow): boolean {
  return (
    one.referenceAddress === other.referenceAddress &&
    one.reference === other.reference &&
    one.ip === other.ip &&
    one.sources?.length === other.sources?.length &&
    // most rows of sources are shared
    (one.sources ?? []).every((source, index) => source === other.sources?.[index])
  );
}

function text(name: string, data: unknown): Buffer {
  return Buffer.from(eventText(name, data));
}

/** The index of the first entry with this number or a higher one. */
function indexOf(list: readonly Entry[], id: TargetId): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((list[middle]?.id ?? 0) < id) low = middle + 1;
    else high = middle;
  }
  return low;
}

function rowMessage(id: TargetId, row: ClockRow): RowMessage {
  const { state, reasons, maxError, offset, stratum, reference, measurementAge, heard, ip } = row;
  return [
    id,
    state,
    reasons,
    short(maxError),
    short(offset),
    stratum,
    reference,
    short(measurementAge),
    heard === null ? null : Math.round(heard * 1000) / 1000,
    ip,
  ];
}

/** Rounds a value to its significant digits. */
function short(value: number | null): number | null {
  return value === null ? null : Number(value.toPrecision(DIGITS));
}
