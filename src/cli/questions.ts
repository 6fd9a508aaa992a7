/** The commands that ask what is in none of the ten reports: names, clients, and the manual list. */
import { isSourceAddress } from '../chronyc/address.ts';
import { Fields } from '../chronyc/fields.ts';
import { clients, manualList, ntsKeClients, type Table } from '../chronyc/tables.ts';
import { isPrintedName } from '../chronyc/values.ts';
import { type ChronyConnection, manualRecords } from '../client/connection.ts';
import { ChronyDataError } from '../errors.ts';
import { isNoSuchSource } from '../sandbox/errors.ts';
import { json } from '../util/json.ts';
import { type CommandOptions, UsageError } from './arguments.ts';
import type { Output } from './output.ts';
import { noSuchSource } from './sources.ts';

/** A command that is to be run on a connection. It returns the exit status. */
export type Run = (chrony: ChronyConnection) => Promise<number>;

/** @throws UsageError */
export function sourceNameCommand(address: string | undefined, options: CommandOptions, output: Output): Run {
  if (address === undefined || !isSourceAddress(address)) {
    const given = address === undefined ? '' : `, not '${address}'`;
    throw new UsageError(`sourcename needs the IP address of a source${given}; see chrony-wasm sources -a`);
  }
  return async (chrony) => {
    const name = await nameOf(chrony, address);
    if (options.format === 'json') {
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
  };
}

async function nameOf(chrony: ChronyConnection, address: string): Promise<string | null> {
  try {
    return await chrony.getSourceName(address);
  } catch (error) {
    throw isNoSuchSource(error) ? noSuchSource(address) : error;
  }
}

export function clientsCommand(options: CommandOptions, output: Output): Run {
  const { values, format, packets: minimumHits } = options;
  return async (chrony) => {
    const list = await chrony.getClients({ minimumHits });
    await output.write(
      format === 'json'
        ? json(list, output.terminal !== null)
        : printTable(values['nts-ke'] ? ntsKeClients : clients, list, options),
    );
    return 0;
  };
}

/** `manual list` */
export function manualListCommand({ format, ...options }: CommandOptions, output: Output): Run {
  return async (chrony) => {
    await output.write(
      format === 'json'
        ? json(await chrony.getManualList(), output.terminal !== null)
        : printTable(
            manualList,
            (await manualRecords(chrony)).map((record) => new Fields(record)),
            { ...options, format },
          ),
    );
    return 0;
  };
}

function printTable<Row>(
  table: Table<Row>,
  rows: readonly Row[],
  { format, wide }: Pick<CommandOptions, 'format' | 'wide'>,
): string {
  if (format === 'csv') return rows.map((row, i) => `${table.cells(row, i).join(',')}\n`).join('');
  const { heading, text } = wide ? (table.wide ?? table) : table;
  return heading(rows.length) + rows.map(text).join('');
}
