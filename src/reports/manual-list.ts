import { type DataOf, Finite, fieldTable, NonNegative, recordOf } from './record.ts';

/** The fields behind the properties of {@link ManualSample}. */
export const fields = fieldTable({
  time: new NonNegative('time'),
  slewedOffset: new Finite('slewed offset'),
  originalOffset: new Finite('original offset'),
  residual: new Finite('residual'),
});

/**
 * A time entered with `chronyc settime`, for which chronyd needs the option `manual`: one sample of the manual list.
 */
export class ManualSample {
  /**
   * The time of the entry, in seconds since the epoch (UTC): the entered time, adjusted for the corrections of the
   * system clock since then. Field `time`.
   */
  readonly time: number;
  /**
   * {@link originalOffset}, adjusted for the corrections of the system clock since then, in seconds. Field `slewed
   * offset`.
   */
  readonly slewedOffset: number;
  /**
   * The offset of the system clock from the entered time, in seconds: positive if the clock was fast. Field `original
   * offset`.
   */
  readonly originalOffset: number;
  /**
   * {@link slewedOffset} minus its estimate from the regression over all samples, in seconds, positive or negative.
   * Field `residual`.
   */
  readonly residual: number;

  /** @throws ChronyDataError if a value is invalid; the message names the property and the value */
  constructor(data: DataOf<ManualSample>) {
    const record = recordOf(data, fields);
    this.time = fields.time.of(record);
    this.slewedOffset = fields.slewedOffset.of(record);
    this.originalOffset = fields.originalOffset.of(record);
    this.residual = fields.residual.of(record);
    Object.freeze(this);
  }
}
