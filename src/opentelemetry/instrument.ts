/** A metric in the form that OpenTelemetry has for it: with dots in its name, and with its unit beside the name. */
import type { Family, Sample, Snapshot } from '#metrics';

/** A metric of a meter, and where its values come from. */
export interface Instrument {
  readonly name: string;
  readonly description: string;
  /** Empty where there is none. */
  readonly unit: string;
  readonly kind: 'counter' | 'gauge' | 'integer gauge';
  /** Empty if the snapshot has no such value. No two samples have the same labels. */
  samples(snapshot: Snapshot): readonly Sample[];
}

/** As the Collector's chronyreceiver has it, whose gauges these can replace in a chart. */
export const PPM = 'ppm';

/** The ends of Prometheus's names, and the unit that stands beside the name instead. */
const SUFFIXES = { _seconds: 's', _ratio: '1', _ppms: PPM, _total: '' } as const;

/**
 * Named so that the translation to Prometheus, as OpenTelemetry specifies it, makes the same name of it again:
 * `chrony.tracking.root_delay` in `s` is `chrony_tracking_root_delay_seconds`. Only `_ppms` becomes `_ppm`.
 */
export function instrumentOf(family: Family): Instrument {
  const [, subsystem, rest] = /^chrony_([^_]+)_?(.*)$/.exec(family.name) ?? [];
  const dotted = ['chrony', subsystem, rest].filter(Boolean).join('.');
  const [suffix, unit] = Object.entries(SUFFIXES).find(([end]) => dotted.endsWith(end)) ?? ['', ''];
  return {
    name: dotted.slice(0, dotted.length - suffix.length),
    description: family.help,
    unit,
    kind: family.type,
    samples: (snapshot) => family.samples(snapshot),
  };
}
