/** `chrony-wasm serve`: metrics, API and page of one chronyd, in one process. */
import { hostname } from 'node:os';
import type { ReportName } from 'chrony-wasm';
import type { Survey } from '#metrics';
import { Surveyor } from '#metrics';
import { repeating } from '../client/repeating.ts';
import { abortable } from '../util/abort.ts';
import { Auth } from './auth.ts';
import { ServerError } from './error.ts';
import { handlerOf } from './handler.ts';
import { Listeners } from './listeners.ts';
import { isLoopback } from './listening.ts';
import { Live } from './live.ts';
import type { ServerOptions } from './options.ts';
import { Probe } from './probe.ts';
import { routesOf } from './routes.ts';
import { Signals } from './signals.ts';
import { readTlsFiles } from './tls.ts';
import { type Circumstances, updateOf } from './update.ts';

export { ServerError } from './error.ts';
export { readServerOptions } from './options.ts';
export { unitFor } from './unit.ts';

type Log = (message: string) => void;

/** Beside the bundle. */
const PAGE = new URL('./page/', import.meta.url);

/** Publishes how chronyd stands, each interval, until the signal aborts. */
async function keepTelling(
  surveyor: Surveyor,
  live: Live,
  { interval, thresholds, chronyd }: ServerOptions,
  version: string,
  ending: AbortSignal,
): Promise<void> {
  const intervalMs = interval * 1000;
  const host = hostname();
  // what a scrape has just asked for is recent enough
  const ask = (stop: AbortSignal): Promise<Survey> => abortable(surveyor.take(intervalMs / 2), stop);
  for await (const survey of repeating(ask, intervalMs, { ending })) {
    // a survey never fails
    if (survey instanceof Error) throw survey;
    const where: Circumstances = {
      interval,
      chronyd: (surveyor.address ?? chronyd.address) || 'chronyd',
      host,
      version,
    };
    live.publish(updateOf(survey, thresholds, where));
  }
}

function tellOfRefusal(log: Log): (name: ReportName, error: Error) => void {
  return (name, { message }) => log(`without ${name}: ${message}`);
}

/**
 * Serves until a signal ends it.
 *
 * @throws ServerError if it cannot begin.
 */
export async function serve(options: ServerOptions, version: string, log: Log): Promise<void> {
  const { listen, reports, targets, hosts, tls, secrets, chronyd, interval } = options;
  let auth = await Auth.read(secrets);
  const certificate = tls && (await readTlsFiles(tls));
  await using probe = new Probe(targets, reports, chronyd);
  await using surveyor = new Surveyor({ ...chronyd, reports, onRefused: tellOfRefusal(log) });
  await using listeners = new Listeners();
  using live = new Live(interval);
  using signals = new Signals(() => void renew());

  async function renew(): Promise<void> {
    try {
      const [newAuth, newTls] = await Promise.all([Auth.read(secrets), tls && readTlsFiles(tls)]);
      auth = newAuth;
      if (newTls !== null) listeners.renew(newTls);
      log('certificate and secrets are read anew');
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      log(`${error.message}; what was read before stays`);
    }
  }

  const known = [...hosts, hostname(), ...listen.map(({ host }) => host)];
  const handler = handlerOf({
    routes: await routesOf({ surveyor, live, probe, page: PAGE }),
    guard: () => ({ hosts: known, auth }),
    isEnding: () => listeners.isEnding,
    log,
  });
  for (const each of listen) {
    const url = await listeners.add(each, certificate, handler);
    log(`listening on ${url} (page, /metrics, /probe, /api)`);
    if (isLoopback(each.host) || (tls !== null && auth.isRequired)) continue;
    log(
      `others on the network can read ${url}; --tls-cert and --basic-auth or --bearer-token keep it private`,
    );
  }
  await keepTelling(surveyor, live, options, version, signals.ending);
}
