/** Icons for the tones. They differ in shape as well as in color. */
import { html, svg, type TemplateResult } from 'lit-html';
import type { Tone } from '../text/source.ts';

/** SVG paths of outlines and signs, in a square of 24 by 24. */
const SHAPES: { readonly [T in Tone]: readonly [outline: string, sign: string] } = {
  ok: ['M12 1a11 11 0 1 0 0 22a11 11 0 1 0 0-22z', 'M6.5 12.5l3.8 3.8l7.2-8.2'],
  warning: ['M12 1.5L23.5 22H.5z', 'M12 8.5v6.5M12 18v.5'],
  critical: ['M7.5 1h9L23 7.5v9L16.5 23h-9L1 16.5v-9z', 'M8 8l8 8M16 8l-8 8'],
  unknown: [
    'M4 1h16a3 3 0 0 1 3 3v16a3 3 0 0 1-3 3H4a3 3 0 0 1-3-3V4a3 3 0 0 1 3-3z',
    'M8.5 9a3.5 3.5 0 1 1 5 3.2q-1.5.8-1.5 2.3M12 18v.5',
  ],
  neutral: ['M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18z', 'M8 12h8'],
};

/** An icon, hidden from screen readers: the text beside it has the same meaning. */
export function icon(tone: Tone): TemplateResult {
  const [outline, sign] = SHAPES[tone];
  return html`<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
    ${svg`<path class="outline" d=${outline} /><path class="sign" d=${sign} />`}
  </svg>`;
}

const COLORS: { readonly [T in Tone]: string } = {
  ok: '#15803d',
  warning: '#b45309',
  critical: '#c2261d',
  unknown: '#5b6472',
  neutral: '#5b6472',
};

/** The icon for the browser's tab, as a URL. */
export function iconUrl(tone: Tone): string {
  const [outline, sign] = SHAPES[tone];
  const image =
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><path d="${outline}" fill="${COLORS[tone]}"/>` +
    `<path d="${sign}" fill="none" stroke="#fff" stroke-width="3" stroke-linecap="round"/></svg>`;
  return `data:image/svg+xml,${encodeURIComponent(image)}`;
}
