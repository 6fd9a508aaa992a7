/** Metrics of the report `authdata`, for the sources that use Network Time Security. */
import { type AuthData, AuthMode } from 'chrony-wasm';
import { familiesOfEach, flag, type Row } from './family.ts';
import { bySource, SOURCE_LABELS } from './source-labels.ts';

function ofNts(name: string, help: string, value: (data: AuthData) => number | null): Row<AuthData> {
  return {
    name: `authdata_nts_${name}`,
    help,
    value: (data) => (data.mode === AuthMode.NTS ? value(data) : null),
  };
}

export const authdata = familiesOfEach(
  'authdata',
  SOURCE_LABELS,
  (records) => bySource(records, ({ address }) => address),
  [
    ofNts('cookies', 'NTS cookies in stock: fewer than 8 points at a problem', (a) => a.cookies),
    ofNts('nak', '1 if the last request was answered with an NTS NAK, else 0', (a) => flag(a.nak)),
    ofNts(
      'last_key_exchange_age_seconds',
      'Time since the last NTS key exchange that succeeded, in seconds; absent if none did',
      (a) => a.lastKeAgo,
    ),
  ],
);
