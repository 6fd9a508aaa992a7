/** The page's files, read once. */
import { readdir, readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { Content } from './content.ts';
import { ok, type Route } from './reply.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
};

/** A route for each file of the folder; `index.html` is `/`. */
export async function pageRoutes(folder: URL): Promise<readonly (readonly [path: string, Route])[]> {
  const names = (await readdir(folder)).filter((name) => TYPES[extname(name)] !== undefined);
  return Promise.all(
    names.map(async (name) => {
      const type = TYPES[extname(name)] ?? '';
      const content = new Content(type, await readFile(new URL(name, folder)));
      const answer = ok(content, { ETag: content.tag(), 'Cache-Control': 'no-cache' });
      return [name === 'index.html' ? '/' : `/${name}`, () => answer] as const;
    }),
  );
}
