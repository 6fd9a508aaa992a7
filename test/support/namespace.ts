/** Private namespaces for a program: its own network, /run and process tree. */
import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';

const UNSHARE = ['unshare', '--mount', '--net', '--pid', '--fork', '--kill-child'];
const SCRIPT = resolve(import.meta.dirname, 'namespace.sh');

/**
 * Whether this user may create namespaces, which tests need to change routes, mounts or `/etc/hosts`. Only root may,
 * and not in every container. Throws if `ip` is missing; `make tools` installs it.
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
 * The command prefix that runs a command in private namespaces, beside a chronyd.
 *
 * @param scene - one of the cases in namespace.sh
 */
export function onItsOwn(scene: string, chronyd: string): readonly string[] {
  return [...UNSHARE, SCRIPT, scene, chronyd];
}
