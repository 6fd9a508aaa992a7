/** Generates a systemd unit that runs the server with the options of the command line and minimal privileges. */
import { readFile, realpath, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, resolve, sep } from 'node:path';
import { socketPathOf } from '../socket/address.ts';
import { Files } from '../util/files.ts';
import { fileError, SECRET_OPTIONS, ServerError, type ServerOptions } from './options.ts';
import { parseWebConfig } from './web-config.ts';

/** The values of the options, by name. */
export type Given = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

/** A word of a command line, quoted for systemd. */
function quoted(word: string): string {
  const escaped = word.replaceAll('%', '%%').replaceAll('$', '$$$$');
  return /^[\w@:,./=%$*[\]-]+$/.test(escaped) ? escaped : JSON.stringify(escaped);
}

function wordsOf([name, value]: readonly [string, Given[string]]): readonly string[] {
  if (name === 'print-unit' || value === undefined || value === false) return [];
  if (value === true) return [`--${name}`];
  if (typeof value !== 'string') return value.map((each) => quoted(`--${name}=${each}`));
  // systemd passes copies of the files that only the service can read
  if (isFile(name)) return [`--${name}=\${CREDENTIALS_DIRECTORY}/${name}`];
  return [quoted(`--${name}=${value}`)];
}

function isFile(name: string): boolean {
  return SECRET_OPTIONS.some((option) => option === name);
}

/** The name or the number of a directory's owner. If the directory does not exist, chrony's user on Debian. */
async function ownerOf(directory: string): Promise<string> {
  try {
    const { uid } = await stat(directory);
    const users = await readFile('/etc/passwd', 'utf8');
    const [, name] = new RegExp(`^([^:]+):[^:]*:${uid}:`, 'm').exec(users) ?? [];
    return name ?? String(uid);
  } catch {
    return '_chrony';
  }
}

/** The user that the service runs as. */
async function identity(address: string | undefined): Promise<readonly string[]> {
  const socket = address === undefined ? null : socketPathOf(address);
  if (socket === null) {
    return [
      '# A dedicated user, who can read the reports that chronyd gives to any local user over UDP. For the others, use',
      '# --host /run/chrony/chronyd.sock or, with chronyd 4.7 or later, opencommands in chrony.conf.',
      'DynamicUser=yes',
    ];
  }
  const directory = dirname(socket);
  return [
    '# Only root and this user may use the Unix socket of chronyd. Clients create their sockets in its directory.',
    `User=${await ownerOf(directory)}`,
    '# chronyd replaces that directory whenever it is started.',
    `ReadWritePaths=${quoted(dirname(directory))}`,
  ];
}

function capabilities(listen: ServerOptions['listen']): readonly string[] {
  const low = listen?.some(({ port }) => port > 0 && port < 1024) ?? false;
  const needed = low ? 'CAP_NET_BIND_SERVICE' : '';
  return [`CapabilityBoundingSet=${needed}`, ...(low ? [`AmbientCapabilities=${needed}`] : [])];
}

/** The files of the command that runs this program: Node.js and the script. */
function programFiles(): readonly string[] {
  return [process.execPath, resolve(process.argv[1] ?? '')];
}

/** The command that runs this program. */
function program(): readonly string[] {
  return programFiles().map(quoted);
}

/** The folders in which npx and its counterparts in pnpm, Yarn and Bun keep a package for a single run. */
const CACHE_OF_A_RUNNER = /\/(?:_npx|dlx|dlx-[^/]+|bunx-[^/]+)\//;

/** The system deletes files in these folders, and PrivateTmp= hides the first two from the service. */
const TEMPORARY_FOLDERS = ['/tmp', '/var/tmp', '/run', '/dev/shm'];

/** The reason why a file may not stay at its path; null if there is none. */
function whyTemporary(path: string): string | null {
  if (CACHE_OF_A_RUNNER.test(path))
    return 'it is in the cache of npx or a similar program, which may be emptied';
  const folder = [...TEMPORARY_FOLDERS, tmpdir()].find((each) => path.startsWith(each + sep));
  return folder === undefined ? null : `${folder} is for temporary files`;
}

/** @throws ServerError if a file of the command, or the target of its link, is in a temporary place. */
async function checkProgramLasts(): Promise<void> {
  for (const file of programFiles()) {
    for (const path of [file, await realpath(file)]) {
      const why = whyTemporary(path);
      if (why === null) continue;
      throw new ServerError(
        `--print-unit: the unit would run ${path}, which will not last: ${why}; ` +
          'install the package first (npm install --global chrony-wasm), then run: chrony-wasm serve --print-unit',
      );
    }
  }
}

