import { items, problem, type Check } from './check.ts';

const day = 86_400_000;
/** Longer is no exception. */
const mostDays = 366;

/** Exceptions from policies that are not past, and do not last for ever. */
export const checkPolicyExceptions: Check = (config) => checkExceptionsOn(new Date(), config);

/** The same on a given day. */
export function checkExceptionsOn(now: Date, { policyExceptions }: Parameters<Check>[0]): ReturnType<Check> {
  const today = now.toISOString().slice(0, 10);
  return items(policyExceptions).flatMap(([index, { until, policy }]) => {
    if (until === undefined) return [];
    const path = ['policyExceptions', index, 'until'];
    const last = Date.parse(`${until}T00:00:00Z`);
    const example = `until: '${new Date(now.getTime() + 30 * day).toISOString().slice(0, 10)}'`;
    // JavaScript takes the 31st of June for the 1st of July.
    if (Number.isNaN(last) || new Date(last).toISOString().slice(0, 10) !== until) {
      return [problem(path, `is ${until}, which is no day`, example)];
    }
    if (until < today) {
      const what = policy === undefined ? 'what the policy wants' : `what ${policy} wants`;
      return [problem(path, `is ${until}, which is past; do ${what}, or give a new reason and day`, example)];
    }
    if (last - now.getTime() > mostDays * day) {
      return [problem(path, `is ${until}; an exception lasts a year at most`, example)];
    }
    return [];
  });
}
