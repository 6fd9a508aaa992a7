/** Linux's clock devices. The tests replace them with files, because the machine may have none. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SystemDevices } from '../../../src/clock/devices.ts';
import { vmClockPage } from './vm-clock-page.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'devices-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the disruption marker', () => {
  const markerOf = (page: Uint8Array): bigint | null => {
    const path = join(folder, 'vmclock0');
    writeFileSync(path, page);
    return new SystemDevices(path).disruptionMarker();
  };

  it('is the current value of the page', () => {
    const path = join(folder, 'vmclock0');
    writeFileSync(path, vmClockPage(1n));
    const devices = new SystemDevices(path);
    expect(devices.disruptionMarker()).toBe(1n);
    writeFileSync(path, vmClockPage(2n ** 64n - 1n));
    expect(devices.disruptionMarker()).toBe(2n ** 64n - 1n);
  });

  it('is null without a device or with a different device at its path', () => {
    expect(new SystemDevices(join(folder, 'vmclock0')).disruptionMarker()).toBeNull();
    expect(new SystemDevices(folder).disruptionMarker()).toBeNull();
    expect(markerOf(vmClockPage(1n).subarray(0, 20))).toBeNull();
    expect(markerOf(new Uint8Array(4096))).toBeNull();
  });
});

describe('the error of the PTP hardware clocks', () => {
  function put(clock: string, text: string): void {
    mkdirSync(join(folder, clock, 'device'), { recursive: true });
    writeFileSync(join(folder, clock, 'device/phc_error_bound'), text);
  }
  const errorNs = (path = folder) => new SystemDevices(undefined, path).hardwareClockErrorNs();

  it('is the greatest error of all clocks', () => {
    put('ptp0', '15000\n');
    expect(errorNs()).toBe(15_000);
    put('ptp1', '21234\n');
    mkdirSync(join(folder, 'ptp2/device'), { recursive: true });
    expect(errorNs()).toBe(21_234);
  });

  it('is 0 if no clock reports an error', () => {
    expect(errorNs()).toBe(0);
    expect(errorNs(join(folder, 'none'))).toBe(0);
    put('ptp0', 'unknown\n');
    expect(errorNs()).toBe(0);
  });
});
