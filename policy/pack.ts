import {
  PolicyPack,
  type PolicyConfigSchema,
  type ReportViolation,
  type ResourceValidationArgs,
  type ResourceValidationPolicy,
  type StackValidationPolicy,
} from '@pulumi/policy';
import { dayOf, exceptionLine, unusedLine, type PolicyException } from './exceptions.ts';
import { placeOf, weigh, type Verdict } from './judge.ts';
import { noteRefusal } from './note.ts';
import type { PolicyResource, ResourceRule, StackRule } from './rule.ts';
import { resourceRules, stackRules } from './rules.ts';
import { typeOf } from './types.ts';
import { valuesOf } from './values.ts';

// The pack as the engine runs it: every rule a mandatory policy, and two that only tell. What they tell comes from the
// others, in this process, since the last time they told.
const later = new Map<string, Set<string>>();
const excused = new Set<string>();

const text = { type: 'string', minLength: 1 } as const;
const configSchema: PolicyConfigSchema = {
  properties: {
    exceptions: {
      type: 'array',
      items: {
        type: 'object',
        properties: { policy: text, resource: text, reason: text, until: text },
        required: ['policy', 'resource', 'reason', 'until'],
      },
    },
  },
};

interface Config {
  readonly exceptions?: readonly PolicyException[];
}

/** What of a resource the SDK hands to both kinds of policies. */
type Given = Pick<ResourceValidationArgs, 'type' | 'name' | 'urn' | 'props' | 'opts' | 'provider'> & {
  readonly propertyDependencies?: Readonly<Record<string, readonly { readonly urn: string }[]>>;
};

function resourceOf({
  type,
  name,
  urn,
  props,
  opts,
  provider,
  propertyDependencies = {},
}: Given): PolicyResource {
  // The SDK's view of the properties throws where one is unknown; what is behind it tells which.
  const behind: unknown = props['__getSpecialProxyTarget'];
  return {
    type: typeOf(type),
    name,
    urn,
    props: valuesOf(behind as object),
    protect: opts.protect,
    ...(provider === undefined ? {} : { provider: provider.name }),
    from: Object.fromEntries(
      Object.entries(propertyDependencies).map(([property, those]) => [
        property,
        those.map((each) => each.urn),
      ]),
    ),
  };
}

function tell(verdicts: readonly Verdict[], report: ReportViolation): void {
  for (const verdict of verdicts) {
    switch (verdict.kind) {
      case 'refused':
        noteRefusal(verdict.policy);
        report(verdict.message, verdict.urn);
        break;
      case 'excused':
        excused.add(exceptionLine(verdict.exception));
        break;
      case 'later':
        later.set(verdict.policy, (later.get(verdict.policy) ?? new Set()).add(verdict.what));
        break;
    }
  }
}

function resourcePolicy(rule: ResourceRule): ResourceValidationPolicy {
  return {
    name: rule.id,
    description: rule.wants,
    enforcementLevel: 'mandatory',
    configSchema,
    validateResource: (args, report) => {
      const resource = resourceOf(args);
      const { exceptions = [] } = args.getConfig<Config>();
      const findings = rule.judge(resource, placeOf(args.urn));
      // Of a resource policy the engine knows the resource itself.
      tell(weigh(rule, findings, [resource], exceptions, dayOf(new Date())), (message) => report(message));
    },
  };
}

function stackPolicy(rule: StackRule): StackValidationPolicy {
  return {
    name: rule.id,
    description: rule.wants,
    enforcementLevel: 'mandatory',
    configSchema,
    validateStack: (args, report) => {
      const resources = args.resources.map(resourceOf);
      const { exceptions = [] } = args.getConfig<Config>();
      const findings = rule.judge(resources, placeOf(resources[0]?.urn ?? ''));
      tell(weigh(rule, findings, resources, exceptions, dayOf(new Date())), report);
    },
  };
}

const judgedLater: StackValidationPolicy = {
  name: 'judged-by-the-update',
  description: 'What a preview cannot know, the update judges before it makes anything of it.',
  enforcementLevel: 'advisory',
  validateStack: (_, report) => {
    const lines = [...later].map(([policy, what]) => `${policy}: ${[...what].sort().join(', ')}`);
    if (lines.length > 0) report(lines.sort().join('\n'));
    later.clear();
  },
};

const exceptionsInForce: StackValidationPolicy = {
  name: 'exceptions-in-force',
  description: 'What may break a policy for a while, as cutover:policyExceptions says.',
  enforcementLevel: 'advisory',
  configSchema,
  validateStack: (args, report) => {
    const { exceptions = [] } = args.getConfig<Config>();
    const lines = exceptions.map((each) => {
      const line = exceptionLine(each);
      return excused.has(line) ? line : unusedLine(each);
    });
    if (lines.length > 0) report(lines.join('\n'));
    excused.clear();
  },
};

new PolicyPack('cutover', {
  enforcementLevel: 'mandatory',
  description: 'What every resource in the cloud must keep to.',
  policies: [
    ...resourceRules.map(resourcePolicy),
    ...stackRules.map(stackPolicy),
    judgedLater,
    exceptionsInForce,
  ],
});
