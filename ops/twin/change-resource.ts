import { randomBytes } from 'node:crypto';
import { apiError, carryOut, type Result, type Work } from './carry-out.ts';
import type { KeptThing } from './cloud.ts';
import { difference, filledIn, type Difference } from './diff.ts';
import { same, type HeldMap, type Opened } from './held.ts';
import { hideSecrets } from './hide-secrets.ts';
import { holdsBack, objections } from './judge.ts';
import type { KnownKind, Question, Thing, Values } from './kind.ts';
import {
  cloudId,
  foreseen,
  inputsOf,
  kindOf,
  notice,
  outputsOf,
  placeOf,
  propertiesOf,
  providerId,
  questionOf,
  secretPaths,
  tagsAllOf,
  viewBeside,
  withoutDefaults,
  type Named,
  type Stage,
} from './stage.ts';

export interface DiffCall extends Named {
  readonly id: string;
  /** What the engine keeps of the resource. */
  readonly olds: HeldMap;
  readonly oldInputs: HeldMap;
  readonly news: HeldMap;
  readonly ignoreChanges: readonly string[];
}

export interface CreateCall extends Named {
  readonly inputs: HeldMap;
  readonly preview: boolean;
  readonly timeoutSeconds: number;
}

export interface UpdateCall extends Named {
  readonly id: string;
  readonly olds: HeldMap;
  readonly oldInputs: HeldMap;
  readonly news: HeldMap;
  readonly preview: boolean;
  readonly timeoutSeconds: number;
}

export interface DeleteCall extends Named {
  readonly id: string;
  readonly olds: HeldMap;
  readonly timeoutSeconds: number;
}

/** What has changed. Another region, named or the provider's, is another resource. */
export function diffResource(stage: Stage, call: DiffCall): Difference {
  const { olds, oldInputs, news, ignoreChanges } = call;
  const kind = kindOf(stage, call.type);
  const found = difference(kind, oldInputs, news, ignoreChanges);
  const [before, now] = [placeOf(stage, kind, olds), placeOf(stage, kind, news)];
  notice(stage, call, cloudId(kind, call.id, olds), before);
  if (before.region === now.region) return found;
  return {
    ...found,
    changes: new Map([...found.changes, ['region', { change: 'update', replaces: true }]]),
    replaces: [...new Set([...found.replaces, 'region'])],
  };
}

/** Makes a thing, or says in preview what of it is known. SIDE EFFECTS: those of a call of the API. */
export async function createResource(
  stage: Stage,
  call: CreateCall,
): Promise<{ readonly id: string; readonly properties: HeldMap }> {
  const kind = kindOf(stage, call.type);
  const { question, opened } = questionOf(stage, kind, call, call.inputs);
  const named = kind.naming === undefined ? undefined : question.inputs[kind.naming.property];
  const work: Work = {
    ...{ kind, doing: 'creating', place: question.place, timeoutSeconds: call.timeoutSeconds },
    ...{ urn: call.urn, type: call.type, name: call.name },
    thing: typeof named === 'string' ? named : call.name,
    hide: (text) => hideSecrets(text, call.inputs),
    partly: (thing) => partly(kind, thing, call.inputs),
  };
  if (call.preview) {
    judge(stage, kind, question, work);
    return { id: '', properties: foreseen(stage, kind, call.inputs, question.place) };
  }
  const thing = await carryOut(stage, work, (): Result => {
    // Now the one that is being replaced counts as well: it is there until it is deleted.
    const calling: Question = { ...question, calling: true, cloud: stage.cloud.view() };
    const id = kind.id(calling, randomBytes(16).toString('hex'));
    const there = stage.cloud.find(call.type, id, question.place);
    const strict = there === undefined || !takesOver(kind) ? calling : { ...calling, before: there };
    const [refusal] = objections(stage.kinds, kind, strict, stage.cloud.view());
    if (refusal !== undefined) return { refusal };
    const created = newThing(stage, kind, { ...call, question: strict, opened, id });
    if (there !== undefined && !takesOver(kind)) {
      return { refusal: { code: 'EntityAlreadyExists', message: `${id} already exists` } };
    }
    stage.cloud.put(created);
    return { thing: created };
  });
  if (thing === undefined) throw new TypeError('A thing that was created is there.');
  return { id: providerId(kind, thing.id), properties: propertiesOf(kind, thing) };
}

/** Whether the API takes a create of what is there for a change of it, as operations do that put, attach or register. */
function takesOver({ api, naming }: KnownKind): boolean {
  return naming?.taken === undefined && /^(Put|Attach|Register|Set)[A-Z]/.test(api.create);
}

