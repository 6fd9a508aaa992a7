/** What is sent: made once, sent often, compressed if somebody wants it so. */
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

/** Less than this fits into one packet anyway. */
const WORTH_COMPRESSING = 1024;

const compress = promisify(gzip);

export class Content {
  readonly type: string;
  readonly bytes: Buffer;
  #compressed: Promise<Buffer> | null = null;

  constructor(type: string, data: string | Buffer) {
    this.type = type;
    this.bytes = Buffer.from(data);
  }

  get isCompressible(): boolean {
    return this.bytes.length >= WORTH_COMPRESSING;
  }

  compressed(): Promise<Buffer> {
    this.#compressed ??= compress(this.bytes);
    return this.#compressed;
  }

  /** Weak, as it is the same for both forms. */
  tag(): string {
    return `W/"${createHash('sha256').update(this.bytes).digest('base64url')}"`;
  }
}

export function plainText(text: string): Content {
  return new Content('text/plain; charset=utf-8', `${text}\n`);
}
