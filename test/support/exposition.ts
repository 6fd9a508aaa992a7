/** Parses the Prometheus text exposition format. */

export interface Series {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Parsed {
  /** The type of each metric, by its name. */
  readonly types: ReadonlyMap<string, string>;
  readonly series: readonly Series[];
}

/** @throws Error for a malformed line. */
export function parseExposition(text: string): Parsed {
  const types = new Map<string, string>();
  const series: Series[] = [];
  for (const line of text.split('\n')) {
    const [, name = '', type = ''] = /^# TYPE (\S+) (\S+)$/.exec(line) ?? [];
    if (type !== '') types.set(name, type);
    if (line === '' || line.startsWith('#')) continue;
    series.push(parseSample(line));
  }
  return { types, series };
}

function parseSample(line: string): Series {
  const [, name, inner = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
  if (name === undefined) throw new Error(`no sample: ${line}`);
  const labels = Object.fromEntries(
    Array.from(inner.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g), ([, key = '', text = '']) => [key, plain(text)]),
  );
  return { name, labels, value: Number(value) };
}

function plain(text: string): string {
  return text.replace(/\\(.)/g, (_, escaped) => (escaped === 'n' ? '\n' : escaped));
}
