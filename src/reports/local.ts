import type { TrackingStatus } from './index.ts';

/** 127.127.1.1, by which chronyd says that the reference is its own clock. */
const LOCAL_REFERENCE_ID = 0x7f7f0101;

/** True in local mode: the clock calls itself synchronised, and is so to nothing. */
export function isLocal({ referenceId, referenceIp }: TrackingStatus): boolean {
  return referenceId === LOCAL_REFERENCE_ID && referenceIp === null;
}
