/** The descriptions of the commands, for help, manual page and completions. */
import { decoders } from '../../reports/index.ts';
import type { OptionName } from './options.ts';

/** An argument after a command's name. */
export interface Operand {
  readonly name: string;
  readonly optional?: true;
  readonly text: string;
  /** The allowed values, if they are a list. */
  readonly choices?: readonly string[];
}

export interface Command {
  readonly name: string;
  readonly summary: string;
  /** True if chronyc has the command, too, so that `-m` takes it. */
  readonly isChronyc?: true;
  readonly operands?: readonly Operand[];
  /** The options that only some commands accept. */
  readonly options?: readonly OptionName[];
  /** Further paragraphs. */
  readonly notes?: readonly string[];
  /** The arguments after `chrony-wasm`. */
  readonly example: string;
}

const REPORT_NAMES: readonly string[] = Object.keys(decoders);

/** The shells with a completion script. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;

const PRIVATE =
  "chronyd gives this report over its Unix socket only, to root and to chrony's user, unless opencommands in chrony.conf (chronyd 4.7 or later) allows it over UDP.";

/** The options for the thresholds of a healthy clock. */
const THRESHOLDS: readonly OptionName[] = [
  'warning',
  'critical',
  'offset-warning',
  'offset-critical',
  'max-stratum',
  'min-sources',
  'min-selectable',
  'max-age',
  'max-skew',
  'min-cookies',
  'leap',
  'allow-local',
];

/** The options of every server: of serve, and of fleet with --listen. */
export const SERVER_OPTIONS: readonly OptionName[] = [
  'metrics-path',
  'process-metrics',
  'allow-host',
  'proxy',
  'web-config',
  'tls-cert',
  'tls-key',
  'basic-auth',
  'bearer-token',
  'log-format',
  'log-level',
];

const SOURCE: Operand = { name: 'ADDRESS', text: 'the IP address of a source' };

