import * as check from './check.ts';
import type { DataOf, ReportDecoder, ReportRecord } from './record.ts';

/**
 * What chronyd has done as a server since its start: the report `serverstats`. What an older version does not
 * count is null. The counters of 64 bits in current versions have 32 in older ones, and start again at 0.
 */
export class ServerStats {
  /** NTP requests received. Field `received NTP requests`. */
  readonly ntpReceived: number;
  /** NTP requests dropped by the rate limit. Field `dropped NTP requests`. */
  readonly ntpDropped: number;
  /** Monitoring and control requests received. Field `received command requests`. */
  readonly commandReceived: number;
  /** Monitoring and control requests dropped by the rate limit. Field `dropped command requests`. */
  readonly commandDropped: number;
  /** Records of clients dropped to limit the memory. Field `dropped client log records`. */
  readonly logDropped: number;
  /** NTS key establishments accepted. Field `accepted NTS-KE connections`. */
  readonly ntsKeAccepted: number | null;
  /** NTS key establishments dropped by the rate limit. Field `dropped NTS-KE connections`. */
  readonly ntsKeDropped: number | null;
  /** NTP requests that were authenticated, with a key or NTS. Field `received authenticated NTP requests`. */
  readonly ntpAuthenticated: number | null;
  /** NTP requests in the interleaved mode. Field `received interleaved NTP requests`. */
  readonly ntpInterleaved: number | null;
  /**
   * Pairs of timestamps in memory for clients in the interleaved mode; not a counter, it goes up and down.
   * Field `held NTP timestamps`.
   */
  readonly timestampsHeld: number | null;
  /** Seconds that these timestamps cover. Field `NTP timestamp span`. */
  readonly timestampSpan: number | null;
  /** Answers with a receive timestamp taken by chronyd. Field `served daemon RX timestamps`. */
  readonly daemonRx: number | null;
  /** Answers with a transmit timestamp taken by chronyd. Field `served daemon TX timestamps`. */
  readonly daemonTx: number | null;
  /** Answers with a receive timestamp taken by the kernel. Field `served kernel RX timestamps`. */
  readonly kernelRx: number | null;
  /** Answers with a transmit timestamp taken by the kernel. Field `served kernel TX timestamps`. */
  readonly kernelTx: number | null;
  /** Answers with a receive timestamp taken by the network card. Field `served hardware RX timestamps`. */
  readonly hardwareRx: number | null;
  /** Answers with a transmit timestamp taken by the network card. Field `served hardware TX timestamps`. */
  readonly hardwareTx: number | null;

  /** @throws ChronyDataError naming the field and its value where one is out of range. */
  constructor(data: DataOf<ServerStats>) {
    this.ntpReceived = check.count('ntpReceived', data.ntpReceived);
    this.ntpDropped = check.count('ntpDropped', data.ntpDropped);
    this.commandReceived = check.count('commandReceived', data.commandReceived);
    this.commandDropped = check.count('commandDropped', data.commandDropped);
    this.logDropped = check.count('logDropped', data.logDropped);
    this.ntsKeAccepted = check.nullable(check.count, 'ntsKeAccepted', data.ntsKeAccepted);
    this.ntsKeDropped = check.nullable(check.count, 'ntsKeDropped', data.ntsKeDropped);
    this.ntpAuthenticated = check.nullable(check.count, 'ntpAuthenticated', data.ntpAuthenticated);
    this.ntpInterleaved = check.nullable(check.count, 'ntpInterleaved', data.ntpInterleaved);
    this.timestampsHeld = check.nullable(check.count, 'timestampsHeld', data.timestampsHeld);
    this.timestampSpan = check.nullable(check.count, 'timestampSpan', data.timestampSpan);
    this.daemonRx = check.nullable(check.count, 'daemonRx', data.daemonRx);
    this.daemonTx = check.nullable(check.count, 'daemonTx', data.daemonTx);
    this.kernelRx = check.nullable(check.count, 'kernelRx', data.kernelRx);
    this.kernelTx = check.nullable(check.count, 'kernelTx', data.kernelTx);
    this.hardwareRx = check.nullable(check.count, 'hardwareRx', data.hardwareRx);
    this.hardwareTx = check.nullable(check.count, 'hardwareTx', data.hardwareTx);
    Object.freeze(this);
  }
}

/** Makes {@link ServerStats} from the C library's record, whichever version of the server it is from. */
export const serverstats: ReportDecoder<ServerStats> = {
  report: 'serverstats',
  decode(record: ReportRecord): ServerStats {
    return new ServerStats({
      ntpReceived: record.number('received NTP requests'),
      ntpDropped: record.number('dropped NTP requests'),
      commandReceived: record.number('received command requests'),
      commandDropped: record.number('dropped command requests'),
      logDropped: record.number('dropped client log records'),
      ntsKeAccepted: record.numberOrNull('accepted NTS-KE connections'),
      ntsKeDropped: record.numberOrNull('dropped NTS-KE connections'),
      ntpAuthenticated: record.numberOrNull('received authenticated NTP requests'),
      ntpInterleaved: record.numberOrNull('received interleaved NTP requests'),
      timestampsHeld: record.numberOrNull('held NTP timestamps'),
      timestampSpan: record.numberOrNull('NTP timestamp span'),
      daemonRx: record.numberOrNull('served daemon RX timestamps'),
      daemonTx: record.numberOrNull('served daemon TX timestamps'),
      kernelRx: record.numberOrNull('served kernel RX timestamps'),
      kernelTx: record.numberOrNull('served kernel TX timestamps'),
      hardwareRx: record.numberOrNull('served hardware RX timestamps'),
      hardwareTx: record.numberOrNull('served hardware TX timestamps'),
    });
  },
};
