import { type DataOf, Finite, fieldTable, NonNegative, recordOf } from './record.ts';

/** The fields behind the properties of {@link ManualSample}. */
export const fields = fieldTable({
  time: new NonNegative('time'),
  slewedOffset: new Finite('slewed offset'),
  originalOffset: new Finite('original offset'),
  residual: new Finite('residual'),
});

/** A time that was entered by hand (`chronyc settime`), while chronyd has `manual`: one sample of the manual list. */
export class ManualSample {
  /**
   * When it was entered, in seconds since the epoch (UTC): the time entered, adjusted for what the system clock has been
   * corrected by since. Field `time`.
   */
  readonly time: number;
  /**
   * {@link originalOffset}, adjusted for what the system clock has been corrected by since, in seconds. Field `slewed
   * offset`.
   */
  readonly slewedOffset: number;
  /**
   * How far the system clock was from the time entered, in seconds: positive if the clock was fast. Field `original
   * offset`.
   */
  readonly originalOffset: number;
  /**
   * {@link slewedOffset} less its estimate from the regression over all samples, in seconds, of either sign. Field
   * `residual`.
   */
  readonly residual: number;

  /** @throws ChronyDataError naming the field and its value where one is out of range. */
  constructor(data: DataOf<ManualSample>) {
    const record = recordOf(data, fields);
    this.time = fields.time.of(record);
    this.slewedOffset = fields.slewedOffset.of(record);
    this.originalOffset = fields.originalOffset.of(record);
    this.residual = fields.residual.of(record);
    Object.freeze(this);
  }
}
