/** How a source is told from the others, the same in each report. */
import type { Labelled, Labels } from './family.ts';

export const SOURCE_LABELS = ['source_address', 'source_name'] as const;

/**
 * The labels of each record of a report with one for each source.
 *
 * They depend on chronyd alone, never on DNS. A reference clock has up to four characters in place of an address: its
 * name, and, as numbers with dots between them, its address. Nothing but their order in the configuration tells clocks
 * with the same name apart, so the second is called `GPS#2`. Whatever else comes twice is treated alike.
 */
export function bySource<T>(records: readonly T[], addressOf: (record: T) => string): readonly Labelled<T>[] {
  const seen = new Map<string, number>();
  return records.map((record) => {
    const text = addressOf(record);
    const n = (seen.get(text) ?? 0) + 1;
    seen.set(text, n);
    const { address, name } = identityOf(text);
    const labels: Labels = { source_address: address, source_name: n === 1 ? name : `${name}#${n}` };
    return { labels, record };
  });
}

/** An IP address, and the ID of a name that is not resolved, are their own names. */
function identityOf(text: string): { readonly address: string; readonly name: string } {
  const isClock = text !== '' && text.length <= 4 && !text.includes(':');
  if (!isClock) return { address: text, name: text };
  const bytes = [0, 1, 2, 3].map((i) => text.charCodeAt(i) || 0);
  return { address: bytes.join('.'), name: text };
}
