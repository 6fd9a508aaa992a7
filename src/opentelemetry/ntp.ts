/** The metrics of the OpenTelemetry Collector's chronyreceiver: the same names, units, attribute and values. */
import { LeapStatus, type TrackingStatus } from 'chrony-wasm';
import { type Instrument, PPM } from './instrument.ts';

/** The values of the attribute `leap.status`. */
const LEAPS: Readonly<Record<LeapStatus, string>> = {
  [LeapStatus.NORMAL]: 'normal',
  [LeapStatus.INSERT]: 'insert_second',
  [LeapStatus.DELETE]: 'delete_second',
  [LeapStatus.UNSYNC]: 'unsynchronised',
};

interface Row extends Omit<Instrument, 'samples'> {
  /** False for a metric without the attribute `leap.status`. */
  readonly hasLeap: boolean;
  readonly value: (tracking: TrackingStatus) => number;
}

const time = { unit: 'seconds', kind: 'gauge', hasLeap: true } as const;

const rows: readonly Row[] = [
  {
    ...time,
    name: 'ntp.time.correction',
    description: 'Remaining correction: positive if the clock is behind true time',
    value: (t) => t.offset,
  },
  {
    ...time,
    name: 'ntp.time.last_offset',
    description: 'Offset estimated at the last clock update: positive if the clock was ahead of its sources',
    value: (t) => t.lastOffset,
  },
  {
    ...time,
    name: 'ntp.time.rms_offset',
    description: 'Long-term average of the offset',
    value: (t) => t.rmsOffset,
  },
  {
    ...time,
    name: 'ntp.time.root_delay',
    description: 'Round-trip delay to the reference clock at stratum 1',
    value: (t) => t.rootDelay,
  },
  {
    name: 'ntp.frequency.offset',
    description: 'Rate at which the uncorrected clock would gain: positive if it runs fast',
    unit: PPM,
    kind: 'gauge',
    hasLeap: true,
    value: (t) => t.frequency,
  },
  {
    name: 'ntp.skew',
    description: 'Error bound of the frequency',
    unit: PPM,
    kind: 'gauge',
    hasLeap: false,
    value: (t) => t.skew,
  },
  {
    name: 'ntp.stratum',
    description: 'Hops to a reference clock: 1 to 15; 0 or 16 while not synchronized, 16 if unknown',
    unit: '{count}',
    kind: 'integer gauge',
    hasLeap: false,
    value: (t) => t.stratum,
  },
];

export const ntpInstruments: readonly Instrument[] = rows.map(({ hasLeap, value, ...rest }) => ({
  ...rest,
  samples({ reports }) {
    const tracking = reports.tracking?.value;
    if (!tracking) return [];
    const labels = hasLeap ? { 'leap.status': LEAPS[tracking.leapStatus] } : {};
    return [{ labels, value: value(tracking) }];
  },
}));
