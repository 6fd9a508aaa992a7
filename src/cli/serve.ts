/** The commands that serve: `serve`, and `fleet` with `--listen`. Only these commands load the server's modules. */
import type { FleetOptions } from '../fleet/fleet.ts';
import type { Log, LogOptions } from '../server/log.ts';
import { type CommandOptions, UsageError } from './arguments.ts';
import { healthThresholds } from './check.ts';
import type { Output } from './output.ts';

/**
 * @param run - runs the server; its argument opens the log
 * @returns the exit status
 * @throws UsageError
 */
async function runServer(
  output: Output,
  run: (server: typeof import('#serve'), openLog: (options: LogOptions) => Log) => Promise<void>,
): Promise<number> {
  const server = await import('#serve');
  let complain = (message: string): void => output.complain(message);
  const openLog = (options: LogOptions): Log => {
    const log = new server.Log(options, output);
    complain = (message) => log.error(message);
    return log;
  };
  try {
    await run(server, openLog);
    return 0;
  } catch (error) {
    if (!(error instanceof server.ServerError)) throw error;
    if (error.isUsage) throw new UsageError(error.message);
    complain(error.message);
    return 1;
  }
}

/** The command `serve`. @returns the exit status */
export function runServe(
  { format, interval, connection, values }: CommandOptions,
  output: Output,
  version: string,
): Promise<number> {
  if (format !== 'text') throw new UsageError(`--${format} cannot be used with serve; its API is at /api`);
  const thresholds = healthThresholds(values);
  return runServer(output, async ({ readServerOptions, serve, unitFor }, openLog) => {
    const settings = readServerOptions({ ...values, interval }, connection, thresholds);
    if (values['print-unit']) await output.write(await unitFor(values, settings));
    else await serve(settings, version, openLog(settings.log));
  });
}

/** The origin of the targets of a fleet. */
interface Sources {
  readonly hosts: readonly string[];
  readonly files: readonly string[];
}

/** The command `fleet` with `--listen` or `--systemd-socket`. @returns the exit status */
export function runFleetServer(
  sources: Sources,
  fleet: FleetOptions,
  { format, values }: CommandOptions,
  output: Output,
  version: string,
): Promise<number> {
  if (format !== 'text') {
    throw new UsageError(`--${format} cannot be used with --listen; the API is at /api/fleet`);
  }
  for (const name of ['once', 'max-bad'] as const) {
    if (values[name] !== undefined) throw new UsageError(`--${name} cannot be used with --listen`);
  }
  return runServer(output, async ({ readAccessOptions, serveFleet }, openLog) => {
    const access = readAccessOptions(values);
    await serveFleet({ ...access, sources, fleet }, version, openLog(access.log));
  });
}
