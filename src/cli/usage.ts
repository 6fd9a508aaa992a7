/** What is said about how to use the command line, and what is thrown when it is used wrongly. */

/** The arguments make no sense: exit status 2. */
export class UsageError extends Error {}

export const HELP = `chrony-wasm: what chronyd says of this machine's clock, without chronyc

Usage: chrony-wasm [options] <command>

Commands:
  tracking             how the system clock stands, as chronyc prints it
  report NAME          any report, field by field:
                       tracking sources sourcestats selectdata activity
                       authdata ntpdata serverstats rtcdata smoothing

Options:
  -h, --host ADDRESS   where chronyd is: host, host:port, [IPv6]:port or /path;
                       default: the first that answers of its Unix socket,
                       127.0.0.1 and ::1
  -p, --port N         its port (default 323)
      --json           as JSON: pretty on a terminal, else one line
  -c, --csv            as chronyc's comma-separated values (tracking)
  -n                   accepted: addresses are always shown as numbers
      --timeout MS     how long to wait before asking again (default 1000;
                       doubles each time)
      --retries N      how many times to ask again (default 2)
      --version        the version of this program
      --help           this text

Exit status: 0; 1 after an error; 2 if the arguments make no sense.

Example: chrony-wasm -h 192.0.2.1 --json tracking
`;
