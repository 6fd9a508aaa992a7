/** The report `serverstats`: the newer the server, the more it counts. */
import type { Fields } from './fields.ts';
import { labelled, type ReportFormat } from './report-format.ts';

const COUNTS = [
  ['received NTP requests', 'NTP packets received'],
  ['dropped NTP requests', 'NTP packets dropped'],
  ['received command requests', 'Command packets received'],
  ['dropped command requests', 'Command packets dropped'],
  ['dropped client log records', 'Client log records dropped'],
  ['accepted NTS-KE connections', 'NTS-KE connections accepted'],
  ['dropped NTS-KE connections', 'NTS-KE connections dropped'],
  ['received authenticated NTP requests', 'Authenticated NTP packets'],
  ['received interleaved NTP requests', 'Interleaved NTP packets'],
  ['held NTP timestamps', 'NTP timestamps held'],
  ['NTP timestamp span', 'NTP timestamp span'],
  ['served daemon RX timestamps', 'NTP daemon RX timestamps'],
  ['served daemon TX timestamps', 'NTP daemon TX timestamps'],
  ['served kernel RX timestamps', 'NTP kernel RX timestamps'],
  ['served kernel TX timestamps', 'NTP kernel TX timestamps'],
  ['served hardware RX timestamps', 'NTP hardware RX timestamps'],
  ['served hardware TX timestamps', 'NTP hardware TX timestamps'],
] as const;

function counts(fields: Fields): (readonly [label: string, count: string])[] {
  return COUNTS.filter(([field]) => fields.has(field)).map(([field, label]) => [
    label,
    fields.integer(field),
  ]);
}

export const serverstats: ReportFormat = {
  text: (fields) => labelled(27, counts(fields)),
  cells: (fields) => counts(fields).map(([, count]) => count),
};