/** Changes a thing in place, or says in preview what it will be. SIDE EFFECTS: those of a call of the API. */
export async function updateResource(stage: Stage, call: UpdateCall): Promise<HeldMap> {
  const kind = kindOf(stage, call.type);
  const place = placeOf(stage, kind, call.olds);
  const id = cloudId(kind, call.id, call.olds);
  const { opened } = questionOf(stage, kind, call, call.news);
  const work: Work = {
    ...{ kind, doing: 'updating', place, timeoutSeconds: call.timeoutSeconds, thing: id },
    ...{ urn: call.urn, type: call.type, name: call.name },
    hide: (text) => hideSecrets(text, call.news),
    partly: (thing) => partly(kind, thing, call.news),
  };
  const asked = (before: KeptThing): Question => ({
    ...questionOf(stage, kind, call, call.news, before).question,
    inputs: changedInputs(before.inputs, call, opened),
  });
  if (call.preview) {
    const before = stage.cloud.find(call.type, id, place);
    if (before === undefined) return { ...call.olds, ...withoutDefaults(call.news) };
    const question = asked(before);
    judge(stage, kind, question, work);
    const outputs = opened.unknown.size === 0 ? outputsOf(stage, kind, question, id) : {};
    const thing = { ...before, inputs: {}, outputs: { ...before.outputs, ...outputs } };
    return { ...propertiesOf(kind, thing), ...withoutDefaults(call.news), ...tagsAllOf(kind, call.news) };
  }
  const thing = await carryOut(stage, work, (): Result => {
    const before = stage.cloud.find(call.type, id, place);
    if (before === undefined) return { refusal: gone(id) };
    const question: Question = { ...asked(before), calling: true };
    const [refusal] = objections(stage.kinds, kind, question, stage.cloud.view());
    if (refusal !== undefined) return { refusal };
    const updated = {
      ...before,
      ...{ inputs: question.inputs, urn: call.urn, secrets: [...opened.secret] },
      outputs: { ...before.outputs, ...outputsOf(stage, kind, question, id) },
    };
    stage.cloud.put(updated);
    return { thing: updated };
  });
  if (thing === undefined) throw new TypeError('A thing that was updated is there.');
  return propertiesOf(kind, thing);
}

/** Takes a thing away; one that is gone already is no error. SIDE EFFECTS: those of a call of the API. */
export async function deleteResource(stage: Stage, call: DeleteCall): Promise<void> {
  const kind = kindOf(stage, call.type);
  const place = placeOf(stage, kind, call.olds);
  const id = cloudId(kind, call.id, call.olds);
  const work: Work = {
    ...{ kind, doing: 'deleting', place, timeoutSeconds: call.timeoutSeconds, thing: id },
    ...{ urn: call.urn, type: call.type, name: call.name },
    hide: (text) => text,
  };
  await carryOut(stage, work, (): Result => {
    const thing = stage.cloud.find(call.type, id, place);
    if (thing === undefined) return {};
    const refusal = holdsBack(stage.kinds, kind, thing, stage.cloud.view());
    if (refusal !== undefined) return { refusal };
    stage.cloud.take({ ...thing, secrets: secretPaths(kind, thing.secrets) });
    return {};
  });
}

function judge(stage: Stage, kind: KnownKind, question: Question, work: Work): void {
  const view = question.before === undefined ? viewBeside(stage, work) : stage.cloud.view();
  const [refusal] = objections(stage.kinds, kind, question, view);
  if (refusal !== undefined) throw apiError(work, refusal, 400);
}

function newThing(
  stage: Stage,
  kind: KnownKind,
  { urn, type, question, opened, id }: Named & { question: Question; opened: Opened; id: string },
): KeptThing {
  const now = Date.now();
  const wait = (kind.takes?.create ?? 0) * stage.cloud.settings.timeScale * 1000;
  return {
    ...{ type, id, urn, ...question.place, createdMs: now, readyMs: Math.round(now + wait) },
    ...{ inputs: question.inputs, secrets: [...opened.secret] },
    outputs: outputsOf(stage, kind, question, id),
  };
}

/** The provider sends what has changed in the program, and no more: what was changed by hand beside it stays. */
function changedInputs(there: Values, { oldInputs, news }: UpdateCall, { values }: Opened): Values {
  const changed = new Set(
    [...Object.keys(withoutDefaults(oldInputs)), ...Object.keys(withoutDefaults(news))].filter(
      (name) => !same(oldInputs[name], news[name]),
    ),
  );
  const kept = Object.entries(there).filter(([name]) => !changed.has(name));
  const sent = Object.entries(values).filter(([name]) => changed.has(name));
  return Object.fromEntries([...kept, ...sent]);
}

function partly(
  kind: KnownKind,
  thing: KeptThing,
  inputs: HeldMap,
): NonNullable<ReturnType<NonNullable<Work['partly']>>> {
  return {
    id: providerId(kind, thing.id),
    properties: propertiesOf(kind, thing),
    inputs: inputsOf(kind, thing, filledIn(inputs)),
  };
}

function gone(id: Thing['id']): { readonly code: string; readonly message: string } {
  return { code: 'ResourceNotFoundException', message: `couldn't find resource ${id}` };
}
