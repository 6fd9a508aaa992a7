/** The command `fleet`: many clocks, as a live view or, once, as a table. */
import type { Fleet, FleetOptions } from '../../fleet/fleet.ts';
import { json } from '../../util/json.ts';
import { type CommandOptions, UsageError } from '../arguments.ts';
import { healthThresholds, STATUS } from '../check.ts';
import { SERVER_OPTIONS } from '../manual/commands.ts';
import type { Output, Terminal } from '../output.ts';
import { type Line, paint } from '../styled.ts';
import { endBy, Interruption } from '../watch/loop.ts';
import { LiveFleet } from './live.ts';
import { Progress } from './progress.ts';
import { counted, csvOf, findingsOf, STATES, summaryOf, Table, worstFirst } from './table.ts';

const DEFAULT_INTERVAL_S = 15;
const DEFAULT_SOURCES_INTERVAL_S = 300;
/** The range of `--interval`, in seconds. */
const SHORTEST_S = 1;
const LONGEST_S = 86_400;

/** @returns the exit status */
export async function runFleet(
  operands: readonly string[],
  options: CommandOptions,
  output: Output,
  version: string,
): Promise<number> {
  const { values, connection } = options;
  const files = values.targets ?? [];
  if (values.host === undefined && values.port !== undefined) {
    throw new UsageError(
      '--port cannot be used with fleet; write each target with its port: fleet HOST:PORT',
    );
  }
  // --host is an address of chronyd, as for every command
  const hosts = connection.address === undefined ? operands : [connection.address, ...operands];
  if (hosts.length + files.length === 0)
    throw new UsageError('fleet needs targets: fleet HOST, or --targets FILE');
  const settings = settingsOf(options);
  if (values.listen !== undefined || values['systemd-socket']) {
    const { runFleetServer } = await import('../serve.ts');
    return runFleetServer({ hosts, files }, settings, options, output, version);
  }
  const served = options.given.find((name) => SERVER_OPTIONS.includes(name));
  if (served !== undefined) throw new UsageError(`--${served} needs --listen`);
  const run = values.once ? onceFor(options, output) : liveFor(options, settings, output);
  const { Fleet, openTargets, TargetsError } = await import('#serve');
  try {
    using list = await openTargets({ hosts, files, warn: run.warn });
    return await run.start(new Fleet(list, settings));
  } catch (error) {
    if (!(error instanceof TargetsError)) throw error;
    if (error.isUsage) throw new UsageError(error.message);
    output.complain(error.message);
    return values.once ? STATUS.unknown : 1;
  }
}

/** @throws UsageError */
function settingsOf({ values, interval, sourcesInterval, connection }: CommandOptions): FleetOptions {
  const { timeoutMs, retries, ipVersion } = connection;
  const chronyd = { timeoutMs, retries, ipVersion };
  if (interval !== undefined && interval < SHORTEST_S) {
    throw new UsageError(
      `--interval of fleet needs seconds from ${SHORTEST_S} to ${LONGEST_S}, not '${interval}'`,
    );
  }
  return {
    intervalMs: 1000 * (interval ?? DEFAULT_INTERVAL_S),
    sourcesIntervalMs: 1000 * (sourcesInterval ?? DEFAULT_SOURCES_INTERVAL_S),
    thresholds: healthThresholds(values),
    chronyd,
  };
}

/** The work to do with a fleet. */
interface Run {
  /** Reports a problem with the targets. */
  readonly warn: (message: string) => void;
  /** @returns the exit status */
  readonly start: (fleet: Fleet) => Promise<number>;
}

/** @throws UsageError */
function onceFor({ format, values, maxBad = 0 }: CommandOptions, output: Output): Run {
  for (const name of ['interval', 'sources-interval'] as const) {
    if (values[name] !== undefined) throw new UsageError(`--${name} cannot be used with --once`);
  }
  const start = async (fleet: Fleet): Promise<number> => {
    if (fleet.list.targets.size === 0) {
      output.complain('there are no targets: the files of --targets and the DNS names contain none');
      return STATUS.unknown;
    }
    if (!(await askAll(fleet, output))) return STATUS.unknown;
    const rows = worstFirst(fleet.rows());
    const { terminal } = output;
    if (format === 'json') await output.write(json({ rows, topology: fleet.topology() }, terminal !== null));
    else if (format === 'csv') await output.write(csvOf(rows));
    else await output.write(textOf(tableOf(fleet), terminal));
    const counts = counted(rows);
    const worst = STATES.find((state) => counts.has(state)) ?? 'ok';
    const bad = rows.length - (counts.get('ok') ?? 0);
    return bad <= maxBad || worst === 'pending' ? STATUS.ok : STATUS[worst];
  };
  return { warn: (message) => output.complain(message), start };
}

/** Returns false if a signal, or the closed output, ended the round. */
async function askAll(fleet: Fleet, output: Output): Promise<boolean> {
  using interruption = new Interruption(output.gone);
  try {
    using progress = new Progress(fleet.list.targets.size, 'clocks');
    await fleet.askAll(interruption.ending, (done) => {
      progress.done = done;
    });
    return true;
  } catch (error) {
    if (!interruption.ending.aborted) throw error;
  }
  interruption[Symbol.dispose]();
  if (interruption.by !== null) await endBy(interruption.by);
  return false;
}

function tableOf(fleet: Fleet): Line[] {
  const rows = worstFirst(fleet.rows());
  const table = new Table(rows, Date.now() / 1000);
  return [
    table.heading,
    ...rows.map((row) => table.line(row)),
    ...findingsOf(fleet.topology()),
    summaryOf(rows),
  ];
}

/** The lines are styled on a terminal only. */
function textOf(lines: readonly Line[], terminal: Terminal | null): string {
  const print = (line: Line): string =>
    terminal === null ? line.map(({ text }) => text).join('') : paint(line, terminal.colors);
  return lines.map((line) => `${print(line).trimEnd()}\n`).join('');
}

/** @throws UsageError */
function liveFor({ format, values }: CommandOptions, settings: FleetOptions, output: Output): Run {
  const { terminal } = output;
  if (values['max-bad'] !== undefined) throw new UsageError('--max-bad needs --once');
  if (format !== 'text') throw new UsageError(`--${format} needs --once`);
  if (!terminal?.movable) {
    throw new UsageError('the live view of fleet needs a terminal; use --once to print a table');
  }
  const view = new LiveFleet({ interval: settings.intervalMs / 1000, terminal, output });
  const start = async (fleet: Fleet): Promise<number> => {
    const interruption = new Interruption(output.gone);
    try {
      const { ending } = interruption;
      await Promise.all([fleet.run(ending), view.run(fleet, ending)]);
    } finally {
      interruption[Symbol.dispose]();
    }
    if (interruption.by !== null) await endBy(interruption.by);
    return 0;
  };
  return { warn: (message) => view.warn(message), start };
}
