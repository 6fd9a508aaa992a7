/** The Markdown files of the repository, and their content. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import GithubSlugger from 'github-slugger';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmTableFromMarkdown } from 'mdast-util-gfm-table';
import { toString as textOf } from 'mdast-util-to-string';
import { gfmTable } from 'micromark-extension-gfm-table';
import { visit } from 'unist-util-visit';

/** Folders with generated or downloaded content. */
const GENERATED_FOLDERS: ReadonlySet<string> = new Set(['.git', '.cache', 'node_modules', 'build', 'dist']);

export interface Block {
  readonly document: string;
  /** The language that the fence gives. */
  readonly language: string;
  readonly code: string;
  /** The heading above it. */
  readonly title: string;
  readonly line: number;
}

export interface Link {
  readonly url: string;
  readonly line: number;
}

export interface Document {
  readonly path: string;
  /** Inline code in sentences and tables. */
  readonly inline: readonly string[];
  readonly blocks: readonly Block[];
  readonly links: readonly Link[];
  /** The fragments that a link may have after `#`. */
  readonly anchors: ReadonlySet<string>;
}

function read(path: string): Document {
  const blocks: Block[] = [];
  const links: Link[] = [];
  const inline: string[] = [];
  const anchors = new Set<string>();
  const slugger = new GithubSlugger();
  let title = '';
  const tree = fromMarkdown(readFileSync(path, 'utf8'), {
    extensions: [gfmTable()],
    mdastExtensions: [gfmTableFromMarkdown()],
  });
  visit(tree, (node) => {
    const line = node.position?.start.line ?? 0;
    if (node.type === 'heading') {
      title = textOf(node);
      anchors.add(slugger.slug(title));
    } else if (node.type === 'code') {
      blocks.push({ document: path, language: node.lang ?? '', code: node.value, title, line });
    } else if (node.type === 'inlineCode') {
      // Markdown reads a line break in inline code as a space.
      inline.push(node.value.replaceAll('\n', ' '));
    } else if (node.type === 'link' || node.type === 'image') {
      links.push({ url: node.url, line });
    } else if (node.type === 'html') {
      // a picture with a light and a dark version
      for (const [, url = ''] of node.value.matchAll(/\b(?:src|srcset|href)="([^"]+)"/g))
        links.push({ url, line });
    }
  });
  return { path, blocks, links, anchors, inline };
}

function pathsIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return GENERATED_FOLDERS.has(entry.name) ? [] : pathsIn(path);
    return entry.name.endsWith('.md') ? [path] : [];
  });
}

export const documents: readonly Document[] = pathsIn('.').map(read);

/** All code blocks in one of these languages. */
export function blocksIn(...languages: readonly string[]): Block[] {
  return documents.flatMap(({ blocks }) => blocks).filter(({ language }) => languages.includes(language));
}

/** The commands in the text that begin with this word. */
export function commandsNamed(program: string): { readonly document: string; readonly command: string }[] {
  return documents.flatMap(({ path, inline }) =>
    inline.filter((text) => text.startsWith(`${program} `)).map((command) => ({ document: path, command })),
  );
}
