/** The last eight polls of a source: the oldest first, a filled square where an answer came. */
import { html, svg, type TemplateResult } from 'lit-html';
import type { DataOf } from '../../reports/record.ts';
import type { Source } from '../../reports/sources.ts';
import { reachWords } from '../words/source.ts';

const POLLS = 8;

export function reachView(source: DataOf<Source>): TemplateResult {
  const octal = source.reachability.toString(8);
  const squares = Array.from({ length: POLLS }, (_, i) => {
    const answered = ((source.reachability >> (POLLS - 1 - i)) & 1) === 1;
    return svg`<rect class=${answered ? 'answered' : 'missed'} x=${i * 9 + 1} y=${answered ? 1 : 4} width="7" height=${answered ? 12 : 6} rx="1" />`;
  });
  return html`<svg class="reach" viewBox="0 0 73 14" aria-hidden="true">${squares}</svg>
    <span class="unseen">${reachWords(source)}, in octal </span><span class="octal">${octal}</span>`;
}
