/** The state of the clock as text: the status with its reasons, the most important figures, the page's own connection. */
import { LEAP_STATUS } from '../../chronyc/format.ts';
import { readableInterval, readablePpm } from '../../chronyc/values.ts';
import { maxClockErrorHint } from '../../clock/max-clock-error.ts';
import type { HealthFigures } from '../../health/judgement.ts';
import type { DataOf } from '../../reports/record.ts';
import type { Source } from '../../reports/sources.ts';
import type { TrackingStatus } from '../../reports/tracking.ts';
import type { Failure, Update } from '../../server/messages.ts';
import { ago, bound, rough } from '../format.ts';
import { reportOf } from '../update.ts';
import { isNamed, type Tone } from './source.ts';

/** The text of the clock's status. */
export interface Status extends StatusText {
  readonly tone: Tone;
  /** The tone as a word. */
  readonly word: string;
  /** All problems of the clock. */
  readonly reasons: readonly string[];
}

interface StatusText {
  /** The subject: a status with another subject or another tone is announced. */
  readonly kind: string;
  readonly headline: string;
  /** The consequence. */
  readonly meaning: string;
  /** The terms of the error bound; empty if there is no bound. */
  readonly sum: string;
  /** For the document's title. */
  readonly short: string;
}

/** The states of a clock's health as words. */
export const HEALTH_WORDS = {
  ok: 'Healthy',
  warning: 'Warning',
  critical: 'Critical',
  unknown: 'Unknown',
} as const;

export function statusOf(update: Update): Status {
  const { state, reasons } = update.health;
  return { tone: state, word: HEALTH_WORDS[state], reasons, ...statusText(update) };
}

function statusText(update: Update): StatusText {
  const { health, failures } = update;
  const tracking = reportOf(update, 'tracking');
  if (health.figures === null || !tracking) return failureText(failures.tracking ?? failures.sources);
  const { synchronized, maxError, reference, selected } = health.figures;
  if (!synchronized) {
    return {
      kind: 'not synchronized',
      headline: 'This clock is not synchronized.',
      meaning: `The clock drifts uncorrected, and its error is unknown. ${sourcesText(update)}`,
      sum: '',
      short: 'not synchronized',
    };
  }
  if (maxError === null) {
    return {
      kind: 'local',
      headline: 'This clock follows no source (local mode).',
      meaning:
        'chronyd is in local mode: it serves its own time as if it were correct. The error of the clock is ' +
        `unknown. ${sourcesText(update)}`,
      sum: '',
      short: 'local mode',
    };
  }
  const limit = bound(maxError);
  if (selected === null && health.state !== 'ok') {
    return {
      kind: 'no source',
      headline: 'This clock follows no source at present.',
      meaning: `It last followed ${reference}, and now drifts uncorrected. ${sourcesText(update)}`,
      sum: sumOf(maxError, tracking, update.maxClockErrorPpm),
      short: 'no source',
    };
  }
  return {
    kind: 'synchronized',
    headline:
      health.state === 'critical'
        ? `This clock may be off by ${limit}.`
        : `This clock is accurate to within ${limit}.`,
    meaning: `${referenceText(update, tracking)} ${offsetText(tracking.offset)}`,
    sum: sumOf(maxError, tracking, update.maxClockErrorPpm),
    short: `± ${limit}`,
  };
}

function referenceText(update: Update, { referenceIdName, stratum }: DataOf<TrackingStatus>): string {
  const sources = reportOf(update, 'sources') ?? [];
  const combined = sources.filter(({ state }) => state === 'unselected').length;
  const followed = sources.find(({ state }) => state === 'selected');
  const isClock = followed?.mode === 'reference clock' || stratum === 1;
  const kind = isClock ? 'a reference clock' : `stratum ${stratum - 1}`;
  const others = combined === 0 ? '' : `, combined with ${combined} other${combined === 1 ? '' : 's'}`;
  const isByName = followed !== undefined && followed.address === referenceIdName && isNamed(followed);
  const what = isByName ? `${followed.name} (${referenceIdName}, ${kind})` : `${referenceIdName} (${kind})`;
  return `It follows ${what}${others}.`;
}

