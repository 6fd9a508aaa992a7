/** The document of a page: its elements, its title and its icon. */
import { type RootPart, render, type TemplateResult } from 'lit-html';
import type { Tone } from '../text/source.ts';
import { iconUrl } from './icon.ts';

/** Returns an element of the page's HTML. */
export function byId(id: string): HTMLElement {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`the page has no #${id}`);
  return element;
}

/** Renders a view into an element of the page's HTML. */
export function show(view: TemplateResult | symbol, id: string): RootPart {
  return render(view, byId(id));
}

const SIGNS = { ok: '✓', warning: '⚠', critical: '✕', unknown: '?', neutral: '' } as const;

/** The tone of the current icon. */
let shownTone: Tone | null = null;

/** Sets the title and the icon of the browser's tab. */
export function showInTab(tone: Tone, text: string): void {
  const title = `${SIGNS[tone]} ${text}`.trim();
  if (document.title !== title) document.title = title;
  if (tone === shownTone) return;
  shownTone = tone;
  document.querySelector('link[rel=icon]')?.setAttribute('href', iconUrl(tone));
}
