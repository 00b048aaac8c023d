import { ApiError } from '../../../../ops/twin/api-error.ts';
import type { HeldMap } from '../../../../ops/twin/held.ts';
import type { Mistake, WrongArguments } from './mistake.ts';
import { named, type World } from './world.ts';

/** What came of it: what was said, and when; nothing where it was taken. */
export type Answer = { readonly said: string; readonly at: 'preview' | 'update' } | undefined;

/** What has happened before a mistake is made. SIDE EFFECTS: those of the calls. */
export async function prepare(world: World, mistake: Mistake): Promise<void> {
  if (mistake.doing === 'create') await mistake.before?.(world);
}

/** Makes a mistake in a world. SIDE EFFECTS: those of the calls. */
export async function makeMistake(world: World, mistake: Mistake): Promise<Answer> {
  if (mistake.doing === 'delete') return answerOf('update', () => world.remove(mistake.name));
  return ask(world, mistake.type, withChanges(mistake, world));
}

/** Does the same without the mistake. SIDE EFFECTS: those of the calls. */
export async function makeRight(world: World, mistake: Mistake): Promise<Answer> {
  if (mistake.doing === 'delete') {
    await mistake.mend(world);
    return answerOf('update', () => world.remove(mistake.name));
  }
  return ask(world, mistake.type, mistake.right(world));
}

/** The right arguments with the mistake in them. */
export function withChanges({ right, wrong }: WrongArguments, world: World): HeldMap {
  const entries = Object.entries({ ...right(world), ...wrong(world) });
  return Object.fromEntries(
    entries.filter((each): each is [string, HeldMap[string]] => each[1] !== undefined),
  );
}

/** What chance made up, taken out: ids, and digits behind names. */
export function withoutChance(text: string): string {
  return text
    .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{16,}/g, '…')
    .replaceAll(/\bZ[0-9A-Z]{12,}\b/g, 'Z…');
}

/** Asks as the engine does: checks, previews, then creates. */
async function ask({ provider }: World, type: string, news: HeldMap): Promise<Answer> {
  const name = 'asked';
  const { inputs, failures } = provider.check({
    ...named(type, name),
    olds: {},
    news,
    seed: Buffer.from(name),
  });
  const [failure] = failures;
  if (failure !== undefined) return { at: 'preview', said: withoutChance(failure.reason) };
  const call = { ...named(type, name), inputs, timeoutSeconds: 0 };
  return (
    (await answerOf('preview', () => provider.create({ ...call, preview: true }))) ??
    (await answerOf('update', () => provider.create({ ...call, preview: false })))
  );
}

async function answerOf(at: 'preview' | 'update', call: () => Promise<unknown>): Promise<Answer> {
  try {
    await call();
    return undefined;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const [, said = error.message] = /, api error (.*)$/s.exec(error.message) ?? [];
    return { at, said: withoutChance(said) };
  }
}
