import { CutoverError } from '@cutover/base/errors.ts';
import { nearest } from '../../infra/config/nearest.ts';
import { defaultsKey } from './check-facts.ts';
import type { Cloud, KeptThing } from './cloud.ts';
import {
  bare,
  isMap,
  isUnknown,
  open,
  seal,
  unknownValue,
  type Held,
  type HeldMap,
  type Opened,
} from './held.ts';
import type { Kinds, WideView } from './judge.ts';
import type { KnownKind, Place, Question, Thing, Values } from './kind.ts';
import type { Bodies } from './live/bodies.ts';
import { prefixArgument } from './naming.ts';
import type { ProviderConfig } from './provider-config.ts';
import type { Part } from './providers.ts';

/** All that calls of one configured provider work on. */
export interface Stage {
  readonly part: Part;
  readonly kinds: Kinds;
  readonly cloud: Cloud;
  readonly config: ProviderConfig;
  /** Which things resources are, as far as the engine has named their ids, by URN. */
  readonly known: Map<string, Place & { readonly id: string }>;
  /** What really stands behind things, where it is to. */
  readonly bodies?: Bodies;
  /** Waits real seconds; false when the engine gave up meanwhile. */
  readonly wait: (seconds: number) => Promise<boolean>;
  /** Ends the plugin in the middle of a call. */
  readonly die: () => never;
}

/** A resource of the program. */
export interface Named {
  readonly urn: string;
  readonly type: string;
  readonly name: string;
}

/** The kind behind a type, with its facts. Throws for a type that the twin does not play. */
export function kindOf({ part, kinds }: Stage, type: string): KnownKind {
  const kind = kinds.get(type);
  if (kind === undefined) {
    const near = nearest(type, [...kinds.keys()]);
    throw new CutoverError('CUT-5300', { type, hint: near === undefined ? '' : ` Did you mean ${near}?` });
  }
  const facts = part.table.types[type];
  if (facts === undefined) throw new CutoverError('CUT-5302', { type });
  return { ...kind, facts };
}

/** Where a resource is: in the region that it names, else in that of its provider. */
export function placeOf({ config, part }: Stage, kind: KnownKind, properties: HeldMap): Place {
  if (kind.scope === 'global' || !part.regional) return { account: config.place.account, region: 'global' };
  const region = properties['region'] === undefined ? undefined : bare(properties['region']);
  return { account: config.place.account, region: typeof region === 'string' ? region : config.place.region };
}

/** Notes which thing a resource is: one that was renamed, moved or imported is kept under another URN, or under none. */
export function notice({ known }: Stage, { urn }: Named, id: string, { account, region }: Place): void {
  known.set(urn, { id, account, region });
}

/** The thing that a resource is; undefined where it has none, or where the engine has not named its id yet. */
export function thingOf({ known, cloud }: Stage, { type, urn }: Named): KeptThing | undefined {
  const at = known.get(urn);
  return (at && cloud.find(type, at.id, at)) ?? cloud.ofResource(type, urn);
}

/** The cloud without what a resource is already: that may be replaced. */
export function viewBeside(stage: Stage, resource: Named): WideView {
  return stage.cloud.view(thingOf(stage, resource)?.urn ?? resource.urn);
}

/** What a service file is asked about a resource, and where its secrets and unknowns are. */
export function questionOf(
  stage: Stage,
  kind: KnownKind,
  resource: Named,
  inputs: HeldMap,
  before?: Thing,
): { readonly question: Question; readonly opened: Opened } {
  const opened = open(withoutDefaults(inputs));
  const place = before ?? placeOf(stage, kind, inputs);
  const question = {
    place: { account: place.account, region: place.region },
    name: resource.name,
    inputs: opened.values,
    unknown: opened.unknown,
    // One that is not there yet may take the place of an older one of the same resource.
    cloud: before === undefined ? viewBeside(stage, resource) : stage.cloud.view(),
    ...(before !== undefined && { before }),
  };
  return { question, opened };
}

