/** Metrics of the report `serverstats`. */
import type { ServerStats } from 'chrony-wasm';
import { familiesOf, type Row } from './family.ts';

function counter(name: string, help: string, value: (stats: ServerStats) => number | null): Row<ServerStats> {
  return { name: `serverstats_${name}_total`, help, type: 'counter', value };
}

export const serverstats = familiesOf('serverstats', [
  counter('ntp_packets_received', 'NTP requests received', (s) => s.ntpReceived),
  counter('ntp_packets_dropped', 'NTP requests dropped by the rate limit', (s) => s.ntpDropped),
  counter('command_packets_received', 'Monitoring and control requests received', (s) => s.commandReceived),
  counter(
    'command_packets_dropped',
    'Monitoring and control requests dropped by the rate limit',
    (s) => s.commandDropped,
  ),
  counter(
    'client_log_records_dropped',
    'Records of clients dropped to limit the memory',
    (s) => s.logDropped,
  ),
  counter('nts_ke_connections_accepted', 'NTS key establishments accepted', (s) => s.ntsKeAccepted),
  counter(
    'nts_ke_connections_dropped',
    'NTS key establishments dropped by the rate limit',
    (s) => s.ntsKeDropped,
  ),
  counter(
    'authenticated_ntp_packets',
    'NTP requests that were authenticated, with a key or NTS',
    (s) => s.ntpAuthenticated,
  ),
  counter('interleaved_ntp_packets', 'NTP requests in the interleaved mode', (s) => s.ntpInterleaved),
  counter('ntp_daemon_rx_timestamps', 'Answers with a receive timestamp taken by chronyd', (s) => s.daemonRx),
  counter(
    'ntp_daemon_tx_timestamps',
    'Answers with a transmit timestamp taken by chronyd',
    (s) => s.daemonTx,
  ),
  counter(
    'ntp_kernel_rx_timestamps',
    'Answers with a receive timestamp taken by the kernel',
    (s) => s.kernelRx,
  ),
  counter(
    'ntp_kernel_tx_timestamps',
    'Answers with a transmit timestamp taken by the kernel',
    (s) => s.kernelTx,
  ),
  counter(
    'ntp_hw_rx_timestamps',
    'Answers with a receive timestamp taken by the network card',
    (s) => s.hardwareRx,
  ),
  counter(
    'ntp_hw_tx_timestamps',
    'Answers with a transmit timestamp taken by the network card',
    (s) => s.hardwareTx,
  ),
  {
    name: 'serverstats_ntp_timestamps_held',
    help: 'Pairs of timestamps in memory for clients in the interleaved mode',
    value: (s) => s.timestampsHeld,
  },
  {
    name: 'serverstats_ntp_timestamp_span_seconds',
    help: 'Time that these timestamps cover, in seconds',
    value: (s) => s.timestampSpan,
  },
]);
