/** Clocks of a fleet as the server sends them to the page. */
import type { ClockState } from '../../../../src/fleet/row.ts';
import { type Clock, FleetModel } from '../../../../src/page/fleet/model.ts';
import type { RowMessage } from '../../../../src/server/fleet/messages.ts';

export interface ClockData {
  readonly state?: ClockState;
  readonly reasons?: readonly string[];
  readonly maxError?: number | null;
  readonly offset?: number | null;
  readonly stratum?: number | null;
  readonly reference?: string | null;
  readonly heard?: number | null;
  readonly labels?: Readonly<Record<string, string>>;
}

export function rowOf(id: number, data: ClockData): RowMessage {
  const { state = 'ok', reasons = [], maxError = 0.001, offset = 1e-6 } = data;
  const { stratum = 2, reference = '192.0.2.1', heard = 1000 } = data;
  return [id, state, reasons, maxError, offset, stratum, reference, 5, heard, '10.0.0.1'];
}

/** Creates a fleet of clocks by address. Their IDs start at 1. */
export function fleetOf(clocks: Readonly<Record<string, ClockData>>): FleetModel {
  const model = new FleetModel();
  const entries = Object.entries(clocks);
  model.addTargets(entries.map(([address, { labels = {} }], i) => [i + 1, address, labels]));
  model.update(entries.map(([, data], i) => rowOf(i + 1, data)));
  return model;
}

export function clockAt(model: FleetModel, address: string): Clock {
  const found = [...model.clocks.values()].find((clock) => clock.address === address);
  if (found === undefined) throw new Error(`no clock ${address}`);
  return found;
}
