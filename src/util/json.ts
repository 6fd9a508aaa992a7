/**
 * Values as JSON: indented for people, one line for programs. It is a separate file because the command line and the
 * server both need it, and neither may import the other.
 */

/** JSON numbers are doubles, so 64-bit integers that a double cannot represent exactly become strings. */
function plain(_key: string, value: unknown): unknown {
  if (typeof value !== 'bigint') return value;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

export function json(value: unknown, pretty: boolean): string {
  return `${JSON.stringify(value, plain, pretty ? 2 : undefined)}\n`;
}
