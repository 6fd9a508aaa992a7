/** The state of a source as text: what it is, and why. */
import type { DataOf } from '../../reports/record.ts';
import type { SelectData } from '../../reports/selectdata.ts';
import { isUnresolved } from '../../reports/source-name.ts';
import type { Source } from '../../reports/sources.ts';

/** The meaning of a state. It is never shown by a colour alone. */
export type Tone = 'ok' | 'warning' | 'critical' | 'unknown' | 'neutral';

/** With a capital, as at the start of a line. */
export function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** True of a source that was configured by a name. */
export function isNamed({ name, address }: Pick<DataOf<Source>, 'name' | 'address'>): boolean {
  return name !== null && name !== address;
}

/** How a source is called: by its name in chronyd's configuration, else by its address. */
export function calledText({ name, address }: Pick<DataOf<Source>, 'name' | 'address'>): string {
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
    why: 'It could be followed, but others are better at present.',
  },
  falseticker: {
    text: 'falseticker',
    tone: 'critical',
    why: 'The majority of the sources says that its time is wrong.',
  },
  jittery: { text: 'too variable', tone: 'warning', why: 'Its measurements vary too much.' },
  nonselectable: {
    text: 'unusable',
    tone: 'warning',
    why: 'It cannot be followed: too few samples yet, not synchronised itself, or told to be ignored.',
  },
};

/** @param select - undefined if chronyd does not give it */
export function stateText({ state }: DataOf<Source>, select: DataOf<SelectData> | undefined): StateText {
  // the source is as configured
  if (select?.state === 'ignored') return { ...STATES[state], text: 'not to be used', tone: 'neutral' };
  return STATES[state];
}

/** The reason, by the state in `selectdata`. */
const REASONS: { readonly [State in SelectData['state']]: string } = {
  ignored: 'The configuration says never to follow it (noselect).',
  'not synchronized': 'It is not synchronised itself.',
  'missing samples': 'It has given too few samples yet.',
  'unacceptable distance':
    'It is too far from a reference clock: its root distance is above the limit (maxdistance).',
  'large distance':
    'It is right, but so much farther from a reference clock than the best that it would not help.',
  jittery: STATES.jittery.why,
  'waiting for others': 'It has to wait: other sources are about to have enough samples.',
  'missing selectable sources':
    'It could be followed, but too few sources can be (minsources), or none that has to be among them (require).',
  stale: 'Its samples are older than those of the others.',
  orphan: 'Its stratum is not below that of the local orphan mode here.',
  'not trusted': 'It disagrees with the sources that the configuration trusts (trust).',
  'not preferred': 'It could be followed, but the configuration prefers another (prefer).',
  'waiting for update': 'It could be followed; the clock waits for its next sample.',
  falseticker: STATES.falseticker.why,
  combined: STATES.unselected.why,
  best: 'The clock follows it: of the sources that agree it has proved best.',
  'stratum out of range': 'Its stratum is outside the configured limits.',
};

/** Why a source is in its state. @param select - undefined if chronyd does not give it */
export function why(source: DataOf<Source>, select: DataOf<SelectData> | undefined): string {
  if (source.reachability === 0 && source.state === 'nonselectable' && select?.state !== 'ignored') {
    return silence(source);
  }
  const reason = select === undefined ? STATES[source.state].why : REASONS[select.state];
  return source.reachability === 0 ? `${reason} Of late it has not answered.` : reason;
}

/** `prefer, trust (added by chronyd)`; empty if there are none. */
export function optionText({ configuredOptions, effectiveOptions }: DataOf<SelectData>): string {
  return effectiveOptions
    .map((option) => (configuredOptions.includes(option) ? option : `${option} (added by chronyd)`))
    .join(', ');
}

function silence({ address, mode, lastSampleAgo }: DataOf<Source>): string {
  if (isUnresolved(address)) return 'Its name has no address: check the name, and that DNS answers.';
  const isClock = mode === 'reference clock';
  if (lastSampleAgo !== null) {
    return `It has stopped ${isClock ? 'giving samples' : 'answering'}, and those it gave are too old by now.`;
  }
  return isClock
    ? 'It has given no samples yet: check the receiver, and what passes its samples to chronyd.'
    : 'It has not answered yet: check that it runs, and that NTP gets through to it and back.';
}

const MODES: { readonly [Mode in Source['mode']]: string } = {
  client: 'server',
  peer: 'peer',
  'reference clock': 'reference clock',
};

export function modeText({ mode }: DataOf<Source>): string {
  return MODES[mode];
}

/** How many of the last eight polls were answered. */
export function answered({ reachability }: DataOf<Source>): number {
  return [...reachability.toString(2)].filter((bit) => bit === '1').length;
}

export function reachText(source: DataOf<Source>): string {
  const verb = source.mode === 'reference clock' ? 'gave samples at' : 'answered';
  return `${verb} ${answered(source)} of the last 8 polls`;
}
