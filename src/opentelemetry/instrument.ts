/** A metric as OpenTelemetry names it: with dots, and with its unit beside the name instead of in it. */
import type { Family } from '#metrics';

export interface Instrument {
  readonly name: string;
  /** Of UCUM; empty where there is none. */
  readonly unit: string;
}

/** What ends the names of Prometheus, and the unit that OpenTelemetry's translation makes it of. */
const SUFFIXES = { _seconds: 's', _ratio: '1', _total: '' } as const;

/** What is in braces is a remark, of which no suffix is made: `_ppms` must stay in the name. */
const PPM = '{ppm}';

/**
 * Made so that the translation to Prometheus, as OpenTelemetry specifies it, makes the same name of it again:
 * `chrony.tracking.root_delay` in `s` is `chrony_tracking_root_delay_seconds`.
 */
export function instrumentOf({ name }: Family): Instrument {
  const [, subsystem, rest] = /^chrony_([^_]+)_?(.*)$/.exec(name) ?? [];
  const dotted = ['chrony', subsystem, rest].filter(Boolean).join('.');
  for (const [suffix, unit] of Object.entries(SUFFIXES)) {
    if (dotted.endsWith(suffix)) return { name: dotted.slice(0, -suffix.length), unit };
  }
  return { name: dotted, unit: dotted.endsWith('_ppms') ? PPM : '' };
}