/** An offset in seconds with its sign as a word: `1.89 ms slow`. */
export function offsetWords(offset: number): string {
  return `${rough(offset)} ${offset > 0 ? 'slow' : 'fast'}`;
}

function offsetText(offset: number): string {
  if (offset === 0) return 'The estimated offset is zero.';
  return `By chronyd's best estimate the clock is ${offsetWords(offset)}; chronyd is correcting this.`;
}

function sumOf(
  maxError: number,
  { offset, rootDispersion, rootDelay }: DataOf<TrackingStatus>,
  maxClockErrorPpm: number | null,
): string {
  const drift = maxError - Math.abs(offset) - rootDispersion - rootDelay / 2;
  const parts = [
    `${rough(offset)} left to correct`,
    `${rough(rootDispersion)} of root dispersion`,
    `${rough(rootDelay / 2)} for half of the root delay`,
    ...(drift > 1e-9
      ? [`${rough(drift)} for drift since the last measurement, beyond what chronyd allows for`]
      : []),
  ];
  const hint = maxClockErrorHint(maxClockErrorPpm);
  return `The bound is a sum: ${parts.join(' + ')}.${hint === null ? '' : ` Note: ${hint}.`}`;
}

const DRIFTS = 'The clock may be drifting uncorrected, with an unknown error.';
const CLOCK_MAY_BE_CORRECT = 'The clock itself may still be correct.';

const BY_CODE: Readonly<Record<string, readonly [headline: string, meaning: string]>> = {
  ERR_CHRONY_CONNECTION: [
    'chronyd cannot be reached.',
    `It does not run, or does not listen at this address. ${DRIFTS}`,
  ],
  ERR_CHRONY_TIMEOUT: [
    'chronyd does not reply.',
    `It does not run, hangs, or does not accept requests from this server. ${DRIFTS}`,
  ],
  ERR_CHRONY_RESOLVE: ['chronyd cannot be found.', `Its host name cannot be resolved. ${DRIFTS}`],
  ERR_CHRONY_PERMISSION: ['chronyd refuses requests from this server.', CLOCK_MAY_BE_CORRECT],
};

/** The status if chronyd did not reply. @param failure - undefined before the first request */
function failureText(failure: Failure | undefined): StatusText {
  const code = failure?.code ?? '';
  const [headline, meaning] = BY_CODE[code] ?? [
    "The clock's state cannot be determined.",
    CLOCK_MAY_BE_CORRECT,
  ];
  return { kind: `failure ${code}`, headline, meaning, sum: '', short: 'no report' };
}

type Group = readonly [text: (many: boolean) => string, is: (source: DataOf<Source>) => boolean];

/** Each source is counted in the first group that matches. */
const GROUPS: readonly Group[] = [
  [(many) => `${many ? 'do' : 'does'} not answer`, ({ reachability }) => reachability === 0],
  [(many) => `${many ? 'are falsetickers' : 'is a falseticker'}`, ({ state }) => state === 'falseticker'],
  [(many) => `${many ? 'vary' : 'varies'} too much`, ({ state }) => state === 'jittery'],
  [
    (many) => `${many ? 'answer' : 'answers'}, but cannot be followed yet`,
    ({ state }) => state === 'nonselectable',
  ],
  [() => 'could be followed', () => true],
];

/** The state of all sources in one sentence, while none is followed. */
export function sourcesText(update: Update): string {
  const sources = reportOf(update, 'sources') ?? [];
  if (sources.length === 0) return 'No sources are configured in chronyd.';
  const isOnly = sources.length === 1;
  const groups = sources.map((source) => GROUPS.find(([, is]) => is(source)));
  const parts = GROUPS.flatMap((group) => {
    const count = groups.filter((each) => each === group).length;
    if (count === 0) return [];
    const text = group[0](count > 1);
    return isOnly ? text : `${count} ${text}`;
  });
  return `${isOnly ? 'Its only source' : `Of ${sources.length} sources`} ${parts.join(', ')}.`;
}

