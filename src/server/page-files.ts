/** Makes routes for the files of a page. */
import { readdir, readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { Content, ok, type Routes } from './reply.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
};

/** Returns a route for each file of the folder. Files are read once; `index.html` is served at `/`. */
export async function pageRoutes(folder: URL): Promise<Routes> {
  const names = (await readdir(folder)).filter((name) => TYPES[extname(name)] !== undefined);
  const routes = await Promise.all(
    names.map(async (name) => {
      const type = TYPES[extname(name)] ?? '';
      const content = new Content(type, await readFile(new URL(name, folder)));
      const reply = ok(content, { ETag: content.tag(), 'Cache-Control': 'no-cache' });
      return [name === 'index.html' ? '/' : `/${name}`, () => reply] as const;
    }),
  );
  return new Map(routes);
}
