/** The page that a hypervisor shares with the Linux driver `vmclock`. */
export function vmClockPage(disruptionMarker: bigint): Uint8Array {
  const page = new DataView(new ArrayBuffer(4096));
  page.setUint32(0, 0x4b4c4356, true);
  page.setUint32(4, 4096, true);
  page.setUint16(8, 1, true);
  page.setBigUint64(16, disruptionMarker, true);
  return new Uint8Array(page.buffer);
}
