import { resourceOf, type Example, type Place } from '../../policy/rule.ts';
import { rules } from '../../policy/rules.ts';

/** What a rule refuses of one resource in prod, or elsewhere: each as `what is wrong`. */
export function refused(
  id: string,
  example: Example,
  environment: Place['environment'] = 'prod',
): readonly string[] {
  return refusedIn(id, [example], environment).map(([, wrong]) => wrong);
}

/** What a rule refuses of a stack: the name of each resource and what is wrong. */
export function refusedIn(
  id: string,
  examples: readonly Example[],
  environment: Place['environment'] = 'prod',
): readonly (readonly [name: string, wrong: string])[] {
  const rule = rules.find((each) => each.id === id);
  if (rule === undefined) throw new Error(`there is no rule ${id}`);
  const resources = examples.map(resourceOf);
  const findings =
    rule.looksAt === 'stack'
      ? rule.judge(resources, { environment })
      : resources.flatMap((resource) =>
          rule.judge(resource, { environment }).map((finding) => ({ ...finding, urn: resource.urn })),
        );
  return findings.flatMap((finding) =>
    finding.kind === 'wrong'
      ? [[resources.find(({ urn }) => urn === finding.urn)?.name ?? '', finding.wrong] as const]
      : [],
  );
}

/** What a rule says of one resource in prod: each as what is wrong, or `later` for what is not known yet. */
export function said(id: string, example: Example): readonly string[] {
  const rule = rules.find((each) => each.id === id);
  if (rule?.looksAt !== 'resource') throw new Error(`there is no rule ${id} for one resource`);
  return rule
    .judge(resourceOf(example), { environment: 'prod' })
    .map((finding) => (finding.kind === 'wrong' ? finding.wrong : 'later'));
}
