import { CutoverError } from '@cutover/base/errors.ts';

/** The error of the catalogue that a promise is refused with; fails when it is not, or with anything else. */
export async function refusal(promise: Promise<unknown>): Promise<CutoverError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof CutoverError) return error;
    throw error;
  }
  throw new Error('it was not refused');
}
