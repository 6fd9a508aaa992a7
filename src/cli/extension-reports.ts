/** The commands for the extension reports: `sourcename`, `clients` and `manual list`. */

import { Fields } from '../chronyc/fields.ts';
import { clients, manualList, ntsKeClients, type Table } from '../chronyc/tables.ts';
import { isPrintedName } from '../chronyc/values.ts';
import { type ChronyConnection, manualRecords } from '../client/connection.ts';
import { isSourceAddress } from '../client/names.ts';
import { ChronyDataError } from '../errors.ts';
import { isNoSuchSource } from '../sandbox/errors.ts';
import { json } from '../util/json.ts';
import { type CommandOptions, UsageError } from './arguments.ts';
import type { Output } from './output.ts';
import { noSuchSource } from './sources.ts';

/** Checks the operand of `sourcename`. @throws UsageError */
export function readSourceAddress(address: string | undefined): string {
  if (address !== undefined && isSourceAddress(address)) return address;
  const given = address === undefined ? '' : `, not '${address}'`;
  throw new UsageError(`sourcename needs the IP address of a source${given}; see chrony-wasm sources -a`);
}

/** @returns the exit status @throws ChronyError */
export async function runSourceName(
  chrony: ChronyConnection,
  address: string,
  { format }: CommandOptions,
  output: Output,
): Promise<number> {
  const name = await nameOf(chrony, address);
  if (format === 'json') {
    await output.write(json({ address, name }, output.terminal !== null));
    return 0;
  }
  if (name === null) throw noSuchSource(address);
  if (!isPrintedName(name)) {
    throw new ChronyDataError(
      `the name of ${address} has characters that could control a terminal; see it with --json`,
    );
  }
  await output.write(`${name}\n`);
  return 0;
}

async function nameOf(chrony: ChronyConnection, address: string): Promise<string | null> {
  try {
    return await chrony.getSourceName(address);
  } catch (error) {
    throw isNoSuchSource(error) ? noSuchSource(address) : error;
  }
}

/** @returns the exit status @throws ChronyError */
export async function runClients(
  chrony: ChronyConnection,
  options: CommandOptions,
  output: Output,
): Promise<number> {
  const { values, format, packets: minimumHits } = options;
  const list = await chrony.getClients({ minimumHits });
  const table = values['nts-ke'] ? ntsKeClients : clients;
  await output.write(
    format === 'json' ? json(list, output.terminal !== null) : printTable(table, list, options),
  );
  return 0;
}

/** @returns the exit status @throws ChronyError */
export async function runManualList(
  chrony: ChronyConnection,
  options: CommandOptions,
  output: Output,
): Promise<number> {
  if (options.format === 'json') {
    await output.write(json(await chrony.getManualList(), output.terminal !== null));
    return 0;
  }
  const records = await manualRecords(chrony);
  const rows = records.map((record) => new Fields(record));
  await output.write(printTable(manualList, rows, options));
  return 0;
}

function printTable<Row>(table: Table<Row>, rows: readonly Row[], { format, wide }: CommandOptions): string {
  if (format === 'csv') return rows.map((row, i) => `${table.cells(row, i).join(',')}\n`).join('');
  const { heading, text } = wide ? (table.wide ?? table) : table;
  return heading(rows.length) + rows.map(text).join('');
}
