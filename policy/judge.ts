import { CutoverError } from '@cutover/base/errors.ts';
import { exceptionFor, type PolicyException } from './exceptions.ts';
import { shortType, type Finding, type Place, type PolicyResource, type Rule } from './rule.ts';

/** What is to be said of one finding. */
export type Verdict =
  | {
      readonly kind: 'refused';
      readonly policy: string;
      readonly urn: string;
      readonly message: string;
    }
  | { readonly kind: 'excused'; readonly exception: PolicyException }
  | { readonly kind: 'later'; readonly policy: string; readonly what: string };

/**
 * Weighs what a rule has found. `resources` are those that it looked at; `today` is a day as in 2026-12-31. A value that
 * only the update will know is neither refused nor passed: it is said, and judged when it is known.
 */
export function weigh(
  rule: Rule,
  findings: readonly Finding[],
  resources: readonly PolicyResource[],
  exceptions: readonly PolicyException[],
  today: string,
): readonly Verdict[] {
  return findings.flatMap((finding): Verdict[] => {
    const resource = resources.find(({ urn }) => urn === finding.urn) ?? resources[0];
    if (resource === undefined) return [];
    const exception = exceptionFor(exceptions, rule.id, resource, today);
    if (exception !== undefined) return [{ kind: 'excused', exception }];
    if (finding.kind === 'unknown') {
      return [{ kind: 'later', policy: rule.id, what: `${resource.name} (${finding.path})` }];
    }
    const details = {
      policy: rule.id,
      resource: `${resource.name} (${shortType(resource.type)})`,
      wrong: finding.wrong,
      remedy: finding.remedy,
    };
    return [
      {
        kind: 'refused',
        policy: rule.id,
        urn: resource.urn,
        message: new CutoverError('CUT-5460', details).message,
      },
    ];
  });
}

/** Where a resource is, by the name of its stack: `prod`, or `prod-` and more, is prod. */
export function placeOf(urn: string): Place {
  const [, , stack = ''] = urn.split('::', 1)[0]?.split(':') ?? [];
  return { environment: /^prod(-|$)/.test(stack) ? 'prod' : 'other' };
}
