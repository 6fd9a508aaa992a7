/** A folder with target files, and the targets in them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openTargets, type TargetSources, type Targets } from '../../../../src/fleet/targets/targets.ts';

export class Folder implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), 'targets-'));
  /** The warnings of the targets. */
  readonly warnings: string[] = [];

  /** @returns the path of the file */
  write(name: string, content: string | Buffer): string {
    const path = join(this.path, name);
    writeFileSync(path, content);
    return path;
  }

  open(sources: Partial<TargetSources>): Promise<Targets> {
    return openTargets({ hosts: [], files: [], warn: (message) => this.warnings.push(message), ...sources });
  }

  /** Opens the targets of a single file. */
  openFile(name: string, content: string | Buffer): Promise<Targets> {
    return this.open({ files: [this.write(name, content)] });
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true });
  }
}

/** Returns one line per target: the address, and the labels in order. */
export function linesOf({ targets }: Pick<Targets, 'targets'>): readonly string[] {
  return Array.from(targets.values(), ({ address, labels }) =>
    [address, ...Object.entries(labels).map(([name, value]) => `${name}=${value}`)].join(' '),
  );
}
