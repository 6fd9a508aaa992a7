/** The last eight polls of a source: the oldest first, a filled square where an answer came. */
import { html, svg, type TemplateResult } from 'lit-html';
import type { DataOf } from '../../reports/record.ts';
import type { Source } from '../../reports/sources.ts';
import { answered, reachWords } from '../words/source.ts';

const POLLS = 8;

export function reachView(source: DataOf<Source>): TemplateResult {
  const octal = source.reachability.toString(8);
  const squares = Array.from({ length: POLLS }, (_, i) => {
    const isAnswered = ((source.reachability >> (POLLS - 1 - i)) & 1) === 1;
    return svg`<rect class=${isAnswered ? 'answered' : 'missed'} x=${i * 9 + 1} y="1.5" width="7" height="11" rx="1" />`;
  });
  return html`<svg class="reach" viewBox="0 0 73 14" aria-hidden="true">${squares}</svg>
    <span class="reach-words"><span class="unseen">${reachWords(source)}, octal </span><span aria-hidden="true">${answered(source)} of ${POLLS}</span> <span class="octal">${octal}</span></span>`;
}
