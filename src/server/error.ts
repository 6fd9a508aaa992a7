/** Why the server does not start. */
export class ServerError extends Error {
  /** True if it is the arguments that make no sense. */
  readonly isUsage: boolean;

  constructor(message: string, { isUsage = false, ...options }: ErrorOptions & { isUsage?: boolean } = {}) {
    super(message, options);
    this.isUsage = isUsage;
  }
}

export function usageError(message: string): ServerError {
  return new ServerError(message, { isUsage: true });
}
