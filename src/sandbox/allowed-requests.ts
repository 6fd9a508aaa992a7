/**
 * The last word on what leaves the sandbox: questions. Over the Unix socket chronyd also obeys commands, and a
 * sandbox that an answer had taken over could send some; here they end.
 */

const VERSION = 6;
const REQUEST = 1;

/** The request codes that the reports need. All of them only ask. */
const QUESTIONS: ReadonlySet<number> = new Set([14, 15, 33, 34, 35, 44, 51, 54, 57, 67, 69]);

/** True if a datagram asks chronyd something, and nothing else. */
export function isQuestion(datagram: Uint8Array): boolean {
  const code = (datagram[4] ?? 0) * 256 + (datagram[5] ?? 0);
  return datagram[0] === VERSION && datagram[1] === REQUEST && QUESTIONS.has(code);
}