/** All outputs that are kept with a thing, those that the core makes among them. */
export function outputsOf(stage: Stage, kind: KnownKind, question: Question, id: string): Values {
  const { inputs, place } = question;
  const path = kind.arn?.(question, id);
  const tags = inputs['tags'];
  return {
    ...prefixOutput(kind),
    ...kind.outputs(question, id),
    ...(path !== undefined && { arn: arnOf(kind, place, path) }),
    ...(kind.facts.outputs['tagsAll'] !== undefined && { tagsAll: tags ?? {} }),
    ...regionOutput(stage, kind, place),
  };
}

/** What the engine keeps of a thing: arguments before what the cloud filled in, secrets marked. */
export function propertiesOf(kind: KnownKind, { id, inputs, outputs, secrets }: KeptThing): HeldMap {
  return seal({ ...outputs, ...inputs, id: providerId(kind, id) }, secretPaths(kind, secrets));
}

/** What the engine calls a thing. */
export function providerId(kind: KnownKind, id: string): string {
  return kind.providerId?.(id) ?? id;
}

/** What the cloud calls a thing that the engine knows; the id itself where it is imported. */
export function cloudId(kind: KnownKind, id: string, properties: HeldMap): string {
  const { arn } = properties;
  if (kind.providerId === undefined || Object.keys(properties).length === 0) return id;
  const known = kind.cloudId?.(open(properties).values) ?? (arn && bare(arn));
  return typeof known === 'string' ? known : id;
}

/** A thing's arguments as the engine keeps them, with those named that the provider had filled in. */
export function inputsOf(
  kind: KnownKind,
  { inputs, secrets }: KeptThing,
  filledIn: readonly string[],
): HeldMap {
  return seal({ ...inputs, [defaultsKey]: [...filledIn] }, secretPaths(kind, secrets));
}

/** What preview knows of a thing that is not there yet. */
export function foreseen(stage: Stage, kind: KnownKind, inputs: HeldMap, place: Place): HeldMap {
  const outputs = Object.keys(kind.facts.outputs).map((name) => [name, unknownValue] as const);
  const properties: HeldMap = {
    ...Object.fromEntries(outputs),
    ...tagsAllOf(kind, inputs),
    ...regionOutput(stage, kind, place),
    ...withoutDefaults(inputs),
    ...unknownName(kind, inputs),
    id: unknownValue,
  };
  return seal(properties, secretPaths(kind, []));
}

/** What the provider puts behind a prefix is known only when the thing is made. */
function unknownName({ naming }: KnownKind, inputs: HeldMap): HeldMap {
  if (naming === undefined || inputs[prefixArgument(naming)] === undefined) return {};
  return { [naming.property]: unknownValue };
}

/** Arguments without the note of which of them were filled in. */
export function withoutDefaults(inputs: HeldMap): HeldMap {
  const { [defaultsKey]: _, ...rest } = inputs;
  return rest;
}

/** All tags of a resource, as far as they are known: those of the provider are among its arguments. */
export function tagsAllOf({ facts }: KnownKind, { tags }: HeldMap): HeldMap {
  if (facts.outputs['tagsAll'] === undefined) return {};
  const known: Held = tags === undefined ? {} : bare(tags);
  return { tagsAll: isMap(known) || isUnknown(known) ? known : {} };
}

/** Where the program gives no prefix of a name, the provider gives an empty one. */
function prefixOutput({ naming, facts }: KnownKind): Values {
  const argument = naming === undefined ? undefined : prefixArgument(naming);
  return argument === undefined || facts.inputs[argument] === undefined ? {} : { [argument]: '' };
}

function regionOutput({ part }: Stage, { facts }: KnownKind, { region }: Place): Values {
  return part.regional && facts.inputs['region'] !== undefined ? { region } : {};
}

/** The paths of everything about a thing that stays secret. */
export function secretPaths(
  { secret = [], facts }: KnownKind,
  secrets: readonly string[],
): readonly string[] {
  return [...secrets, ...secret, ...facts.secret];
}

/** `arn:aws:<service>:<region>:<account>:<path>`; a whole ARN stays as it is. */
function arnOf({ type }: KnownKind, { account, region }: Place, path: string): string {
  if (path.startsWith('arn:')) return path;
  const service = type.split(':')[1]?.split('/')[0] ?? '';
  return `arn:aws:${service}:${region === 'global' ? '' : region}:${account}:${path}`;
}
