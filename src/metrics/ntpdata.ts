/** Metrics of the report `ntpdata`. */
import type { NtpData } from 'chrony-wasm';
import { familiesOfEach, type Row } from './family.ts';
import { bySource, SOURCE_LABELS } from './source-labels.ts';

/** The zeros of a source that has not answered yet mean nothing. */
function ifAnswered(name: string, help: string, value: (data: NtpData) => number): Row<NtpData> {
  return { name, help, value: (data) => (data.mode === null ? null : value(data)) };
}

export const ntpdata = familiesOfEach(
  'ntpdata',
  SOURCE_LABELS,
  (records) => bySource(records, ({ remoteAddress }) => remoteAddress),
  [
    ifAnswered(
      'sources_peer_offset_seconds',
      "Offset measured by the last packet, in seconds, with NTP's sign: negative if the clock is ahead of the source",
      (n) => n.offset,
    ),
    ifAnswered(
      'sources_peer_delay_seconds',
      'Round-trip delay of the last packet, in seconds',
      (n) => n.peerDelay,
    ),
    ifAnswered(
      'sources_peer_dispersion_seconds',
      'Dispersion of the last measurement, in seconds',
      (n) => n.peerDispersion,
    ),
    ifAnswered(
      'sources_peer_response_time_seconds',
      'Time that the source took to answer, in seconds',
      (n) => n.responseTime,
    ),
    ifAnswered(
      'sources_peer_jitter_asymmetry_seconds',
      "Asymmetry of the network's jitter, -0.5 to 0.5 and no seconds: negative if it is larger on the way to the source",
      (n) => n.jitterAsymmetry,
    ),
  ],
);
