/** A machine of its own, so to speak, for a program: its own network, /run and processes. */
import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';

const UNSHARE = ['unshare', '--mount', '--net', '--pid', '--fork', '--kill-child'];
const SCRIPT = resolve(import.meta.dirname, 'namespace.sh');

/**
 * True if this user may have namespaces, without which a test cannot change routes, mounts or `/etc/hosts`: only root may,
 * and not in every container. A missing tool is an error: `make tools`.
 */
export function mayUnshare(): boolean {
  execFileSync('ip', ['-V'], { stdio: 'ignore' });
  try {
    const [program = '', ...args] = UNSHARE;
    execFileSync(program, [...args, 'sh', '-c', 'mount -t tmpfs tmpfs /run && ip link set lo up'], {
      stdio: 'ignore',
    });
    return true;
  } catch {
    return false;
  }
}

/**
 * What runs a command there, beside the chronyd that a scene asks for.
 *
 * @param scene - one of those in namespace.sh
 */
export function onItsOwn(scene: string, chronyd: string): readonly string[] {
  return [...UNSHARE, SCRIPT, scene, chronyd];
}
