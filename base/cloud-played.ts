/**
 * Whether the twin plays the cloud and nothing answers where the cloud would: then nothing is asked there, and what
 * would have been says so. With CUTOVER_TWIN_LIVE=1 something answers.
 */
export function cloudIsPlayed(env: Readonly<Record<string, string | undefined>> = process.env): boolean {
  return env['CUTOVER_TWIN'] !== undefined && env['CUTOVER_TWIN_LIVE'] !== '1';
}