export const COMMANDS: readonly Command[] = [
  { name: 'tracking', isChronyc: true, summary: 'the state of the system clock', example: 'tracking' },
  {
    name: 'sources',
    isChronyc: true,
    summary: 'the sources: their state, reach and last measurement',
    options: ['all', 'verbose'],
    example: 'sources -v',
  },
  {
    name: 'sourcestats',
    isChronyc: true,
    summary: "the statistics behind each source's estimate",
    options: ['all', 'verbose'],
    example: 'sourcestats -v',
  },
  {
    name: 'selectdata',
    isChronyc: true,
    summary: 'why each source is selected or not',
    options: ['all', 'verbose'],
    notes: [PRIVATE],
    example: 'selectdata -v',
  },
  { name: 'activity', isChronyc: true, summary: 'how many sources are online', example: '--json activity' },
  {
    name: 'authdata',
    isChronyc: true,
    summary: 'how each NTP source is authenticated',
    options: ['all', 'verbose'],
    notes: [PRIVATE],
    example: 'authdata -v',
  },
  {
    name: 'ntpdata',
    isChronyc: true,
    summary: 'the last exchange with each NTP source, or with one',
    operands: [{ ...SOURCE, optional: true }],
    notes: [PRIVATE],
    example: 'ntpdata 192.0.2.1',
  },
  {
    name: 'serverstats',
    isChronyc: true,
    summary: 'the requests that chronyd has served and dropped',
    notes: [PRIVATE],
    example: '-c serverstats',
  },
  {
    name: 'rtcdata',
    isChronyc: true,
    summary: 'the real-time clock, if chronyd tracks it',
    notes: ['If chronyd does not track a real-time clock, the command fails; with --json it prints null.'],
    example: 'rtcdata',
  },
  {
    name: 'smoothing',
    isChronyc: true,
    summary: 'the smoothing of the served time',
    notes: ['If smoothing is not enabled, the command fails; with --json it prints null.'],
    example: 'smoothing',
  },
  {
    name: 'sourcename',
    isChronyc: true,
    summary: "the name of a source in chronyd's configuration",
    operands: [SOURCE],
    example: 'sourcename 192.0.2.1',
  },
  {
    name: 'clients',
    isChronyc: true,
    summary: 'the clients of this chronyd, and their request rates',
    options: ['nts-ke', 'packets'],
    notes: [PRIVATE],
    example: 'clients -p 100',
  },
  {
    name: 'manual',
    isChronyc: true,
    summary: 'the times that were entered manually (chronyc settime)',
    operands: [
      { name: 'list', text: 'the only supported subcommand: the others change chronyd', choices: ['list'] },
    ],
    example: 'manual list',
  },
  {
    name: 'waitsync',
    isChronyc: true,
    summary: 'wait until chronyd is synchronized',
    operands: [
      { name: 'TRIES', optional: true, text: 'the maximum number of tries; 0 (the default): no limit' },
      {
        name: 'CORRECTION',
        optional: true,
        text: 'the maximum remaining correction, in either direction, in seconds; 0 (the default): no limit',
      },
      {
        name: 'SKEW',
        optional: true,
        text: 'the maximum error bound of the frequency, in ppm; 0 (the default): no limit',
      },
      {
        name: 'INTERVAL',
        optional: true,
        text: 'from the end of one try to the next, in seconds; default 10, at least 0.1',
      },
    ],
    options: ['max-error'],
    notes: [
      'Prints a line for each try. The exit status is 0 once chronyd follows a source within the limits, and 1 if the tries run out before that or a signal ends the wait. Local mode does not count as following a source. A try without a reply counts, too: chronyd may be about to start.',
      'It fails immediately if waiting cannot help: chronyd refuses the request, the Unix socket of --host does not exist, or the name of --host cannot be resolved.',
    ],
    example: 'waitsync 60 0.01 --max-error 0.05',
  },
  {
    name: 'report',
    summary: 'any report, field by field, with units',
    operands: [{ name: 'NAME', text: 'the report', choices: REPORT_NAMES }],
    example: '--json report sources',
  },
  {
    name: 'watch',
    summary: 'a report, repeatedly',
    operands: [
      { name: 'NAME', text: 'the report', choices: REPORT_NAMES },
      { ...SOURCE, optional: true, text: 'for ntpdata: the IP address of a source' },
    ],
    options: ['interval', 'count', 'time', 'all', 'verbose'],
    notes: [
      'On a terminal, it redraws a view in place, highlights changes and charts the offset. Otherwise, and with --csv or --json, it prints one record per line, as CSV unless --json is given.',
      'If the first request fails, watch ends with an error. Later failures are reported on stderr, and watch continues. It ends on Ctrl-C, and when the reader of its output exits. The exit status is 1 if any request failed. After SIGINT, SIGTERM or SIGHUP it ends by that signal, so that a shell loop ends, too.',
    ],
    example: '--json watch tracking --interval 10 >>clock.ndjson',
  },
  {
    name: 'check',
    summary: 'whether the clock is healthy, for Nagios, Icinga and the like',
    options: [...THRESHOLDS, 'verbose'],
    notes: [
      'Follows the Monitoring Plugins guidelines: one line on stdout, with performance data after a bar. The exit status is 0 for OK, 1 for WARNING, 2 for CRITICAL and 3 for UNKNOWN; invalid arguments and --help also give 3. With --json it prints the result as JSON.',
      'CRITICAL means that the clock is not synchronized, is in local mode (it follows no source), or has lost its selected source; chronyd may then report it as synchronized for days. CRITICAL also means that the reference time is invalid (0, in the future, or more than a year ago), or that chronyd does not run, or does not reply within 10 seconds. That time is longer if --timeout and --retries allow more for one request. If chronyd refuses requests from here, the state is UNKNOWN.',
      'Over UDP, chronyd refuses selectdata and authdata, unless opencommands in chrony.conf (chronyd 4.7 or later) allows them. Without them, NTS cookies are not checked. Without them, the state is also WARNING while it is unknown whether chronyd has lost its sources or is waiting for the next measurement to select one.',
      'Thresholds are plain numbers, and a value equal to its threshold is still OK. Nagios ranges are not supported: a clock is never too exact.',
    ],
    example: 'check --warning 0.05 --critical 0.2 --min-sources 2',
  },
  {
    name: 'bound',
    summary: 'the time, as an interval that holds the true time',
    options: ['watch', 'interval', 'count', 'allow-local'],
    notes: [
      'Prints the interval, half of its width, its status (synchronized or freeRunning), and how long ago chronyd was queried. chronyd must run on this machine: the interval is about the clock of this machine. It is an error if the time is unknown, because chronyd is not synchronized, or is in local mode without --allow-local. A hint is added if chronyd allows the clock to drift by less than 50 ppm (maxclockerror in chrony.conf): this interval includes the missing drift, but the clocks that follow this one do not.',
      'With --watch, it prints a line each time: earliest, latest, half-width, status and age, separated by spaces, or JSON with --json. The exit status is 1 if the time was ever unknown. Signals end it as they end watch. With --json, all nanoseconds are strings of decimal digits.',
    ],
    example: '--json bound --watch --interval 10',
  },
  {
    name: 'serve',
    summary: 'metrics for Prometheus, a JSON API and a live page',
    options: [
      'listen',
      'systemd-socket',
      'names',
      'interval',
      'reports',
      'probe',
      ...SERVER_OPTIONS,
      ...THRESHOLDS,
      'print-unit',
    ],
    notes: [
      'Paths: /: the page. /metrics (or --metrics-path): the metrics. /probe?target=ADDRESS: the metrics of another chronyd that --probe allows. /api/NAME: a report, as --json prints it. /events: the updates of the page. /healthz: whether the server runs. /readyz: whether chronyd has replied.',
      'The server queries chronyd on demand only: once per interval, from 0.5 to 60 seconds, while a page is open, and at most once a second for all other requests. Without requests it sends nothing.',
      'It listens on the loopback, unless --listen names an address of another interface: then also use --web-config, or --tls-cert with --basic-auth or --bearer-token. Files with secrets are in UTF-8, and the files of --tls-key, --basic-auth and --bearer-token must not be readable by other users. After a change, a file is read again at the next request or connection; an invalid file is logged, and the previous content stays in use. SIGHUP reads all files again immediately. SIGTERM and SIGINT end the server within 5 seconds; a second signal ends it immediately.',
      'The connections, viewers and requests of each client are limited. Behind a proxy, all clients have the address of the proxy: pass that address with --proxy.',
      'The Host header of a request must be an IP address, localhost, the name of this machine or a name of --allow-host. Otherwise a page of another site could reach the server through a name that resolves to this machine. If the server listens on more than the loopback, programs other than browsers may request the metrics, /probe, /healthz and /readyz by any name.',
      '/probe queries each address and port at most once a second, regardless of the name or spelling in the request. A name in --probe allows all addresses that it resolves to. The status 503 means that the target was not queried: too many targets are being queried, or too many files are open (raise the limit).',
    ],
    example: 'serve --probe 192.0.2.0/24 --print-unit',
  },
  {
    name: 'fleet',
    summary: 'many clocks at a glance: their health, and who follows whom',
    operands: [
      {
        name: 'TARGET...',
        optional: true,
        text: 'the address of a chronyd, as for --host; srv:NAME: the SRV records of a DNS name; a:NAME or a:NAME:PORT: each address of a DNS name',
      },
    ],
    options: [
      'targets',
      'interval',
      'sources-interval',
      'once',
      'max-bad',
      'listen',
      'systemd-socket',
      ...SERVER_OPTIONS,
      ...THRESHOLDS,
    ],
    notes: [
      'On a terminal, it shows a live view, the worst clocks first, with their latest changes. With --once, it queries each clock once and prints a table, JSON with --json (the rows, and who follows whom) or CSV with --csv.',
      'The exit status of --once is that of check for the worst clock: 0 if all are ok, 1 for a warning, 2 if one is critical, 3 if one is unknown. It is also 3 if the targets cannot be read or the arguments are invalid. With --max-bad N it is 0 as long as at most N clocks are not ok.',
      'Each clock is judged as by the check command, but from tracking and sources only, because chronyd does not give selectdata and authdata to other hosts. Between two requests for the sources (--sources-interval), the latest ones are used.',
      'With --listen, it serves a page of all clocks at /, and the page and the API of one clock at /clock/ADDRESS/. All reports of that clock are queried only while a client requests them. /metrics (or --metrics-path) has six series for each target. /sd lists the targets for the HTTP service discovery of Prometheus. /probe?target=ADDRESS has all metrics of one target. /api/fleet and /api/topology are JSON. /readyz says whether every target has replied or failed once. Every user who may read the page sees the names and addresses of the whole fleet. For access, TLS and limits, see serve. SIGHUP also reads the targets again.',
      'chronyd replies to other hosts only if chrony.conf allows it: bindcmdaddress and cmdallow.',
    ],
    example: 'fleet --targets /etc/chrony-wasm/targets --once',
  },
  {
    name: 'completion',
    summary: 'the completion script for a shell',
    operands: [{ name: 'SHELL', text: 'the shell', choices: SHELLS }],
    notes: [
      'bash: put eval "$(chrony-wasm completion bash)" into ~/.bashrc.',
      'zsh: write it to a file _chrony-wasm in a directory of $fpath, or, after compinit, eval "$(chrony-wasm completion zsh)" in ~/.zshrc.',
      'fish: write it to ~/.config/fish/completions/chrony-wasm.fish.',
    ],
    example: 'completion bash',
  },
  {
    name: 'man',
    summary: 'the manual page',
    notes: ['Prints the source of the page. To read it: chrony-wasm man | man -l -'],
    example: 'man',
  },
  {
    name: 'help',
    summary: 'this text, or help for a command',
    operands: [{ name: 'COMMAND', optional: true, text: 'a command' }],
    example: 'help watch',
  },
];

export const commandNames: readonly string[] = COMMANDS.map(({ name }) => name);

export function commandNamed(name: string): Command | undefined {
  return COMMANDS.find((command) => command.name === name);
}

/** The names of the commands that accept an option marked with `isCommandSpecific`. */
export function commandsAccepting(option: OptionName): readonly string[] {
  return COMMANDS.filter(({ options = [] }) => options.includes(option)).map(({ name }) => name);
}

/** `ntpdata [ADDRESS]` */
export function commandSynopsis({ name, operands = [] }: Command): string {
  return [name, ...operands.map((operand) => (operand.optional ? `[${operand.name}]` : operand.name))].join(
    ' ',
  );
}
