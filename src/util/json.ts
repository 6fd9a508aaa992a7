/**
 * Values as JSON: pretty for a person, one line for a program. A file of its own, since the command line and the server share
 * nothing else that is below both.
 */

/** JSON has no 64-bit integers: those that a double cannot hold exactly become strings. */
function plain(_key: string, value: unknown): unknown {
  if (typeof value !== 'bigint') return value;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

export function json(value: unknown, pretty: boolean): string {
  return `${JSON.stringify(value, plain, pretty ? 2 : undefined)}\n`;
}
