/** The state of a source as text: what it is, and why. */
import type { DataOf } from '../../reports/record.ts';
import type { SelectData } from '../../reports/selectdata.ts';
import { isUnresolved } from '../../reports/source-name.ts';
import type { Source } from '../../reports/sources.ts';

/** The severity of a state. It is never shown by color alone. */
export type Tone = 'ok' | 'warning' | 'critical' | 'unknown' | 'neutral';

/** Starts a text with a capital letter. */
export function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Whether a source was configured by name. */
export function isNamed({ name, address }: Pick<DataOf<Source>, 'name' | 'address'>): boolean {
  return name !== null && name !== address;
}

/** The name of a source in chronyd's configuration, else its address. */
export function nameOrAddress({ name, address }: Pick<DataOf<Source>, 'name' | 'address'>): string {
  return name ?? address;
}

/** A source's state as text. */
export interface StateText {
  readonly text: string;
  readonly tone: Tone;
  /** The reason, if `selectdata` does not give a more exact one. */
  readonly why: string;
}

const STATES: { readonly [State in Source['state']]: StateText } = {
  selected: { text: 'current best', tone: 'ok', why: 'The clock follows it.' },
  unselected: {
    text: 'combined',
    tone: 'ok',
    why: 'Its measurements are combined with those of the current best.',
  },
  selectable: {
    text: 'not combined',
    tone: 'neutral',
    why: 'It can be followed, but other sources are better at present.',
  },
  falseticker: {
    text: 'falseticker',
    tone: 'critical',
    why: 'Its time disagrees with the majority of the sources.',
  },
  jittery: { text: 'too variable', tone: 'warning', why: 'Its measurements vary too much.' },
  nonselectable: {
    text: 'unusable',
    tone: 'warning',
    why: 'It cannot be followed: it has too few samples, is not synchronized, or is configured to be ignored.',
  },
};

/** @param select - undefined if chronyd does not give it */
export function stateText({ state }: DataOf<Source>, select: DataOf<SelectData> | undefined): StateText {
  // ignored by configuration, so not a problem
  if (select?.state === 'ignored') return { ...STATES[state], text: 'ignored', tone: 'neutral' };
  return STATES[state];
}

/** The reason, by the state in `selectdata`. */
const REASONS: { readonly [State in SelectData['state']]: string } = {
  ignored: 'The configuration excludes it from selection (noselect).',
  'not synchronized': 'It is not synchronized.',
  'missing samples': 'It has too few samples so far.',
  'unacceptable distance':
    'It is too far from a reference clock: its root distance is above the limit (maxdistance).',
  'large distance':
    'Its time agrees, but its root distance is too large compared with that of the best source.',
  jittery: STATES.jittery.why,
  'waiting for others': 'The selection waits for other sources that will soon have enough samples.',
  'missing selectable sources':
    'It can be followed, but too few sources are selectable (minsources), or no required source is (require).',
  stale: 'Its samples are older than those of the others.',
  orphan: 'Its stratum is not below the stratum of local orphan mode on this host.',
  'not trusted': 'It disagrees with the sources that the configuration trusts (trust).',
  'not preferred': 'It can be followed, but the configuration prefers another source (prefer).',
  'waiting for update': 'It can be followed after its next sample.',
  falseticker: STATES.falseticker.why,
  combined: STATES.unselected.why,
  best: 'The clock follows it: it is the best of the agreeing sources.',
  'stratum out of range': 'Its stratum is outside the configured limits.',
};

/** Why a source is in its state. @param select - undefined if chronyd does not give it */
export function why(source: DataOf<Source>, select: DataOf<SelectData> | undefined): string {
  if (source.reachability === 0 && source.state === 'nonselectable' && select?.state !== 'ignored') {
    return silence(source);
  }
  const reason = select === undefined ? STATES[source.state].why : REASONS[select.state];
  return source.reachability === 0 ? `${reason} It has not answered recently.` : reason;
}

/** `prefer, trust (added by chronyd)`; empty if there are none. */
export function optionText({ configuredOptions, effectiveOptions }: DataOf<SelectData>): string {
  return effectiveOptions
    .map((option) => (configuredOptions.includes(option) ? option : `${option} (added by chronyd)`))
    .join(', ');
}

function silence({ address, mode, lastSampleAgo }: DataOf<Source>): string {
  if (isUnresolved(address)) return 'Its name cannot be resolved: check the name and DNS.';
  const isClock = mode === 'reference clock';
  if (lastSampleAgo !== null) {
    return `It has stopped ${isClock ? 'giving samples' : 'answering'}, and its last samples are too old.`;
  }
  return isClock
    ? 'It has given no samples yet: check the receiver, and the program that passes its samples to chronyd.'
    : 'It has not answered yet: check that it runs, and that NTP packets pass in both directions.';
}

const MODES: { readonly [Mode in Source['mode']]: string } = {
  client: 'server',
  peer: 'peer',
  'reference clock': 'reference clock',
};

export function modeText({ mode }: DataOf<Source>): string {
  return MODES[mode];
}

/** Returns how many of the last eight polls were answered. */
export function answered({ reachability }: DataOf<Source>): number {
  return [...reachability.toString(2)].filter((bit) => bit === '1').length;
}

export function reachText(source: DataOf<Source>): string {
  const verb = source.mode === 'reference clock' ? 'gave samples at' : 'answered';
  return `${verb} ${answered(source)} of the last 8 polls`;
}
