/** What Prometheus scrapes: each survey is written once, however many scrape it. */

import type { Survey } from '#metrics';
import { expositionOf } from '../metrics/exposition.ts';
import { Content } from './content.ts';
import { type Asked, ok, type Reply } from './reply.ts';

/** Scrapers send few different headers; for any more of them the text is made each time. */
const KINDS = 4;

const written = new WeakMap<Survey, Map<string, Promise<Content>>>();

async function write(survey: Survey, accept: string): Promise<Content> {
  const { contentType, body } = await expositionOf(survey, accept);
  return new Content(contentType, body);
}

export async function metricsReply(survey: Survey, { header }: Asked): Promise<Reply> {
  const accept = header('accept');
  const texts = written.get(survey) ?? new Map<string, Promise<Content>>();
  written.set(survey, texts);
  const content = texts.get(accept) ?? write(survey, accept);
  if (texts.size < KINDS) texts.set(accept, content);
  return ok(await content);
}
