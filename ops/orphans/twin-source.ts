import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CutoverError, messageOf } from '@cutover/base/errors.ts';
import { projectRoot } from '@cutover/base/project.ts';
import { engineAtWork, readEngineLocks, readLocalState } from '../stack-state.ts';
import { openCloud, type Cloud, type KeptThing } from '../twin/cloud.ts';
import { holdsBack } from '../twin/judge.ts';
import type { KnownKind, Value, Values } from '../twin/kind.ts';
import { loadPart, playedNames } from '../twin/providers.ts';
import { twinEnvironment } from '../twin/scratch.ts';
import { secretPaths } from '../twin/stage.ts';
import { areOurs, type Found } from './plan.ts';
import type { Deletion, KnownState, Source } from './source.ts';

type KnownKinds = ReadonlyMap<string, KnownKind>;

/** The twin's cloud of a scratch folder. SIDE EFFECTS: opens its file. */
export async function openTwinSource(
  stack: string,
  folder: string,
  environment: string,
  project = 'cutover',
  program = projectRoot,
): Promise<Source> {
  const kinds = await loadKinds();
  const cloud = openCloud(folder);
  const keyed = new Map<Found, KeptThing>();
  return {
    kind: 'twin',
    place: `the twin's cloud in ${folder}`,
    ours: () => {
      keyed.clear();
      for (const thing of oursOf(cloud, environment)) keyed.set(foundOf(thing), thing);
      return Promise.resolve([...keyed.keys()]);
    },
    state: () => readState(stack, folder, project),
    aged: (orphans) => Promise.resolve(orphans),
    program: async () => {
      for (const path of await staleLocks(stack, folder, project)) await rm(path, { force: true });
      const file = join(folder, `Pulumi.${stack}.yaml`);
      return {
        ...{ stack, folder: program, env: twinEnvironment(folder, stack) },
        args: ['--stack', stack, '--config-file', file],
      };
    },
    delete: async (orphans) => {
      await staleLocks(stack, folder, project);
      return deleteAll(cloud, kinds, orphans, (orphan) => keyed.get(orphan));
    },
    close: () => cloud.close(),
  };
}

async function loadKinds(): Promise<KnownKinds> {
  const parts = await Promise.all(playedNames.map(loadPart));
  return new Map(
    parts.flatMap(({ provider, table }) =>
      provider.kinds.flatMap((kind) => {
        const facts = table.types[kind.type];
        return facts === undefined ? [] : [[kind.type, { ...kind, facts }] as const];
      }),
    ),
  );
}

/** What carries our tags, and what carries none, was made by a program and names something of ours: routes, settings. */
function oursOf(cloud: Cloud, environment: string): readonly KeptThing[] {
  const things = cloud.things();
  const tagged = new Set(things.filter((thing) => areOurs(tagsOf(thing), environment)));
  const names = new Set([...tagged].flatMap(namesOf));
  return things.filter((thing) => {
    if (tagged.has(thing)) return true;
    const bare = thing.urn !== '' && Object.keys(tagsOf(thing)).length === 0;
    if (!bare || !textsIn(thing.inputs).some((text) => names.has(text))) return false;
    // They come oldest first: what names this one comes behind it.
    namesOf(thing).forEach((name) => names.add(name));
    return true;
  });
}

/** How others name it: id, name, ARN, and the part of the ARN behind the account, as scaling does. */
function namesOf({ id, inputs, outputs }: KeptThing): readonly string[] {
  const { arn } = outputs;
  const { name } = inputs;
  return [
    id,
    ...(typeof name === 'string' ? [name] : []),
    ...(typeof arn === 'string' ? [arn, arn.split(':').slice(5).join(':')] : []),
  ];
}

function textsIn(value: Value): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

function tagsOf({ inputs, outputs }: KeptThing): Values {
  const tags = inputs['tags'] ?? outputs['tagsAll'];
  return typeof tags === 'object' && tags !== null && !Array.isArray(tags) ? (tags as Values) : {};
}

function foundOf(thing: KeptThing): Found {
  const { type, id, region, inputs, outputs, secrets, createdMs } = thing;
  const { arn } = outputs;
  const { Name } = tagsOf(thing);
  return {
    ...{ type, id, region, createdMs, inputs: withoutSecrets(inputs, secrets) },
    ...(typeof arn === 'string' && { arn }),
    ...(typeof Name === 'string' && { name: Name }),
  };
}

function withoutSecrets(inputs: Values, secrets: readonly string[]): Values {
  const hidden = new Set(secrets.map((path) => path.split(/[.[]/)[0]));
  return Object.fromEntries(Object.entries(inputs).filter(([name]) => !hidden.has(name)));
}

async function readState(stack: string, folder: string, project: string): Promise<KnownState> {
  const file = join(folder, 'state', '.pulumi', 'stacks', project, `${stack}.json`);
  const refuse = (lines: string): CutoverError =>
    new CutoverError('CUT-5486', { stack, lines: `  ${lines}` });
  const state = await readLocalState(stack, file).catch((error: unknown) => {
    throw refuse(`${file}: ${messageOf(error)}`);
  });
  if (state === undefined) throw refuse(`there is none in ${file}`);
  return { resources: state.resources, pending: state.pendingOperations };
}

/**
 * The locks of engines that were killed. Refuses while one is at work: what it is making at this moment would be taken for
 * an orphan.
 */
async function staleLocks(stack: string, folder: string, project: string): Promise<readonly string[]> {
  const { locks } = await readEngineLocks(stack, join(folder, 'state'), project);
  const pid = await engineAtWork(locks);
  if (pid !== undefined) throw new CutoverError('CUT-5488', { stack, pid });
  return locks.map(({ path }) => path);
}

/** Deletes again and again what nothing holds back any more, the newest first. SIDE EFFECTS: writes the cloud and its ledger. */
function deleteAll(
  cloud: Cloud,
  kinds: KnownKinds,
  orphans: readonly Found[],
  thingOf: (orphan: Found) => KeptThing | undefined,
): Deletion {
  const gone: Found[] = [];
  let left = orphans.map((orphan) => ({ orphan, why: '' })).reverse();
  for (let before = -1; before !== gone.length;) {
    before = gone.length;
    left = left.flatMap(({ orphan }) => {
      const thing = thingOf(orphan);
      const why = thing === undefined ? 'it is not there' : deleteOne(cloud, kinds, thing);
      if (why !== undefined) return [{ orphan, why }];
      gone.push(orphan);
      return [];
    });
  }
  return { gone, stays: left };
}

/** Why it cannot go; undefined when it is gone. */
function deleteOne(cloud: Cloud, kinds: KnownKinds, thing: KeptThing): string | undefined {
  const kind = kinds.get(thing.type);
  return cloud.atomically(() => {
    const refusal = kind === undefined ? undefined : holdsBack(kinds, kind, thing, cloud.view());
    if (refusal !== undefined) return `${refusal.code}: ${refusal.message}`;
    const secrets = kind === undefined ? thing.secrets : secretPaths(kind, thing.secrets);
    cloud.take({ ...thing, secrets });
    const { type, id, urn, account, region } = thing;
    cloud.record({ operation: 'delete', type, id, urn, account, region, outcome: 'done', message: 'orphan' });
    return undefined;
  });
}
