/**
 * The enumerations, with the C library's names as values, so that a value can be printed as it is and
 * compared with either a string or a constant: `status.leapStatus === LeapStatus.INSERT`.
 */

/** What the clock is told about the next leap second. */
export const LeapStatus = {
  /** No leap second is pending. */
  NORMAL: 'normal',
  /** A second will be inserted at the end of the day (UTC). */
  INSERT: 'insert second',
  /** A second will be deleted at the end of the day (UTC). */
  DELETE: 'delete second',
  /** The clock is not synchronised. */
  UNSYNC: 'not synchronized',
} as const;
/** One of the values of {@link LeapStatus}. */
export type LeapStatus = (typeof LeapStatus)[keyof typeof LeapStatus];

/** What chronyd makes of a source, in short; {@link SelectState} has the reasons. */
export const SourceState = {
  /** The clock follows this source. */
  SELECTED: 'selected',
  /** It cannot be selected: no samples, not synchronised, or told to be ignored. */
  NONSELECTABLE: 'nonselectable',
  /** The majority of the sources says that its time is wrong. */
  FALSETICKER: 'falseticker',
  /** Its measurements vary too much. */
  JITTERY: 'jittery',
  /** It is combined with the selected source. */
  UNSELECTED: 'unselected',
  /** It could be selected, but is not used at present. */
  SELECTABLE: 'selectable',
} as const;
/** One of the values of {@link SourceState}. */
export type SourceState = (typeof SourceState)[keyof typeof SourceState];

/** What kind of source it is. */
export const SourceMode = {
  /** An NTP server. */
  CLIENT: 'client',
  /** An NTP peer: each follows the other. */
  PEER: 'peer',
  /** A clock attached to this computer, such as a GPS receiver. */
  REFCLOCK: 'reference clock',
} as const;
/** One of the values of {@link SourceMode}. */
export type SourceMode = (typeof SourceMode)[keyof typeof SourceMode];

/** Why a source is or is not used, after the last selection. */
export const SelectState = {
  /** Not selectable: it has the option `noselect`. */
  IGNORED: 'ignored',
  /** Not selectable: it is not synchronised itself. */
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
  /** Selectable, but there are too few sources, or none of those with the option `require`. */
  MISSING_SELECTABLE_SOURCES: 'missing selectable sources',
  /** Not selectable: its samples are older than those of the others. */
  STALE: 'stale',
  /** Not selectable: its stratum is not below that of the local orphan mode. */
  ORPHAN: 'orphan',
  /** Not selectable: it disagrees with the sources that have the option `trust`. */
  NOT_TRUSTED: 'not trusted',
  /** Selectable, but another one has the option `prefer`. */
  NOT_PREFERRED: 'not preferred',
  /** Selectable, but the clock waits for its next sample. */
  WAITING_FOR_UPDATE: 'waiting for update',
  /** Not selectable: the majority of the sources says that its time is wrong. */
  FALSETICKER: 'falseticker',
  /** Used: combined with the best source. */
  COMBINED: 'combined',
  /** Used: the clock follows this source. */
  BEST: 'best',
  /** Not selectable: its stratum is outside the configured limits. Only from chronyd newer than 4.8. */
  STRATUM_OUT_OF_RANGE: 'stratum out of range',
} as const;
/** One of the values of {@link SelectState}. */
export type SelectState = (typeof SelectState)[keyof typeof SelectState];

/** What the configuration says about the selection of a source. */
export const SelectOption = {
  /** Never select it. */
  NOSELECT: 'noselect',
  /** Select it rather than one without this option. */
  PREFER: 'prefer',
  /** Its time is assumed to be right. */
  TRUST: 'trust',
  /** Without one such source the clock follows none. */
  REQUIRE: 'require',
} as const;
/** One of the values of {@link SelectOption}. */
export type SelectOption = (typeof SelectOption)[keyof typeof SelectOption];

/** How the packets of a source are authenticated. */
export const AuthMode = {
  /** Not at all. */
  NONE: 'none',
  /** With a key that both sides have in a file. */
  SYMMETRIC: 'symmetric key',
  /** With Network Time Security (RFC 8915). */
  NTS: 'NTS',
} as const;
/** One of the values of {@link AuthMode}. */
export type AuthMode = (typeof AuthMode)[keyof typeof AuthMode];

/** The algorithm that a key is for: a hash or a cipher with a symmetric key, an AEAD with NTS. */
export const AuthKeyType = {
  /** A hash of 128 bits. */
  MD5: 'MD5',
  /** A hash of 160 bits. */
  SHA1: 'SHA1',
  /** A hash of 256 bits, of the family SHA-2. */
  SHA256: 'SHA256',
  /** A hash of 384 bits, of the family SHA-2. */
  SHA384: 'SHA384',
  /** A hash of 512 bits, of the family SHA-2. */
  SHA512: 'SHA512',
  /** A hash of 224 bits, of the family SHA-3. */
  SHA3_224: 'SHA3-224',
  /** A hash of 256 bits, of the family SHA-3. */
  SHA3_256: 'SHA3-256',
  /** A hash of 384 bits, of the family SHA-3. */
  SHA3_384: 'SHA3-384',
  /** A hash of 512 bits, of the family SHA-3. */
  SHA3_512: 'SHA3-512',
  /** A hash of 192 bits. */
  TIGER: 'TIGER',
  /** A hash of 512 bits. */
  WHIRLPOOL: 'WHIRLPOOL',
  /** A CMAC by a cipher with a key of 128 bits. */
  AES128: 'AES128',
  /** A CMAC by a cipher with a key of 256 bits. */
  AES256: 'AES256',
  /** Of NTS, with a key of 256 bits (RFC 5297): the one that every server has. */
  AEAD_AES_SIV_CMAC_256: 'AEAD-AES-SIV-CMAC-256',
  /** Of NTS, with a key of 128 bits (RFC 8452): its cookies are shorter. */
  AEAD_AES_128_GCM_SIV: 'AEAD-AES-128-GCM-SIV',
} as const;
/** One of the values of {@link AuthKeyType}. */
export type AuthKeyType = (typeof AuthKeyType)[keyof typeof AuthKeyType];

/** The NTP mode of the packets that a source sends. */
export const NtpMode = {
  /** A peer that is configured to follow this computer too. */
  ACTIVE_SYMMETRIC: 'active symmetric',
  /** A peer that only answers. */
  PASSIVE_SYMMETRIC: 'passive symmetric',
  /** A server. */
  SERVER: 'server',
} as const;
/** One of the values of {@link NtpMode}. */
export type NtpMode = (typeof NtpMode)[keyof typeof NtpMode];

/** Who took the time at which a packet was sent or received here, from the least to the most precise. */
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
