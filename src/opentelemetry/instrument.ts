/** A metric in OpenTelemetry's form: with dots in its name, and a separate unit. */
import type { Family, Sample, Snapshot } from '#metrics';

/** A metric of a meter, with the source of its values. */
export interface Instrument {
  readonly name: string;
  readonly description: string;
  /** Empty if there is none. */
  readonly unit: string;
  readonly kind: 'counter' | 'gauge' | 'integer gauge';
  /** Empty if the snapshot has no such value. No two samples have the same labels. */
  samples(snapshot: Snapshot): readonly Sample[];
}

/** The unit of the Collector's chronyreceiver, so that these gauges can replace its own in a chart. */
export const PPM = 'ppm';

/** The suffixes of Prometheus names, with the unit that replaces each. */
const SUFFIXES = { _seconds: 's', _ratio: '1', _ppms: PPM, _total: '' } as const;

/**
 * Returns the instrument of a metric. OpenTelemetry's standard translation of its name gives the Prometheus name
 * again: `chrony.tracking.root_delay` in `s` becomes `chrony_tracking_root_delay_seconds`. Only `_ppms` becomes
 * `_ppm`.
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
