/** How long a client of the AWS SDK waits, as its `requestHandler` takes it. */
export interface RequestLimits {
  readonly connectionTimeout: number;
  readonly requestTimeout: number;
  readonly throwOnRequestTimeout: true;
}

/**
 * Limits for a client of the AWS SDK: it has none of its own, and with `requestTimeout` alone it only warns and waits for
 * ever.
 */
export function requestLimits(connectMs: number, answerMs: number): RequestLimits {
  return { connectionTimeout: connectMs, requestTimeout: answerMs, throwOnRequestTimeout: true };
}