/** A figure of the clock. */
export interface Fact {
  readonly label: string;
  readonly value: string;
  readonly note: string;
}

/** The most important figures; empty if chronyd did not reply. */
export function factsOf(update: Update): Fact[] {
  const { figures } = update.health;
  const tracking = reportOf(update, 'tracking');
  if (figures === null || !tracking) return [];
  const { offset, stratum, refTime } = tracking;
  const ofTheFollowed: Fact[] = [
    { label: 'Offset', value: rough(offset), note: offsetNote(offset) },
    {
      label: 'Stratum',
      value: String(stratum),
      note: stratum === 1 ? 'follows a reference clock' : `${stratum} hops to a reference clock`,
    },
    {
      label: 'Last measured',
      value: ago(Math.max(0, update.time - refTime)),
      note: 'when the clock was last updated',
    },
  ];
  return [
    ...(figures.maxError === null ? [] : ofTheFollowed),
    sourcesFact(figures),
    frequencyFact(tracking),
    leapFact(tracking),
  ];
}

function offsetNote(offset: number): string {
  if (offset === 0) return 'fully corrected';
  return `${offset > 0 ? 'slow' : 'fast'}, being corrected`;
}

function sourcesFact({ sources, reachableSources, falsetickers }: HealthFigures): Fact {
  const wrong = `, ${falsetickers} ${falsetickers === 1 ? 'is a falseticker' : 'are falsetickers'}`;
  return {
    label: 'Sources',
    value: `${reachableSources} of ${sources}`,
    note: `are answering${falsetickers === 0 ? '' : wrong}`,
  };
}

function frequencyFact({ frequency: rate, skew }: DataOf<TrackingStatus>): Fact {
  return {
    label: 'Frequency',
    value: readablePpm(Math.abs(rate)),
    note: `${rate > 0 ? 'fast' : 'slow'} if uncorrected; ±\u00a0${readablePpm(skew)} (skew)`,
  };
}

const LEAP_NOTES = {
  normal: 'no leap second is pending',
  'insert second': 'at the end of the day (UTC)',
  'delete second': 'at the end of the day (UTC)',
  'not synchronized': 'so leap seconds are unknown',
} as const;

function leapFact({ leapStatus }: DataOf<TrackingStatus>): Fact {
  return { label: 'Leap status', value: LEAP_STATUS[leapStatus], note: LEAP_NOTES[leapStatus] };
}

/** The page's connection to the server. */
export interface Link {
  readonly isOpen: boolean;
  readonly isLate: boolean;
  /** Seconds since the last update; null before the first. */
  readonly silence: number | null;
}

export const CONNECTING: Status = {
  kind: 'connecting',
  tone: 'unknown',
  word: 'Connecting',
  headline: 'Waiting for the first update.',
  meaning: 'The page keeps trying to reach the server.',
  sum: '',
  short: 'connecting',
  reasons: [],
};

/** The status once updates are overdue: the last known one may no longer be true. */
export function staleStatus({ silence, isOpen }: Link, last: Status): Status {
  const server = isOpen ? 'The server no longer sends updates' : 'The server cannot be reached';
  return {
    kind: 'without news',
    tone: 'unknown',
    word: 'No updates',
    headline: `No update for ${readableInterval(silence)}.`,
    meaning: `${server}; the page keeps trying. ${CLOCK_MAY_BE_CORRECT} Last known state: ${last.word.toLowerCase()}, ${last.short}.`,
    sum: '',
    short: 'no updates',
    reasons: [],
  };
}

export function linkText({ isOpen, isLate }: Link): string {
  if (!isOpen) return 'Reconnecting';
  return isLate ? 'Silent' : 'Live';
}
