/** The reports as they arrive: the data of their classes, without the methods. */
import type { DataOf } from '../reports/record.ts';
import type { Update } from '../server/messages.ts';

type Reports = Update['reports'];
type Data<T> = T extends readonly (infer Item)[] ? readonly DataOf<Item>[] : T extends object ? DataOf<T> : T;

/** The report of that name; undefined where chronyd did not give it. */
export function reportOf<Name extends keyof Reports>(
  { reports }: Update,
  name: Name,
): Data<NonNullable<Reports[Name]>> | null | undefined;
export function reportOf({ reports }: Update, name: keyof Reports): unknown {
  return reports[name];
}
