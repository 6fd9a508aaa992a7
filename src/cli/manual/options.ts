/** The options: their types for the parser, their descriptions for help, manual page and completions. */
import { DEFAULTS, SEVERITIES } from '../../health/thresholds.ts';

interface Option {
  readonly type: 'string' | 'boolean';
  readonly short?: string;
  /** The placeholder for its value. */
  readonly value?: string;
  readonly text: string;
  /** True if only the commands that name it accept it. */
  readonly some?: true;
  /** The command after which its letter is `letter`. Elsewhere the letter is another option's. */
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
    text: 'where chronyd is: host, host:port, [IPv6]:port or /path, also as udp://host:port or unixgram:///path; default: the first that answers of its Unix socket, 127.0.0.1 and ::1',
  },
  port: { type: 'string', short: 'p', value: 'N', text: 'its port (default 323)' },
  json: { type: 'boolean', text: 'as JSON: pretty on a terminal, else one line' },
  csv: { type: 'boolean', short: 'c', text: "as chronyc's comma-separated values" },
  numeric: {
    type: 'boolean',
    short: 'n',
    text: 'accepted: addresses are shown as numbers unless -N is given, without any query to DNS',
  },
  'configured-names': {
    type: 'boolean',
    short: 'N',
    text: 'show sources by the names that chronyd is configured with',
  },
  wide: { type: 'boolean', short: 'w', text: 'tables with a wider column for names' },
  ipv4: { type: 'boolean', short: '4', text: 'reach chronyd over IPv4 or its Unix socket only' },
  ipv6: {
    type: 'boolean',
    short: '6',
    text: 'reach chronyd over IPv6 or its Unix socket only; the last of -4 and -6 counts',
  },
  multiple: {
    type: 'boolean',
    short: 'm',
    text: 'each argument is a whole command with its options, e.g. "clients -p 9"; the other options are for all commands; the first failure ends it',
  },
  all: { type: 'boolean', short: 'a', text: 'also the sources whose name is not resolved yet', some: true },
  verbose: {
    type: 'boolean',
    short: 'v',
    text: 'explain the columns, where chronyc does; for check: each figure on a line',
  },
  'nts-ke': {
    type: 'boolean',
    short: 'k',
    text: 'show NTS-KE connections in place of requests of the control protocol',
    some: true,
  },
  packets: {
    type: 'string',
    value: 'N',
    text: 'only clients with at least N requests of one kind (default 0: all clients); after clients also -p',
    some: true,
    after: { command: 'clients', letter: 'p' },
  },
  'max-error': {
    type: 'string',
    value: 'S',
    text: 'wait until the clock is within S seconds of true time, if it drifts by no more than 50 ppm (default 0: not checked)',
    some: true,
  },
  watch: { type: 'boolean', text: 'again and again, a line each time', some: true },
  interval: {
    type: 'string',
    value: 'S',
    text: 'from one request to the next, in seconds (default 1; serve: 2; fleet: 15)',
    some: true,
  },
  targets: {
    type: 'string',
    value: 'FILE',
    path: true,
    text: 'a file of targets: an address a line, with labels as name=value after it, or what Prometheus reads (file_sd, .json or .yml); read again when it changes; repeatable',
    some: true,
    multiple: true,
  },
  'sources-interval': {
    type: 'string',
    value: 'S',
    text: 'from one request for the sources of a clock to the next, in seconds (default 300)',
    some: true,
  },
  once: { type: 'boolean', text: 'query each clock once, and print a table', some: true },
  'max-bad': {
    type: 'string',
    value: 'N',
    text: 'with --once: exit status 0 as long as no more than N clocks are not ok (default 0)',
    some: true,
  },
  count: { type: 'string', value: 'N', text: 'end after so many requests', some: true },
  time: {
    type: 'boolean',
    text: 'the time of each record, in seconds since 1970: a column or a key before the others',
    some: true,
  },
  warning: {
    type: 'string',
    value: 'S',
    text: `a warning if the clock may be more seconds from true time (default ${DEFAULTS.maxError.warning}, or --critical if that is less)`,
    some: true,
  },
  critical: {
    type: 'string',
    value: 'S',
    text: `critical if it may be more seconds from true time (default ${DEFAULTS.maxError.critical})`,
    some: true,
  },
  'offset-warning': {
    type: 'string',
    value: 'S',
    text: 'a warning if more seconds are left to correct, slow or fast (default: never)',
    some: true,
  },
  'offset-critical': {
    type: 'string',
    value: 'S',
    text: 'critical if more seconds are left to correct (default: never)',
    some: true,
  },
  'max-stratum': {
    type: 'string',
    value: 'N',
    text: 'a warning above this stratum (default: never)',
    some: true,
  },
  'min-sources': {
    type: 'string',
    value: 'N',
    text: `a warning with fewer reachable sources (default ${DEFAULTS.minSources}; with --allow-local 0)`,
    some: true,
  },
  'min-selectable': {
    type: 'string',
    value: 'N',
    text: `a warning with fewer selectable sources (default ${DEFAULTS.minSelectable}: one that is selected is enough)`,
    some: true,
  },
  'max-age': {
    type: 'string',
    value: 'S',
    text: `a warning if the last measurement is older, in seconds (default ${DEFAULTS.maxAge}, or four polling intervals if that is more)`,
    some: true,
  },
  'max-skew': {
    type: 'string',
    value: 'PPM',
    text: 'a warning above this skew, the error bound of the frequency (default: never)',
    some: true,
  },
  'min-cookies': {
    type: 'string',
    value: 'N',
    text: `a warning with fewer NTS cookies for a source that answers, of 8 (default ${DEFAULTS.minCookies}; 0: never)`,
    some: true,
  },
  leap: {
    type: 'string',
    value: 'STATE',
    text: `what an announced leap second is: ${SEVERITIES.join(', ')} (default ${DEFAULTS.leap})`,
    some: true,
  },
  'allow-local': {
    type: 'boolean',
    text: 'local mode is no failure: the clock is meant to follow nothing else',
    some: true,
  },
  listen: {
    type: 'string',
    value: '[ADDRESS:]PORT',
    text: 'where it is served (default 127.0.0.1:9123; :9123 for every address; port 0: a free one); repeatable',
    some: true,
    multiple: true,
  },
  'systemd-socket': {
    type: 'boolean',
    text: 'serve on the sockets that systemd passes (socket activation), not on --listen',
    some: true,
  },
  'metrics-path': {
    type: 'string',
    value: 'PATH',
    text: 'the path of the metrics (default /metrics)',
    some: true,
  },
  reports: {
    type: 'string',
    value: 'LIST',
    text: 'what to serve: names of reports, manual-list, clients, separated by commas; all is every report and manual-list (default: all)',
    some: true,
  },
  probe: {
    type: 'string',
    value: 'PATTERN',
    text: 'what /probe may ask: host, *.domain (whatever they resolve to), address or network, each with :PORT or :* unless it is 323; again for one more',
    some: true,
    multiple: true,
  },
  'allow-host': {
    type: 'string',
    value: 'NAME',
    text: 'a name, or *.domain, under which it is reached; again for one more',
    some: true,
    multiple: true,
  },
  proxy: {
    type: 'string',
    value: 'ADDRESS',
    text: 'a proxy, or a network of them, through which many clients come: limits hold for each client that it names in X-Forwarded-For; again for one more',
    some: true,
    multiple: true,
  },
  'web-config': {
    type: 'string',
    value: 'FILE',
    path: true,
    text: 'TLS, client certificates, users with bcrypt, headers and a rate limit, as the web configuration of Prometheus exporters has them; read again when it changes',
    some: true,
  },
  'tls-cert': {
    type: 'string',
    value: 'FILE',
    path: true,
    text: 'serve HTTPS with this certificate, and those up to the root, as PEM',
    some: true,
  },
  'tls-key': { type: 'string', value: 'FILE', path: true, text: 'the key of the certificate', some: true },
  'basic-auth': {
    type: 'string',
    value: 'FILE',
    path: true,
    text: 'only for those who have one of these, a line each: user:password',
    some: true,
  },
  'bearer-token': {
    type: 'string',
    value: 'FILE',
    path: true,
    text: 'only for those who have one of these tokens, a line each',
    some: true,
  },
  'log-format': {
    type: 'string',
    value: 'FORMAT',
    text: 'how the log is written: text, logfmt, json (default text)',
    some: true,
  },
  names: {
    type: 'string',
    value: 'HOW',
    text: 'how metrics name sources: configured (as in chrony.conf), dns (reverse DNS, which no scrape waits for) or address (default configured)',
    some: true,
  },
  'process-metrics': {
    type: 'boolean',
    text: 'metrics of this process, too: process_*, nodejs_*',
    some: true,
  },
  'log-level': {
    type: 'string',
    value: 'LEVEL',
    text: 'the least level of the log: debug, info, warn, error (default info; debug tells of each request)',
    some: true,
  },
  'print-unit': { type: 'boolean', text: 'print a systemd unit that serves with these options', some: true },
  timeout: {
    type: 'string',
    value: 'MS',
    text: 'how long to wait before asking again (default 1000; doubles each time)',
  },
  retries: { type: 'string', value: 'N', text: 'how many times to ask again (default 2)' },
  version: { type: 'boolean', text: 'the version of this program' },
  help: { type: 'boolean', text: 'this text; after a command, help for that' },
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

/** `-h, --host ADDRESS`, or `    --json` where it is to be aligned with those. */
export function optionSynopsis({ short, name, value }: DescribedOption): string {
  const forms = short === undefined ? `    --${name}` : `-${short}, --${name}`;
  return value === undefined ? forms : `${forms} ${value}`;
}