/** Home directories are hidden unless the program is in one. */
function homes(): string {
  return program().some((path) => /^\/(?:home|root)\//.test(path)) ? 'read-only' : 'yes';
}

/** A file that is named in the file of `--web-config`. */
interface NamedFile {
  readonly path: string;
  readonly isBeside: boolean;
}

/**
 * The files that are named in the file of `--web-config`. A name without a folder is relative to the folder of that
 * file; systemd puts the copies into one folder, too.
 *
 * @throws ServerError if the file of `--web-config` is wrong
 */
async function filesOfConfig(path: string): Promise<readonly NamedFile[]> {
  const config = parseWebConfig(
    path,
    new Files(fileError).readText('--web-config', path),
    await import('#yaml'),
  );
  const { cert, key, clientCa } = config.tls ?? {};
  return [cert, key, clientCa].flatMap((source) =>
    source?.path ? { path: source.path, isBeside: source.isBeside } : [],
  );
}

/**
 * The unit's lines that pass files to the service, and comments on files that the service must be able to read
 * itself.
 */
async function credentials(given: Given): Promise<readonly string[]> {
  const files = Object.entries(given).flatMap(([name, path]) =>
    isFile(name) ? [[name, resolve(String(path))] as const] : [],
  );
  const config = given['web-config'];
  const named = typeof config === 'string' ? await filesOfConfig(resolve(config)) : [];
  const beside = named.filter(({ isBeside }) => isBeside).map(({ path }) => [basename(path), path] as const);
  const elsewhere = named.filter(({ isBeside }) => !isBeside);
  const lines = [...files, ...beside].map(
    ([name, path]) => `LoadCredential=${name}:${path.replaceAll('%', '%%')}`,
  );
  return [
    ...(lines.length > 0 ? ['# After a change of these: systemctl restart chrony-wasm'] : []),
    ...lines,
    ...elsewhere.map(({ path }) => `# The user of the service must be able to read ${path}`),
  ];
}

/** The socket unit, which belongs next to the service unit. */
const SOCKET_UNIT = [
  '# /etc/systemd/system/chrony-wasm.socket, then: systemctl enable --now chrony-wasm.socket',
  '# [Socket]',
  '# ListenStream=127.0.0.1:9123',
  '# [Install]',
  '# WantedBy=sockets.target',
];

/**
 * Returns the unit for these options.
 *
 * @throws ServerError if this program is in a temporary folder or in npx's cache, or the file of `--web-config` is wrong
 */
export async function unitFor(given: Given, { listen, chronyd }: ServerOptions): Promise<string> {
  await checkProgramLasts();
  const isActivated = listen === null;
  const lines = [
    ...(isActivated ? SOCKET_UNIT : []),
    `# /etc/systemd/system/chrony-wasm.service${isActivated ? '' : ', then: systemctl enable --now chrony-wasm'}`,
    '[Unit]',
    'Description=Metrics and a live page of the clock, from chronyd',
    'Documentation=man:chrony-wasm(1)',
    'After=network.target chrony.service chronyd.service',
    ...(isActivated ? ['Requires=chrony-wasm.socket'] : []),
    '',
    '[Service]',
    'Type=exec',
    `ExecStart=${[...program(), 'serve', ...Object.entries(given).flatMap(wordsOf)].join(' ')}`,
    'Restart=on-failure',
    'RestartSec=5',
    ...(await identity(chronyd.address)),
    ...(await credentials(given)),
    ...capabilities(listen),
    'NoNewPrivileges=yes',
    'LockPersonality=yes',
    'PrivateDevices=yes',
    'PrivateTmp=yes',
    'ProcSubset=pid',
    'ProtectClock=yes',
    'ProtectControlGroups=yes',
    `ProtectHome=${homes()}`,
    'ProtectHostname=yes',
    'ProtectKernelLogs=yes',
    'ProtectKernelModules=yes',
    'ProtectKernelTunables=yes',
    'ProtectProc=invisible',
    'ProtectSystem=strict',
    'RemoveIPC=yes',
    'RestrictAddressFamilies=AF_INET AF_INET6 AF_NETLINK AF_UNIX',
    'RestrictNamespaces=yes',
    'RestrictRealtime=yes',
    'RestrictSUIDSGID=yes',
    'SystemCallArchitectures=native',
    'SystemCallFilter=@system-service',
    'SystemCallFilter=~@privileged',
    'SystemCallErrorNumber=EPERM',
    'UMask=0077',
    '',
    '[Install]',
    isActivated ? 'Also=chrony-wasm.socket' : 'WantedBy=multi-user.target',
  ];
  return `${lines.join('\n')}\n`;
}
