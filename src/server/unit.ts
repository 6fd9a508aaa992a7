/** A unit for systemd that serves as the command line does that asked for it. */

export async function unitFor(_values: object, _address: string | undefined): Promise<string> {
  return '';
}
