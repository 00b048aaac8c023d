import actions from './actions.json' with { type: 'json' };
import { fitsInAnyCase } from './match.ts';

const known: Readonly<Record<string, readonly string[]>> = actions;

/** Whether AWS has an action, `s3:GetObject`; one with wildcards when it has at least one that fits. */
export function isKnownAction(action: string): boolean {
  if (action === '*') return true;
  const [vendor = '', name = ''] = action.toLowerCase().split(':');
  const names = known[vendor];
  if (names === undefined) return false;
  return /[*?]/.test(name) ? names.some((each) => fitsInAnyCase(name, each)) : names.includes(name);
}
