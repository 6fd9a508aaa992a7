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
  /** In addition to the options that every command accepts. */
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
  "chronyd gives this report over its Unix socket only, to root and to chrony's user, unless opencommands in chrony.conf (chronyd 4.7 or later) allows it.";

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

/** The options of a server that listens, whatever it serves. */
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
  { name: 'tracking', isChronyc: true, summary: 'how the system clock stands', example: 'tracking' },
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
    summary: 'what chronyd has served, and dropped',
    notes: [PRIVATE],
    example: '-c serverstats',
  },
  {
    name: 'rtcdata',
    isChronyc: true,
    summary: 'the real-time clock, if chronyd tracks it',
    notes: ['Where chronyd tracks none: an error; null with --json.'],
    example: 'rtcdata',
  },
  {
    name: 'smoothing',
    isChronyc: true,
    summary: 'the smoothing of the served time',
    notes: ['Where it is not enabled: an error; null with --json.'],
    example: 'smoothing',
  },
  {
    name: 'sourcename',
    isChronyc: true,
    summary: 'the name that chronyd is configured with for a source',
    operands: [SOURCE],
    example: 'sourcename 192.0.2.1',
  },
  {
    name: 'clients',
    isChronyc: true,
    summary: 'the clients of this chronyd, and how often each asks',
    options: ['nts-ke', 'packets'],
    notes: [PRIVATE],
    example: 'clients -p 100',
  },
  {
    name: 'manual',
    isChronyc: true,
    summary: 'the times that were entered by hand (chronyc settime)',
    operands: [
      { name: 'list', text: 'the only subcommand: the others of chronyc change chronyd', choices: ['list'] },
    ],
    example: 'manual list',
  },
  {
    name: 'waitsync',
    isChronyc: true,
    summary: 'wait until chronyd is synchronised',
    operands: [
      { name: 'TRIES', optional: true, text: 'how often to ask; default 0: until it is synchronised' },
      {
        name: 'CORRECTION',
        optional: true,
        text: 'the largest correction that is left to make, fast or slow, in seconds; default 0: any',
      },
      {
        name: 'SKEW',
        optional: true,
        text: 'the largest error bound of the frequency, in ppm; default 0: any',
      },
      {
        name: 'INTERVAL',
        optional: true,
        text: 'from the end of one try to the next, in seconds; default 10, at least 0.1',
      },
    ],
    options: ['max-error'],
    notes: [
      'A line for each try. The exit status is 0 once chronyd follows a source within the limits, and 1 if the tries run out before that or a signal ends the wait. Local mode does not count. A chronyd that does not reply is a try, too: it may be about to start.',
      'It ends at once, with an error, where waiting cannot help: where chronyd refuses the request, the Unix socket of --host is not there, or its name is unknown.',
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
    summary: 'a report again and again',
    operands: [
      { name: 'NAME', text: 'the report', choices: REPORT_NAMES },
      { ...SOURCE, optional: true, text: 'for ntpdata: the IP address of a source' },
    ],
    options: ['interval', 'count', 'time', 'all', 'verbose'],
    notes: [
      'On a terminal: a view that is drawn anew in its place, with what has changed highlighted and the course of the offset. To anything else, and with --csv or --json: a record a line, as CSV unless it is --json.',
      'If the first request fails, that is an error. Later failures are told, and it goes on. Ctrl-C ends it, and so does a reader that goes away; the exit status is 1 if any request failed. SIGINT, SIGTERM and SIGHUP end it as signals, so that a loop of a shell ends, too.',
    ],
    example: '--json watch tracking --interval 10 >>clock.ndjson',
  },
  {
    name: 'check',
    summary: 'whether the clock is healthy, for Nagios, Icinga and the like',
    options: [...THRESHOLDS, 'verbose'],
    notes: [
      'As the Monitoring Plugins guidelines have it: one line on the standard output, with performance data behind a bar, and the exit status 0 for OK, 1 for WARNING, 2 for CRITICAL, 3 for UNKNOWN, which is also what arguments that make no sense give, and --help. With --json the result.',
      'A clock that is not synchronised is critical, and so is local mode, in which it follows nothing but itself. So is a clock of which no source is selected any more, which chronyd may go on calling synchronised for days, and one whose reference time is nonsense: 0, in the future, more than a year ago. So is a chronyd that is not there or does not answer, for 10 seconds at the most, unless --timeout and --retries allow a request more. Where it may not be asked from here the state is UNKNOWN.',
      'Over UDP chronyd refuses selectdata and authdata, unless opencommands in chrony.conf (chronyd 4.7 or later) allows them. Then NTS cookies are not judged, and while it cannot be told whether chronyd has lost its sources or waits for the next measurement to select one, the state is WARNING.',
      'Thresholds are plain numbers, and what is just at one is within it. Ranges are not taken: a clock is never too exact.',
    ],
    example: 'check --warning 0.05 --critical 0.2 --min-sources 2',
  },
  {
    name: 'bound',
    summary: 'the time, as an interval that holds the true time',
    options: ['watch', 'interval', 'count', 'allow-local'],
    notes: [
      'The interval, half of its width, how far it can be trusted (synchronized or freeRunning), and how long ago chronyd was asked. Of chronyd on this machine, whose clock it is. Where the time is unknown, as chronyd is not synchronised, or in local mode without --allow-local, that is an error. A hint is added if chronyd allows the clock to drift by less than 50 ppm (maxclockerror in chrony.conf): the interval has what is missing, the clocks that follow this one have not.',
      'With --watch, a line each time: earliest, latest, half-width, status, age, separated by spaces, or JSON with --json; the exit status is 1 if the time was unknown at any time. Signals end it as they end watch. With --json, all nanoseconds are strings of decimal digits.',
    ],
    example: '--json bound --watch --interval 10',
  },
  {
    name: 'serve',
    summary: 'metrics for Prometheus, an API of JSON and a live page',
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
      'At / the page; at /metrics, or --metrics-path, what Prometheus scrapes; at /probe?target=ADDRESS the same of another chronyd that --probe allows; at /api/NAME a report, as --json prints it; at /events what the page is told; at /healthz whether this runs, at /readyz whether chronyd answered. chronyd is asked when somebody asks: each interval, from 0.5 to 60 seconds, while a page is open, and at the most once a second for all others. While nobody asks, nothing is sent.',
      'It is for this machine, unless --listen names an address of another interface: then give it --web-config, or --tls-cert and --basic-auth or --bearer-token, too. Files with secrets are in UTF-8, and those of --tls-key, --basic-auth and --bearer-token must not be readable by others. Each of these files is read again when it has changed, at the next request or connection; an invalid file is logged, and the previous content stays in use. SIGHUP has all of them read again at once; SIGTERM and SIGINT end it within 5 seconds, a second one at once.',
      'No client may have more than its share of connections, viewers and requests. Behind a proxy, which has one address for all its clients, give --proxy and that address.',
      'Requests must name it by an IP address, localhost, the name of this machine or one of --allow-host, so that no page of another site reaches it by a name that points here. Where it listens on more than the loopback, programs that are no browsers may ask for the metrics, /probe, /healthz and /readyz by any name.',
      '/probe queries each address and port at most once a second, by whatever name or spelling it is requested. A --probe of names allows all addresses that they resolve to. The status 503 means that the target was not queried, since too many are being queried, or too many files are open: raise the limit.',
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
        text: 'where a chronyd is, as --host takes it; srv:NAME: the SRV records of a name in DNS; a:NAME or a:NAME:PORT: each of its addresses',
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
      'On a terminal: a live view, the worst clocks first, with their latest changes. With --once: each clock is queried once and printed, as a table, with --json (the rows, and who follows whom) or with --csv.',
      'The exit status of --once is that of check for the worst clock: 0 if all are ok, 1 for a warning, 2 if one is critical, 3 if one is unknown, if the targets cannot be read or if the arguments are invalid. With --max-bad N it is 0 as long as no more than N clocks are not ok.',
      'Each clock is judged as check does it, by tracking and sources; selectdata and authdata, which chronyd gives to no other host, are not requested. Between two requests for the sources (--sources-interval), the latest ones are used.',
      'With --listen, it is served: at / a page of all clocks; at /clock/ADDRESS/ the page and the API of one, which is asked for all its reports only while somebody looks; at /metrics, or --metrics-path, six series for each target; at /sd the targets for the service discovery of Prometheus, and at /probe?target=ADDRESS all metrics of one; at /api/fleet and /api/topology JSON; at /readyz whether every target has answered or failed once. Who may read the page sees the names and addresses of the whole fleet. For access, TLS and limits, see serve. SIGHUP reads the targets again, too.',
      'chronyd answers other hosts only if chrony.conf allows it: bindcmdaddress and cmdallow.',
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
    notes: ['As its source, to be shown by man: chrony-wasm man | man -l -'],
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

/** The names of the commands that accept an option that not all commands accept. */
export function takersOf(option: OptionName): readonly string[] {
  return COMMANDS.filter(({ options = [] }) => options.includes(option)).map(({ name }) => name);
}

/** `ntpdata [ADDRESS]` */
export function commandSynopsis({ name, operands = [] }: Command): string {
  return [name, ...operands.map((operand) => (operand.optional ? `[${operand.name}]` : operand.name))].join(
    ' ',
  );
}
