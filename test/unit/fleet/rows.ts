/** Rows of small fleets for tests. */
import type { ClockRow, SourceRow } from '../../../src/fleet/row.ts';

/** A clock that has answered and follows nothing. */
export function clock(address: string, known: Partial<ClockRow> = {}): ClockRow {
  return {
    address,
    labels: {},
    state: 'ok',
    reasons: [],
    maxError: 0.001,
    offset: 0,
    stratum: 2,
    reference: null,
    referenceAddress: null,
    measurementAge: 10,
    heard: 1_700_000_000,
    ip: null,
    sources: [],
    sourceCount: 0,
    ...known,
  };
}

export function source(address: string, known: Partial<SourceRow> = {}): SourceRow {
  return {
    address,
    name: null,
    isReferenceClock: false,
    state: 'unselected',
    stratum: 1,
    isReachable: true,
    ...known,
  };
}

/** A target with an IP address. */
export function host(ip: string, known: Partial<ClockRow> = {}): ClockRow {
  return clock(`${ip}:323`, { ip, ...known });
}

/** A target that follows a host, with other sources. */
export function follower(ip: string, leader: string, others: readonly SourceRow[] = []): ClockRow {
  const sources = [source(leader, { state: 'selected' }), ...others];
  return host(ip, {
    reference: leader,
    referenceAddress: leader,
    sources,
    sourceCount: sources.length,
  });
}

/** A target that follows a reference clock of its own. */
export function withReferenceClock(ip: string, name: string): ClockRow {
  const sources = [source(name, { isReferenceClock: true, state: 'selected', stratum: 0 })];
  return host(ip, { reference: name, stratum: 1, sources, sourceCount: 1 });
}

/** A target in local mode. */
export function inLocalMode(ip: string): ClockRow {
  return host(ip, { reference: '127.127.1.1', state: 'critical', stratum: 10 });
}
