/** What Prometheus scrapes: each snapshot is written once, however many scrape it. */
import { expositionOf } from '../metrics/prom-client.ts';
import type { Snapshot } from '../metrics/snapshot.ts';
import { Content } from './content.ts';
import { type Asked, ok, type Reply } from './reply.ts';

/** Scrapers send few different headers; for any more of them the text is made each time. */
const KINDS = 4;

const written = new WeakMap<Snapshot, Map<string, Promise<Content>>>();

async function write(snapshot: Snapshot, accept: string): Promise<Content> {
  const { contentType, body } = await expositionOf(snapshot, accept);
  return new Content(contentType, body);
}

export async function metricsReply(snapshot: Snapshot, { header }: Asked): Promise<Reply> {
  const accept = header('accept');
  const texts = written.get(snapshot) ?? new Map<string, Promise<Content>>();
  written.set(snapshot, texts);
  const content = texts.get(accept) ?? write(snapshot, accept);
  if (texts.size < KINDS) texts.set(accept, content);
  return ok(await content);
}
