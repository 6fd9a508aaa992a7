/** The options: their types for the parser, their descriptions for help, manual page and completions. */
import { DEFAULTS, SEVERITIES } from '../../health/thresholds.ts';

interface Option {
  readonly type: 'string' | 'boolean';
  readonly short?: string;
  /** The placeholder for its value. */
  readonly value?: string;
  readonly text: string;
  /** True if only the commands that name it accept it. */
  readonly isCommandSpecific?: true;
  /** The command after which its short form is `letter`. Elsewhere that letter belongs to another option. */
  readonly after?: { readonly command: string; readonly letter: string };
  /** True if it is repeatable. */
  readonly multiple?: true;
  /** True if its value can be a path. */
  readonly path?: true;
}

export const OPTIONS = {
  host: {
    type: 'string',
    short: 'h',
    value: 'ADDRESS',
    path: true,
    text: 'the address of chronyd: host, host:port, [IPv6]:port or /path, also as udp://host:port or unixgram:///path; default: the first that answers, in this order: the Unix socket, 127.0.0.1, ::1',
  },
  port: { type: 'string', short: 'p', value: 'N', text: 'the port of chronyd (default 323)' },
  json: { type: 'boolean', text: 'print JSON: indented on a terminal, else one line' },
  csv: { type: 'boolean', short: 'c', text: 'print comma-separated values, as chronyc does' },
  numeric: {
    type: 'boolean',
    short: 'n',
    text: 'accepted for compatibility: addresses are always numeric unless -N is given, and DNS is never queried',
  },
  'configured-names': {
    type: 'boolean',
    short: 'N',
    text: "show sources by their names in chronyd's configuration",
  },
  wide: { type: 'boolean', short: 'w', text: 'widen the column of names in tables' },
  ipv4: { type: 'boolean', short: '4', text: 'reach chronyd over IPv4 or its Unix socket only' },
  ipv6: {
    type: 'boolean',
    short: '6',
    text: 'reach chronyd over IPv6 or its Unix socket only; the last of -4 and -6 counts',
  },
  multiple: {
    type: 'boolean',
    short: 'm',
    text: 'take each argument as a command with its options, e.g. "clients -p 9"; the other options apply to all commands; stop at the first failure',
  },
  all: {
    type: 'boolean',
    short: 'a',
    text: 'include sources whose names are not resolved yet',
    isCommandSpecific: true,
  },
  verbose: {
    type: 'boolean',
    short: 'v',
    text: 'explain the columns, as chronyc does; with check: print each figure on its own line',
  },
  'nts-ke': {
    type: 'boolean',
    short: 'k',
    text: 'show NTS-KE connections instead of requests of the control protocol',
    isCommandSpecific: true,
  },
  packets: {
    type: 'string',
    value: 'N',
    text: 'show only clients with at least N requests of one kind (default 0: all clients); after clients also -p',
    isCommandSpecific: true,
    after: { command: 'clients', letter: 'p' },
  },
  'max-error': {
    type: 'string',
    value: 'S',
    text: 'wait until the clock is within S seconds of true time, if it drifts by no more than 50 ppm (default 0: not checked)',
    isCommandSpecific: true,
  },
  watch: { type: 'boolean', text: 'repeat, and print a line each time', isCommandSpecific: true },
  interval: {
    type: 'string',
    value: 'S',
    text: 'the time between two requests, in seconds (default 1; serve: 2; fleet: 15)',
    isCommandSpecific: true,
  },
  targets: {
    type: 'string',
    value: 'FILE',
    path: true,
    text: 'a file of targets: one address per line, followed by labels as name=value, or the file_sd format of Prometheus (.json or .yml); read again when it changes; repeatable',
    isCommandSpecific: true,
    multiple: true,
  },
  'sources-interval': {
    type: 'string',
    value: 'S',
    text: 'the time between two requests for the sources of a clock, in seconds (default 300)',
    isCommandSpecific: true,
  },
  once: { type: 'boolean', text: 'query each clock once, and print a table', isCommandSpecific: true },
  'max-bad': {
    type: 'string',
    value: 'N',
    text: 'with --once: exit status 0 as long as at most N clocks are not ok (default 0)',
    isCommandSpecific: true,
  },
  count: { type: 'string', value: 'N', text: 'end after N requests', isCommandSpecific: true },
  time: {
    type: 'boolean',
    text: 'print the time of each record, in seconds since 1970, as the first column or key',
    isCommandSpecific: true,
  },
  warning: {
    type: 'string',
    value: 'S',
    text: `a warning if the clock may be more than S seconds from true time (default ${DEFAULTS.maxError.warning}, or --critical if that is less)`,
    isCommandSpecific: true,
  },
  critical: {
    type: 'string',
    value: 'S',
    text: `critical if the clock may be more than S seconds from true time (default ${DEFAULTS.maxError.critical})`,
    isCommandSpecific: true,
  },
  'offset-warning': {
    type: 'string',
    value: 'S',
    text: 'a warning if the offset, slow or fast, is more than S seconds (default: never)',
    isCommandSpecific: true,
  },
  'offset-critical': {
    type: 'string',
    value: 'S',
    text: 'critical if the offset, slow or fast, is more than S seconds (default: never)',
    isCommandSpecific: true,
  },
  'max-stratum': {
    type: 'string',
    value: 'N',
    text: 'a warning if the stratum is above N (default: never)',
    isCommandSpecific: true,
  },
  'min-sources': {
    type: 'string',
    value: 'N',
    text: `a warning if fewer than N sources are reachable (default ${DEFAULTS.minSources}; with --allow-local 0)`,
    isCommandSpecific: true,
  },
  'min-selectable': {
    type: 'string',
    value: 'N',
    text: `a warning if fewer than N sources are selectable (default ${DEFAULTS.minSelectable}: one selected source is enough)`,
    isCommandSpecific: true,
  },
  'max-age': {
    type: 'string',
    value: 'S',
    text: `a warning if the last measurement is older than S seconds (default ${DEFAULTS.maxAge}, or four polling intervals if that is more)`,
    isCommandSpecific: true,
  },
  'max-skew': {
    type: 'string',
    value: 'PPM',
    text: 'a warning if the skew, the error bound of the frequency, is above PPM (default: never)',
    isCommandSpecific: true,
  },
  'min-cookies': {
    type: 'string',
    value: 'N',
    text: `a warning if fewer than N of 8 NTS cookies are left for a reachable source (default ${DEFAULTS.minCookies}; 0: never)`,
    isCommandSpecific: true,
  },
  leap: {
    type: 'string',
    value: 'STATE',
    text: `the state while a leap second is announced: ${SEVERITIES.join(', ')} (default ${DEFAULTS.leap})`,
    isCommandSpecific: true,
  },
  'allow-local': {
    type: 'boolean',
    text: 'accept local mode: the clock is not meant to follow any source',
    isCommandSpecific: true,
  },
  listen: {
    type: 'string',
    value: '[ADDRESS:]PORT',
    text: 'the address and port to listen on (default 127.0.0.1:9123; :9123 for every address; port 0: any free port); repeatable',
    isCommandSpecific: true,
    multiple: true,
  },
  'systemd-socket': {
    type: 'boolean',
    text: 'serve on the sockets that systemd passes (socket activation) instead of --listen',
    isCommandSpecific: true,
  },
  'metrics-path': {
    type: 'string',
    value: 'PATH',
    text: 'the path of the metrics (default /metrics)',
    isCommandSpecific: true,
  },
  reports: {
    type: 'string',
    value: 'LIST',
    text: 'the reports to serve: names of reports, manual-list and clients, separated by commas; all is every report and manual-list (default: all)',
    isCommandSpecific: true,
  },
  probe: {
    type: 'string',
    value: 'PATTERN',
    text: 'the targets that /probe may query: a host or *.domain (with all their addresses), an address or a network, each with :PORT or :* unless the port is 323; repeatable',
    isCommandSpecific: true,
    multiple: true,
  },
  'allow-host': {
    type: 'string',
    value: 'NAME',
    text: 'a name, or *.domain, that clients may use for this server; repeatable',
    isCommandSpecific: true,
    multiple: true,
  },
  proxy: {
    type: 'string',
    value: 'ADDRESS',
    text: 'the address of a proxy, or a network of proxies: limits then apply to each client named in X-Forwarded-For; repeatable',
    isCommandSpecific: true,
    multiple: true,
  },
  'web-config': {
    type: 'string',
    value: 'FILE',
    path: true,
    text: 'a web configuration file of Prometheus exporters: TLS, client certificates, users with bcrypt hashes, headers and a rate limit; read again when it changes',
    isCommandSpecific: true,
  },
  'tls-cert': {
    type: 'string',
    value: 'FILE',
    path: true,
    text: 'serve HTTPS with this certificate chain (PEM)',
    isCommandSpecific: true,
  },
  'tls-key': {
    type: 'string',
    value: 'FILE',
    path: true,
    text: 'the private key of the certificate',
    isCommandSpecific: true,
  },
  'basic-auth': {
    type: 'string',
    value: 'FILE',
    path: true,
    text: 'require basic authentication; the file has one user:password per line',
    isCommandSpecific: true,
  },
  'bearer-token': {
    type: 'string',
    value: 'FILE',
    path: true,
    text: 'require a bearer token; the file has one token per line',
    isCommandSpecific: true,
  },
  'log-format': {
    type: 'string',
    value: 'FORMAT',
    text: 'the format of the log: text, logfmt, json (default text)',
    isCommandSpecific: true,
  },
  names: {
    type: 'string',
    value: 'HOW',
    text: 'the names of sources in metrics: configured (as in chrony.conf), dns (reverse DNS; scrapes do not wait for it) or address (default configured)',
    isCommandSpecific: true,
  },
  'process-metrics': {
    type: 'boolean',
    text: 'also serve metrics of this process: process_*, nodejs_*',
    isCommandSpecific: true,
  },
  'log-level': {
    type: 'string',
    value: 'LEVEL',
    text: 'the lowest level to log: debug, info, warn, error (default info; debug logs each request)',
    isCommandSpecific: true,
  },
  'print-unit': { type: 'boolean', text: 'print a systemd unit with these options', isCommandSpecific: true },
  timeout: {
    type: 'string',
    value: 'MS',
    text: 'the timeout of the first try, in milliseconds (default 1000; doubles with each retry)',
  },
  retries: { type: 'string', value: 'N', text: 'the number of retries (default 2)' },
  version: { type: 'boolean', text: 'print the version of this program' },
  help: { type: 'boolean', text: 'print this text; after a command, help for it' },
} as const satisfies Readonly<Record<string, Option>>;

/** The long name of an option, without the dashes. */
export type OptionName = keyof typeof OPTIONS;

/** The values of the options. */
export type OptionValues = {
  readonly [Name in OptionName]?:
    | ((typeof OPTIONS)[Name]['type'] extends 'boolean'
        ? boolean
        : (typeof OPTIONS)[Name] extends { readonly multiple: true }
          ? readonly string[]
          : string)
    | undefined;
};

/** An option with its name. */
export interface DescribedOption extends Option {
  readonly name: OptionName;
}

/** All options, in the order of help. */
export const allOptions: readonly DescribedOption[] = (
  Object.entries(OPTIONS) as readonly (readonly [OptionName, Option])[]
).map(([name, option]) => ({ ...option, name }));

export function optionNamed(name: OptionName): DescribedOption {
  return { ...OPTIONS[name], name };
}

/** `-h, --host ADDRESS`, or `    --json` aligned with it. */
export function optionSynopsis({ short, name, value }: DescribedOption): string {
  const forms = short === undefined ? `    --${name}` : `-${short}, --${name}`;
  return value === undefined ? forms : `${forms} ${value}`;
}
