/**
 * Encodes chronyd's wire types: big-endian, without padding. This code is deliberately independent of the C core,
 * so that each checks the other.
 */
import { ADDRESS_SIZE, addressBytes } from './address.ts';
import { floatBits } from './float.ts';

/** A time as its three words on the wire. It may be invalid, because tests send invalid times. */
export interface Timespec {
  /** Upper 32 bits of the seconds since the epoch. */
  readonly high: number;
  /** Lower 32 bits of the seconds since the epoch. */
  readonly low: number;
  /** Less than 10⁹ in a valid time. */
  readonly nanoseconds: number;
}

/** The types of values, by wire type. */
export interface WireValues {
  /** Unsigned, 8 bits. */
  u8: number;
  /** Unsigned, 16 bits. */
  u16: number;
  /** Unsigned, 32 bits. */
  u32: number;
  /** Unsigned, 64 bits. */
  u64: number | bigint;
  /** Signed, 8 bits. */
  i8: number;
  /** Signed, 16 bits. */
  i16: number;
  /** A number, sent as the nearest chrony float. */
  f32: number;
  /** IPv4, IPv6, `ID#` and ten digits, or null for an unspecified address. */
  addr: string | null;
  /** See {@link timespec}. */
  ts: Timespec;
  /** NUL-terminated text in 256 bytes. */
  text: string;
}

/** A wire type's name. */
export type WireType = keyof WireValues;

interface Codec<T> {
  readonly size: number;
  write(view: DataView, offset: number, value: T): void;
}

const TEXT_SIZE = 256;

const codecs: { readonly [T in WireType]: Codec<WireValues[T]> } = {
  u8: { size: 1, write: (view, at, value) => view.setUint8(at, whole(value, 0, 2 ** 8 - 1)) },
  u16: { size: 2, write: (view, at, value) => view.setUint16(at, whole(value, 0, 2 ** 16 - 1)) },
  u32: { size: 4, write: (view, at, value) => view.setUint32(at, whole(value, 0, 2 ** 32 - 1)) },
  u64: {
    size: 8,
    write: (view, at, value) => {
      const bits = BigInt(value);
      if (BigInt.asUintN(64, bits) !== bits) throw new RangeError(`${bits} does not fit in 64 bits`);
      view.setBigUint64(at, bits);
    },
  },
  i8: { size: 1, write: (view, at, value) => view.setInt8(at, whole(value, -(2 ** 7), 2 ** 7 - 1)) },
  i16: { size: 2, write: (view, at, value) => view.setInt16(at, whole(value, -(2 ** 15), 2 ** 15 - 1)) },
  f32: { size: 4, write: (view, at, value) => view.setUint32(at, floatBits(value)) },
  addr: { size: ADDRESS_SIZE, write: (view, at, value) => bytesOf(view).set(addressBytes(value), at) },
  ts: {
    size: 12,
    write: (view, at, { high, low, nanoseconds }) => {
      for (const [i, word] of [high, low, nanoseconds].entries()) codecs.u32.write(view, at + 4 * i, word);
    },
  },
  text: {
    size: TEXT_SIZE,
    write: (view, at, value) => {
      const text = new TextEncoder().encode(value);
      if (text.length >= TEXT_SIZE) throw new RangeError(`text of ${text.length} bytes: at most 255 fit`);
      bytesOf(view).set(text, at);
    },
  },
};

/** Size of a wire type in bytes. */
export function sizeOf(type: WireType): number {
  return codecs[type].size;
}

/**
 * Writes a value at an offset in a zeroed buffer.
 *
 * @throws RangeError or TypeError if the wire type cannot hold the value.
 */
export function write<T extends WireType>(
  view: DataView,
  offset: number,
  type: T,
  value: WireValues[T],
): void {
  codecs[type].write(view, offset, value);
}

/** One value's bytes. */
export function encode<T extends WireType>(type: T, value: WireValues[T]): Uint8Array {
  const bytes = new Uint8Array(sizeOf(type));
  write(new DataView(bytes.buffer), 0, type, value);
  return bytes;
}

/** The upper half that a server with 32-bit times sends. */
const NO_UPPER_HALF = 0x7fffffff;

/**
 * Encodes a time in seconds since the epoch, with the precision of a double down to nanoseconds.
 *
 * @param bits 32 for the encoding of a server with 32-bit times.
 */
export function timespec(seconds: number, bits: 32 | 64 = 64): Timespec {
  if (!Number.isFinite(seconds)) throw new RangeError(`not a time: ${seconds}`);
  const down = Math.floor(seconds);
  const rounded = Math.round((seconds - down) * 1e9);
  const [whole, nanoseconds] = rounded === 1e9 ? [down + 1, 0] : [down, rounded];
  return {
    high: bits === 32 ? NO_UPPER_HALF : Math.floor(whole / 2 ** 32) >>> 0,
    low: whole >>> 0,
    nanoseconds,
  };
}

function whole(value: number, low: number, high: number): number {
  if (Number.isInteger(value) && value >= low && value <= high) return value;
  throw new RangeError(`${value} is not a whole number from ${low} to ${high}`);
}

function bytesOf(view: DataView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}
