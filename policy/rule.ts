import { typeOf } from './types.ts';
import type { Values } from './values.ts';

/** A resource as rules see it. */
export interface PolicyResource {
  readonly type: string;
  readonly name: string;
  readonly urn: string;
  readonly props: Values;
  /** Whether the engine refuses to delete it. */
  readonly protect: boolean;
  /** The name of the provider that makes it. */
  readonly provider?: string;
  /** The resources that each property comes from, by their URNs; only whole stacks are seen with it. */
  readonly from: Readonly<Record<string, readonly string[]>>;
}

/** Where resources are judged: prod asks for more. */
export interface Place {
  readonly environment: 'prod' | 'other';
}

/** What a rule has to say. What cannot be judged yet is said too, and is no refusal. */
export type Finding =
  | { readonly kind: 'wrong'; readonly wrong: string; readonly remedy: string; readonly urn?: string }
  | { readonly kind: 'unknown'; readonly path: string; readonly urn?: string };

/** A resource of a fixture. What is left out does not matter to the rule. */
export interface Example {
  readonly type: string;
  readonly name?: string;
  readonly props: Values;
  readonly protect?: boolean;
  readonly provider?: string;
  /** The names of the resources that properties come from. */
  readonly from?: Readonly<Record<string, readonly string[]>>;
}

interface AnyRule {
  /** Named in refusals and exceptions; never changes. */
  readonly id: string;
  /** What every resource must keep to, in one sentence. */
  readonly wants: string;
}

/** A rule that looks at one resource, before it is made or changed. */
export interface ResourceRule extends AnyRule {
  readonly looksAt: 'resource';
  readonly judge: (resource: PolicyResource, place: Place) => readonly Finding[];
  /** Of prod, where most is asked. */
  readonly passes: Example;
  readonly fails: Example;
}

/** A rule that looks at all resources of a stack, at the end. */
export interface StackRule extends AnyRule {
  readonly looksAt: 'stack';
  readonly judge: (resources: readonly PolicyResource[], place: Place) => readonly Finding[];
  readonly passes: readonly Example[];
  readonly fails: readonly Example[];
}

export type Rule = ResourceRule | StackRule;

/** The finding of something wrong. `urn` where a rule looks at many. */
export function wrong(what: string, remedy: string, urn?: string): Finding {
  return { kind: 'wrong', wrong: what, remedy, ...(urn === undefined ? {} : { urn }) };
}

/** The finding that a value is not known yet. */
export function notKnown(path: string, urn?: string): Finding {
  return { kind: 'unknown', path, ...(urn === undefined ? {} : { urn }) };
}

/** What a rule asks of the properties of one type. */
export type Demand = (props: Values) => readonly Finding[];

/** A judge for demands by type; several demands of a type are all asked. */
export function judgeTypes(
  demands: Readonly<Record<string, Demand | readonly Demand[]>>,
): ResourceRule['judge'] {
  return ({ type, props }) => {
    const asked = Object.hasOwn(demands, type) ? demands[type] : undefined;
    if (asked === undefined) return [];
    return [asked].flat().flatMap((demand: Demand) => demand(props));
  };
}

/** A judge that asks in prod only. */
export function inProd(judge: ResourceRule['judge']): ResourceRule['judge'] {
  return (resource, place) => (place.environment === 'prod' ? judge(resource, place) : []);
}

/** A resource of a fixture, whole. */
export function resourceOf(example: Example): PolicyResource {
  const { type, name = 'example', props, protect = false, provider, from = {} } = example;
  return {
    type: typeOf(type),
    name,
    urn: urnOf(name),
    props,
    protect,
    ...(provider === undefined ? {} : { provider }),
    from: Object.fromEntries(Object.entries(from).map(([property, names]) => [property, names.map(urnOf)])),
  };
}

function urnOf(name: string): string {
  return `urn:pulumi:prod::cutover::example::${name}`;
}

/** The type as people write it: `aws:rds:Instance`. */
export function shortType(type: string): string {
  return type.replace(/\/[^:]*/, '');
}
