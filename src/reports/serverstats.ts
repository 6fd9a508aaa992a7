import { Count, CountIfSent, type DataOf, fieldTable, recordOf } from './record.ts';

/** The fields behind the properties of {@link ServerStats}. */
export const fields = fieldTable({
  ntpReceived: new Count('received NTP requests'),
  ntpDropped: new Count('dropped NTP requests'),
  commandReceived: new Count('received command requests'),
  commandDropped: new Count('dropped command requests'),
  logDropped: new Count('dropped client log records'),
  ntsKeAccepted: new CountIfSent('accepted NTS-KE connections'),
  ntsKeDropped: new CountIfSent('dropped NTS-KE connections'),
  ntpAuthenticated: new CountIfSent('received authenticated NTP requests'),
  ntpInterleaved: new CountIfSent('received interleaved NTP requests'),
  timestampsHeld: new CountIfSent('held NTP timestamps'),
  timestampSpan: new CountIfSent('NTP timestamp span'),
  daemonRx: new CountIfSent('served daemon RX timestamps'),
  daemonTx: new CountIfSent('served daemon TX timestamps'),
  kernelRx: new CountIfSent('served kernel RX timestamps'),
  kernelTx: new CountIfSent('served kernel TX timestamps'),
  hardwareRx: new CountIfSent('served hardware RX timestamps'),
  hardwareTx: new CountIfSent('served hardware TX timestamps'),
});

/**
 * The statistics of chronyd as a server since its start: the report `serverstats`. Counters that an older version does
 * not have are null. In older versions the counters have only 32 bits, and wrap around to 0.
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
  /** Client records dropped because of the memory limit. Field `dropped client log records`. */
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
   * Pairs of timestamps in memory for clients in the interleaved mode; it is a gauge, not a counter. Field `held NTP
   * timestamps`.
   */
  readonly timestampsHeld: number | null;
  /** The time that these timestamps cover, in seconds. Field `NTP timestamp span`. */
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

  /** @throws ChronyDataError if a value is invalid; the message names the property and the value */
  constructor(data: DataOf<ServerStats>) {
    const record = recordOf(data, fields);
    this.ntpReceived = fields.ntpReceived.of(record);
    this.ntpDropped = fields.ntpDropped.of(record);
    this.commandReceived = fields.commandReceived.of(record);
    this.commandDropped = fields.commandDropped.of(record);
    this.logDropped = fields.logDropped.of(record);
    this.ntsKeAccepted = fields.ntsKeAccepted.of(record);
    this.ntsKeDropped = fields.ntsKeDropped.of(record);
    this.ntpAuthenticated = fields.ntpAuthenticated.of(record);
    this.ntpInterleaved = fields.ntpInterleaved.of(record);
    this.timestampsHeld = fields.timestampsHeld.of(record);
    this.timestampSpan = fields.timestampSpan.of(record);
    this.daemonRx = fields.daemonRx.of(record);
    this.daemonTx = fields.daemonTx.of(record);
    this.kernelRx = fields.kernelRx.of(record);
    this.kernelTx = fields.kernelTx.of(record);
    this.hardwareRx = fields.hardwareRx.of(record);
    this.hardwareTx = fields.hardwareTx.of(record);
    Object.freeze(this);
  }
}
