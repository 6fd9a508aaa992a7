/**
 * Starts processes like `spawn` of Node.js, in a hundredth of the time. Node.js forks: the kernel copies the page tables
 * of the whole test process, and afterwards every page that the process writes to. posix_spawn(3) copies nothing.
 */
import { EventEmitter } from 'node:events';
import { accessSync, closeSync, constants as modes } from 'node:fs';
import { Socket } from 'node:net';
import { constants } from 'node:os';
import { delimiter, join } from 'node:path';
import koffi from 'koffi';

type Stdio = 'pipe' | 'ignore' | 'inherit';
type Stream<S extends Stdio> = S extends 'pipe' ? Socket : null;

export interface SpawnOptions<I extends Stdio, O extends Stdio, E extends Stdio> {
  readonly cwd?: string | undefined;
  /** The whole environment; default: the environment of this process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly stdio: readonly [stdin: I, stdout: O, stderr: E];
}

interface Events {
  /** The process has ended. Its output may not have been read completely. */
  exit: [status: number | null, signal: NodeJS.Signals | null];
  /** The process has ended, and all of its output has been read. */
  close: [status: number | null, signal: NodeJS.Signals | null];
  error: [error: NodeJS.ErrnoException];
}

const libc = koffi.load('libc.so.6');
const socketpair = libc.func('int socketpair(int domain, int type, int protocol, _Out_ int *fds)');
const waitpid = libc.func('int waitpid(int pid, _Out_ int *status, int options)');
const sigfillset = libc.func('int sigfillset(void *set)');
const posixSpawn = libc.func(
  'int posix_spawn(_Out_ int *pid, str path, void *actions, void *attributes, str *argv, str *envp)',
);
const actionsInit = libc.func('int posix_spawn_file_actions_init(void *actions)');
const actionsDestroy = libc.func('int posix_spawn_file_actions_destroy(void *actions)');
const addDup2 = libc.func('int posix_spawn_file_actions_adddup2(void *actions, int fd, int as)');
const addOpen = libc.func(
  'int posix_spawn_file_actions_addopen(void *actions, int fd, str path, int flags, int mode)',
);
const addChdir = libc.func('int posix_spawn_file_actions_addchdir_np(void *actions, str path)');
const attributesInit = libc.func('int posix_spawnattr_init(void *attributes)');
const setFlags = libc.func('int posix_spawnattr_setflags(void *attributes, short flags)');
const setDefaults = libc.func('int posix_spawnattr_setsigdefault(void *attributes, void *set)');
const setMask = libc.func('int posix_spawnattr_setsigmask(void *attributes, void *set)');

// the values on Linux, on every processor that Node.js supports
const [AF_UNIX, SOCK_STREAM, SOCK_CLOEXEC, WNOHANG] = [1, 1, 0o2000000, 1];
const [SETSIGDEF, SETSIGMASK] = [4, 8];
/** At least the size of each C struct used here. */
const STRUCT = 1024;

/** Resets all signals to their defaults and blocks none, since Node.js itself ignores SIGPIPE. */
const attributes = Buffer.alloc(STRUCT);
const signals = Buffer.alloc(STRUCT);
attributesInit(attributes);
setFlags(attributes, SETSIGDEF | SETSIGMASK);
setMask(attributes, signals);
sigfillset(signals);
setDefaults(attributes, signals);

export class Child<
  I extends Stdio = Stdio,
  O extends Stdio = Stdio,
  E extends Stdio = Stdio,
> extends EventEmitter<Events> {
  /** Undefined if the process could not be started. */
  readonly pid: number | undefined;
  readonly stdin: Stream<I>;
  readonly stdout: Stream<O>;
  readonly stderr: Stream<E>;
  exitCode: number | null = null;
  signalCode: NodeJS.Signals | null = null;

  constructor(pid: number | undefined, stdin: Stream<I>, stdout: Stream<O>, stderr: Stream<E>) {
    super();
    this.pid = pid;
    this.stdin = stdin;
    this.stdout = stdout;
    this.stderr = stderr;
  }

  /** @returns false if the process has already ended */
  kill(signal: NodeJS.Signals = 'SIGTERM'): boolean {
    if (this.pid === undefined || this.exitCode !== null || this.signalCode !== null) return false;
    return process.kill(this.pid, signal);
  }
}

