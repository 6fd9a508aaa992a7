/** A label as chronyc has it, and the value as it prints it. */
export type Field = readonly [label: string, value: string];

/** Capitalised, as words at the beginning of a line are. */
export function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** What some versions of chronyd do not tell is left out. */
export function known(fields: readonly (readonly [label: string, value: number | null])[]): Field[] {
  return fields.flatMap(([label, value]) => (value === null ? [] : [[label, String(value)] as const]));
}

const LEAP: Readonly<Record<string, string>> = { 'not synchronized': 'Not synchronised' };

export function leapWords(leapStatus: string): string {
  return LEAP[leapStatus] ?? capitalised(leapStatus);
}
