/** What is said about how to use the command line. */

interface CommandHelp {
  /** What follows the command's name. */
  readonly arguments?: string;
  readonly summary: string;
  /** More to know, each line at most 80 characters. */
  readonly details: string;
  readonly example: string;
}

const ALL = '  -a, --all            also the sources whose name is not resolved yet\n';
const LEGEND = '  -v, --verbose        explain the columns\n';
const PRIVATE = `
chronyd gives this report over its Unix socket only, to root and to chrony's
user, unless opencommands in chrony.conf (chronyd 4.7 or later) allows it.
`;

const COMMANDS: Readonly<Record<string, CommandHelp>> = {
  tracking: { summary: 'how the system clock stands', details: '', example: 'tracking' },
  sources: {
    arguments: ' [-a] [-v]',
    summary: 'the sources: their state, reach and last measurement',
    details: ALL + LEGEND,
    example: 'sources -v',
  },
  sourcestats: {
    arguments: ' [-a] [-v]',
    summary: "the statistics behind each source's estimate",
    details: ALL + LEGEND,
    example: 'sourcestats -v',
  },
  selectdata: {
    arguments: ' [-a] [-v]',
    summary: 'why each source is selected or not',
    details: ALL + LEGEND + PRIVATE,
    example: 'selectdata -v',
  },
  activity: { summary: 'how many sources are online', details: '', example: '--json activity' },
  authdata: {
    arguments: ' [-a] [-v]',
    summary: 'how each NTP source is authenticated',
    details: ALL + LEGEND + PRIVATE,
    example: 'authdata -v',
  },
  ntpdata: {
    arguments: ' [ADDRESS]',
    summary: 'the last exchange with each NTP source, or with one',
    details: `  ADDRESS              the IP address of a source\n${PRIVATE}`,
    example: 'ntpdata 192.0.2.1',
  },
  serverstats: {
    summary: 'what chronyd has served, and dropped',
    details: PRIVATE.trimStart(),
    example: '-c serverstats',
  },
  rtcdata: {
    summary: 'the real-time clock, if chronyd tracks it',
    details: 'Where chronyd tracks none: an error; null with --json.\n',
    example: 'rtcdata',
  },
  smoothing: {
    summary: 'the smoothing of the served time',
    details: 'Where it is not enabled: an error; null with --json.\n',
    example: 'smoothing',
  },
  report: {
    arguments: ' NAME',
    summary: 'any report, field by field',
    details: '  NAME                 a report: any of the other commands\n',
    example: '--json report sources',
  },
};

function commandList(): string {
  return Object.entries(COMMANDS)
    .map(([name, { arguments: args = '', summary }]) => {
      const call = name + args.replace(' [-a] [-v]', '');
      return `  ${call.padEnd(20)} ${summary}\n`;
    })
    .join('');
}

const GENERAL = `chrony-wasm: what chronyd says of this machine's clock, without chronyc

Usage: chrony-wasm [options] <command>

Commands, which but for report print what chronyc -n does:
${commandList()}
Options:
  -h, --host ADDRESS   where chronyd is: host, host:port, [IPv6]:port or /path;
                       default: the first that answers of its Unix socket,
                       127.0.0.1 and ::1
  -p, --port N         its port (default 323)
      --json           as JSON: pretty on a terminal, else one line
  -c, --csv            as chronyc's comma-separated values
  -n, --numeric        accepted: addresses are always shown as numbers
  -a, --all            also the sources whose name is not resolved yet (sources,
                       sourcestats, selectdata, authdata)
  -v, --verbose        explain the columns, where chronyc does
      --timeout MS     how long to wait before asking again (default 1000;
                       doubles each time)
      --retries N      how many times to ask again (default 2)
      --version        the version of this program
      --help           this text; after a command, help for that

Exit status: 0; 1 after an error; 2 if the arguments make no sense.

Example: chrony-wasm -h 192.0.2.1 --json tracking
`;

/** Help for a command; for all of them if it is none. */
export function helpFor(command: string | undefined): string {
  const help = command !== undefined && Object.hasOwn(COMMANDS, command) ? COMMANDS[command] : undefined;
  if (help === undefined) return GENERAL;
  const { arguments: args = '', summary, details, example } = help;
  return `chrony-wasm ${command}: ${summary}

Usage: chrony-wasm [options] ${command}${args}
${details === '' ? '' : `\n${details}`}
Options of every command, like --json and --host: chrony-wasm --help

Example: chrony-wasm ${example}
`;
}
