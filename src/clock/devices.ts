/**
 * Reads what Linux devices report about the clock and chronyd cannot know: disruptions of a virtual machine, and the
 * error of a PTP hardware clock.
 */
import { nodeFs } from '../util/builtins.ts';

export interface Devices {
  /** The virtual machine's disruption marker, which changes when it was paused, cloned or migrated; null if none. */
  disruptionMarker(): bigint | null;
  /**
   * The largest error that the PTP hardware clocks of this machine report of themselves, in nanoseconds; 0 if there
   * is none.
   */
  hardwareClockErrorNs(): number;
}

/** `VCLK`, at the start of the page that the hypervisor shares. */
const MAGIC = 0x4b4c4356;
const MARKER_OFFSET = 16;
const LENGTH = 24;

/** The devices, read through their paths in the file system. */
export class SystemDevices implements Devices {
  readonly #vmClock: string;
  readonly #hardwareClocks: string;
  readonly #page = new DataView(new ArrayBuffer(LENGTH));
  #hasVmClock = true;

  /**
   * @param vmClock - the device of the kernel's driver `vmclock`
   * @param hardwareClocks - the directory with an entry for each PTP hardware clock
   */
  constructor(vmClock = '/dev/vmclock0', hardwareClocks = '/sys/class/ptp') {
    this.#vmClock = vmClock;
    this.#hardwareClocks = hardwareClocks;
  }

  disruptionMarker(): bigint | null {
    if (!this.#hasVmClock) return null;
    // the device does not appear later: a failure is final
    this.#hasVmClock = mayRead(this.#vmClock) && this.#readPage();
    return this.#hasVmClock ? this.#page.getBigUint64(MARKER_OFFSET, true) : null;
  }

  hardwareClockErrorNs(): number {
    const folder = this.#hardwareClocks;
    if (!mayRead(folder)) return 0;
    const names = attempt(() => nodeFs().readdirSync(folder)) ?? [];
    const errors = names.map((name) => {
      const path = `${folder}/${name}/device/phc_error_bound`;
      return Number(attempt(() => nodeFs().readFileSync(path, 'latin1')) ?? 0);
    });
    return Math.max(0, ...errors.filter(Number.isFinite));
  }

  #readPage(): boolean {
    const { closeSync, openSync, readSync } = nodeFs();
    const page = this.#page;
    const length = attempt(() => {
      const file = openSync(this.#vmClock, 'r');
      try {
        return readSync(file, page, 0, LENGTH, 0);
      } finally {
        closeSync(file);
      }
    });
    return length === LENGTH && page.getUint32(0, true) === MAGIC;
  }
}

/** Returns the result of a function; null if it throws, e.g. because the file does not exist or may not be read. */
function attempt<T>(work: () => T): T | null {
  try {
    return work();
  } catch {
    return null;
  }
}

interface Deno {
  readonly permissions: {
    querySync(descriptor: { readonly name: 'read'; readonly path: string }): { readonly state: string };
  };
}

/** False if Deno would prompt the user for the permission. */
function mayRead(path: string): boolean {
  const { Deno: deno } = globalThis as { readonly Deno?: Deno };
  return deno === undefined || deno.permissions.querySync({ name: 'read', path }).state === 'granted';
}
