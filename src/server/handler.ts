/** From a request to its answer. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { type Guard, refuse, SECURITY_HEADERS } from './guard.ts';
import { type Reply, type Route, refusal, send } from './reply.ts';

export interface Handling {
  readonly routes: ReadonlyMap<string, Route>;
  /** As it stands: secrets may be read anew. */
  guard(): Guard;
  /** True if the connection is not to be used again. */
  isEnding(): boolean;
  log(message: string): void;
}

const QUEUED = refusal(400, 'events need a connection of their own; on this one other answers come first', {
  Connection: 'close',
});

async function replyTo(request: IncomingMessage, { routes, guard }: Handling): Promise<Reply> {
  const [path = '', query] = (request.url ?? '').split(/\?(.*)/s);
  const refused = refuse(request, path, guard());
  if (refused !== null) return refused;
  const route = routes.get(path);
  if (route === undefined) return refusal(404, 'there is nothing here; see /, /metrics and /api');
  return route({
    query: new URLSearchParams(query),
    header: (name) => String(request.headers[name] ?? ''),
  });
}

function tellOfFault(error: unknown, { log }: Handling): void {
  const message = error instanceof Error ? error.message : String(error);
  log(`unexpected error: ${message}; this is a fault of chrony-wasm, please report it`);
}

async function handle(request: IncomingMessage, response: ServerResponse, handling: Handling): Promise<void> {
  for (const [name, value] of Object.entries(SECURITY_HEADERS)) response.setHeader(name, value);
  const reply = await replyTo(request, handling).catch((error: unknown) => {
    tellOfFault(error, handling);
    return refusal(500, 'a fault of the server; its log tells more');
  });
  if (handling.isEnding()) response.setHeader('Connection', 'close');
  if (typeof reply !== 'function') await send(request, response, reply);
  else if (request.method === 'HEAD') response.writeHead(200, { 'Content-Type': 'text/event-stream' }).end();
  // while others come first, it would never be told that the connection has closed, and be kept for ever
  else if (response.socket === null) await send(request, response, QUEUED);
  else reply(response);
}

export function handlerOf(handling: Handling): RequestListener {
  return (request, response) => {
    // whoever goes away in the middle is no fault
    response.on('error', () => {});
    handle(request, response, handling).catch((error: unknown) => {
      tellOfFault(error, handling);
      response.destroy();
    });
  };
}
