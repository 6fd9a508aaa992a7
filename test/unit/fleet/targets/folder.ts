/** A folder with files of targets, and the targets in them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openTargets, type TargetSources, type Targets } from '../../../../src/fleet/targets/targets.ts';

export class Folder implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), 'targets-'));
  /** What the targets warned of. */
  readonly warnings: string[] = [];

  /** @returns the path */
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

/** The targets as a line for each: the address, and the labels in their order. */
export function linesOf({ targets }: Pick<Targets, 'targets'>): readonly string[] {
  return Array.from(targets.values(), ({ address, labels }) =>
    [address, ...Object.entries(labels).map(([name, value]) => `${name}=${value}`)].join(' '),
  );
}
