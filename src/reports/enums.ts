/**
 * The enumerations. Their values are the C library's names, so a value can be printed directly, and compared with a
 * string or a constant: `status.leapStatus === LeapStatus.INSERT`.
 */

/** The announcement of a leap second. */
export const LeapStatus = {
  /** No leap second is pending. */
  NORMAL: 'normal',
  /** A second will be inserted at the end of the day (UTC). */
  INSERT: 'insert second',
  /** A second will be deleted at the end of the day (UTC). */
  DELETE: 'delete second',
  /** The clock is not synchronized. */
  UNSYNC: 'not synchronized',
} as const;
/** One of the values of {@link LeapStatus}. */
export type LeapStatus = (typeof LeapStatus)[keyof typeof LeapStatus];

/** The state of a source, in short; {@link SelectState} gives the reasons. */
export const SourceState = {
  /** The clock follows this source. */
  SELECTED: 'selected',
  /** It cannot be selected: it has no samples, is not synchronized, or is configured to be ignored. */
  NONSELECTABLE: 'nonselectable',
  /** Its time is wrong according to the majority of the sources. */
  FALSETICKER: 'falseticker',
  /** Its measurements vary too much. */
  JITTERY: 'jittery',
  /** It is combined with the selected source. */
  UNSELECTED: 'unselected',
  /** It could be selected, but is currently not used. */
  SELECTABLE: 'selectable',
} as const;
/** One of the values of {@link SourceState}. */
export type SourceState = (typeof SourceState)[keyof typeof SourceState];

/** The kind of a source. */
export const SourceMode = {
  /** An NTP server. */
  CLIENT: 'client',
  /** An NTP peer: the two computers can follow each other. */
  PEER: 'peer',
  /** A clock attached to this computer, such as a GPS receiver. */
  REFCLOCK: 'reference clock',
} as const;
/** One of the values of {@link SourceMode}. */
export type SourceMode = (typeof SourceMode)[keyof typeof SourceMode];

/** The reason why a source was or was not used in the last selection. */
export const SelectState = {
  /** Not selectable: it has the option `noselect`. */
  IGNORED: 'ignored',
  /** Not selectable: it is itself not synchronized. */
  UNSYNC: 'not synchronized',
  /** Not selectable: it has too few samples. */
  MISSING_SAMPLES: 'missing samples',
  /** Not selectable: its root distance is above the maximum. */
  UNACCEPTABLE_DISTANCE: 'unacceptable distance',
  /** Selectable, but its root distance is too large to combine it with the best one. */
  LARGE_DISTANCE: 'large distance',
  /** Not selectable: its measurements vary too much. */
  JITTERY: 'jittery',
  /** Not selectable yet: others are about to have enough samples. */
  WAITING_FOR_OTHERS: 'waiting for others',
  /** Selectable, but there are too few selectable sources, or none has the option `require`. */
  MISSING_SELECTABLE_SOURCES: 'missing selectable sources',
  /** Not selectable: its samples are older than those of the others. */
  STALE: 'stale',
  /** Not selectable: its stratum is not below the stratum of the local orphan mode. */
  ORPHAN: 'orphan',
  /** Not selectable: it disagrees with the sources that have the option `trust`. */
  NOT_TRUSTED: 'not trusted',
  /** Selectable, but another source has the option `prefer`. */
  NOT_PREFERRED: 'not preferred',
  /** Selectable, but the clock waits for its next sample. */
  WAITING_FOR_UPDATE: 'waiting for update',
  /** Not selectable: its time is wrong according to the majority of the sources. */
  FALSETICKER: 'falseticker',
  /** Used: combined with the best source. */
  COMBINED: 'combined',
  /** Used: the clock follows this source. */
  BEST: 'best',
  /** Not selectable: its stratum is outside the configured limits. Only reported by chronyd newer than 4.8. */
  STRATUM_OUT_OF_RANGE: 'stratum out of range',
} as const;
/** One of the values of {@link SelectState}. */
export type SelectState = (typeof SelectState)[keyof typeof SelectState];

/** An option in the configuration that affects the selection of a source. */
export const SelectOption = {
  /** Never select it. */
  NOSELECT: 'noselect',
  /** Prefer it to sources without this option. */
  PREFER: 'prefer',
  /** Assume that its time is correct. */
  TRUST: 'trust',
  /** Follow a source only if at least one source with this option is selectable. */
  REQUIRE: 'require',
} as const;
/** One of the values of {@link SelectOption}. */
export type SelectOption = (typeof SelectOption)[keyof typeof SelectOption];

/** The authentication of a source's packets. */
export const AuthMode = {
  /** No authentication. */
  NONE: 'none',
  /** With a key that both sides have in a key file. */
  SYMMETRIC: 'symmetric key',
  /** With Network Time Security (RFC 8915). */
  NTS: 'NTS',
} as const;
/** One of the values of {@link AuthMode}. */
export type AuthMode = (typeof AuthMode)[keyof typeof AuthMode];

/** The algorithm of a key: a hash or a cipher for a symmetric key, an AEAD for NTS. */
export const AuthKeyType = {
  /** A hash of 128 bits. */
  MD5: 'MD5',
  /** A hash of 160 bits. */
  SHA1: 'SHA1',
  /** A hash of 256 bits (SHA-2). */
  SHA256: 'SHA256',
  /** A hash of 384 bits (SHA-2). */
  SHA384: 'SHA384',
  /** A hash of 512 bits (SHA-2). */
  SHA512: 'SHA512',
  /** A hash of 224 bits (SHA-3). */
  SHA3_224: 'SHA3-224',
  /** A hash of 256 bits (SHA-3). */
  SHA3_256: 'SHA3-256',
  /** A hash of 384 bits (SHA-3). */
  SHA3_384: 'SHA3-384',
  /** A hash of 512 bits (SHA-3). */
  SHA3_512: 'SHA3-512',
  /** A hash of 192 bits. */
  TIGER: 'TIGER',
  /** A hash of 512 bits. */
  WHIRLPOOL: 'WHIRLPOOL',
  /** A CMAC with AES and a key of 128 bits. */
  AES128: 'AES128',
  /** A CMAC with AES and a key of 256 bits. */
  AES256: 'AES256',
  /** For NTS, with a key of 256 bits (RFC 5297); every NTS server supports it. */
  AEAD_AES_SIV_CMAC_256: 'AEAD-AES-SIV-CMAC-256',
  /** For NTS, with a key of 128 bits (RFC 8452); its cookies are shorter. */
  AEAD_AES_128_GCM_SIV: 'AEAD-AES-128-GCM-SIV',
} as const;
/** One of the values of {@link AuthKeyType}. */
export type AuthKeyType = (typeof AuthKeyType)[keyof typeof AuthKeyType];

/** The NTP mode of the packets that a source sends. */
export const NtpMode = {
  /** A peer that is itself configured to follow this computer. */
  ACTIVE_SYMMETRIC: 'active symmetric',
  /** A peer that only replies. */
  PASSIVE_SYMMETRIC: 'passive symmetric',
  /** A server. */
  SERVER: 'server',
} as const;
/** One of the values of {@link NtpMode}. */
export type NtpMode = (typeof NtpMode)[keyof typeof NtpMode];

/** The origin of the timestamp of a sent or received packet, from the least to the most precise. */
export const Timestamping = {
  /** chronyd itself. */
  DAEMON: 'daemon',
  /** The kernel's network stack. */
  KERNEL: 'kernel',
  /** The network card. */
  HARDWARE: 'hardware',
} as const;
/** One of the values of {@link Timestamping}. */
export type Timestamping = (typeof Timestamping)[keyof typeof Timestamping];