/** The running processes by process ID. */
const running = new Map<number, Child>();

/** Collects the exit status of every process that has ended. */
function reap(): void {
  for (const [pid, child] of running) {
    const status = [0];
    if (waitpid(pid, status, WNOHANG) !== pid) continue;
    running.delete(pid);
    const [word = 0] = status;
    const number = word & 0x7f;
    if (number === 0) child.exitCode = word >> 8;
    else child.signalCode = nameOf(constants.signals, number) as NodeJS.Signals;
    ended(child);
  }
}

// one permanent listener: some tests compare the number of listeners of this process before and after
process.on('SIGCHLD', reap);

function ended(child: Child): void {
  const { exitCode, signalCode, stdin, stdout, stderr } = child;
  stdin?.destroy();
  const open = [stdin, stdout, stderr].filter((stream) => stream !== null && !stream.closed);
  let left = open.length;
  const closed = (): void => {
    if (--left <= 0) child.emit('close', exitCode, signalCode);
  };
  child.emit('exit', exitCode, signalCode);
  for (const stream of open) {
    stream?.once('close', closed);
    // a stream without a reader must be drained before it closes
    if (stream?.readableFlowing === null) stream.resume();
  }
  if (left === 0) closed();
}

function nameOf(numbers: object, number: number): string {
  return Object.entries(numbers).find(([, each]) => each === number)?.[0] ?? String(number);
}

/** Finds a program in PATH, as a shell does. */
function find(program: string, path = ''): string {
  if (program.includes('/')) return program;
  const found = path.split(delimiter).find((folder) => {
    try {
      accessSync(join(folder, program), modes.X_OK);
      return true;
    } catch {
      return false;
    }
  });
  return found === undefined ? program : join(found, program);
}

/** Starts a program. A failure to start is reported by the event `error`, as in Node.js. */
export function spawn<const I extends Stdio, const O extends Stdio, const E extends Stdio>(
  program: string,
  args: readonly string[],
  { cwd, env = process.env, stdio }: SpawnOptions<I, O, E>,
): Child<I, O, E> {
  const actions = Buffer.alloc(STRUCT);
  actionsInit(actions);
  const theirs: number[] = [];
  const [stdin, stdout, stderr] = stdio.map((how, fd) => {
    if (how === 'ignore') addOpen(actions, fd, '/dev/null', modes.O_RDWR, 0);
    if (how !== 'pipe') return null;
    const pair = [0, 0];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) !== 0)
      throw new Error('no more descriptors');
    const [ours = 0, other = 0] = pair;
    addDup2(actions, other, fd);
    theirs.push(other);
    return new Socket({ fd: ours, readable: fd > 0, writable: fd === 0 });
  });
  if (cwd !== undefined) addChdir(actions, cwd);
  const variables = Object.entries(env).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${value}`],
  );
  const pid = [0];
  const file = find(program, env['PATH']);
  const failure = posixSpawn(pid, file, actions, attributes, [program, ...args, null], [...variables, null]);
  actionsDestroy(actions);
  for (const fd of theirs) closeSync(fd);

  const streams = [stdin, stdout, stderr] as [Stream<I>, Stream<O>, Stream<E>];
  const child = new Child<I, O, E>(failure === 0 ? pid[0] : undefined, ...streams);
  if (child.pid === undefined) {
    const code = nameOf(constants.errno, failure);
    const error = Object.assign(new Error(`spawn ${program} ${code}`), { code, path: program });
    process.nextTick(() => child.emit('error', error));
  } else {
    running.set(child.pid, child);
  }
  return child;
}
