/** Finds the command that installs koffi. It depends on how the program was started. */
import { nodeFs } from '../../util/builtins.ts';

/** How this package is installed. */
export interface Installation {
  /** The path of the program, with symbolic links resolved; empty if it is unknown. */
  readonly program: string;
  /** `npm_config_user_agent`, which package managers set for the programs that they start. */
  readonly userAgent: string;
}

/** The folders of packages that are run without being installed, and the command that runs them with koffi. */
const RUN_WITHOUT_INSTALLING: readonly (readonly [folder: RegExp, command: string])[] = [
  [/[/\\]_npx[/\\]/, 'npx -p chrony-wasm -p koffi chrony-wasm …'],
  [/[/\\]bunx-[^/\\]*[/\\]/, 'bunx --bun chrony-wasm …'],
  [/[/\\]pnpm[/\\]dlx[/\\]/, 'pnpm --package=chrony-wasm --package=koffi dlx chrony-wasm …'],
  [/[/\\]dlx-[^/\\]*[/\\]/, 'yarn dlx -p chrony-wasm -p koffi chrony-wasm …'],
];

const INSTALL: Readonly<Record<string, string>> = {
  pnpm: 'pnpm add koffi',
  yarn: 'yarn add koffi',
  bun: 'bun add koffi',
};

/** npm's folder of global packages. The packages of a project are never in a folder `lib`. */
const GLOBAL = /[/\\]lib[/\\]node_modules[/\\]chrony-wasm[/\\]/;

/** Returns one command; `…` stands for the arguments of the program. */
export function koffiCommand({ program, userAgent }: Installation = currentInstallation()): string {
  const [, runCommand] = RUN_WITHOUT_INSTALLING.find(([folder]) => folder.test(program)) ?? [];
  if (runCommand !== undefined) return runCommand;
  if (GLOBAL.test(program)) return 'npm install --global koffi';
  return INSTALL[userAgent.split('/', 1)[0] ?? ''] ?? 'npm install koffi';
}

function currentInstallation(): Installation {
  return { program: programPath(), userAgent: process.env['npm_config_user_agent'] ?? '' };
}

function programPath(): string {
  const [, program = ''] = process.argv;
  try {
    return nodeFs().realpathSync(program);
  } catch {
    return program;
  }
}
