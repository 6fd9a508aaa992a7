/** Labels and values. */
import { html, type TemplateResult } from 'lit-html';
import type { Field } from '../fields/field.ts';

export function fieldList(fields: readonly Field[]): TemplateResult {
  return html`<dl class="fields">
    ${fields.map(([label, value]) => html`<div><dt>${label}</dt><dd>${value}</dd></div>`)}
  </dl>`;
}
