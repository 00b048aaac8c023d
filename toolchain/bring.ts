import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { CutoverError, messageOf } from '../base/errors.ts';
import { alone } from './lock.ts';
import { chooseCache } from '../base/user-cache.mjs';
import { partKey } from './keys.ts';
import { isCurrent, readManifest, record, toolsFolder, type Part, type PartName } from './manifest.ts';
import { partWork } from './parts.ts';
import { endAll } from './run.ts';
import { tellSteps, timeOf, type Ear, type Steps } from './steps.ts';
import { inOrder } from './order.ts';

/**
 * Finds or brings parts, side by side where they do not wait for each other, and notes each in the manifest. A part
 * that only some systems need may stay away, with a word about it. SIDE EFFECTS: npm, downloads, builds, files.
 */
export async function bring(names: readonly PartName[], ear: Ear = process.stderr): Promise<void> {
  const began = Date.now();
  const stop = (): never => {
    endAll();
    process.stderr.write('\ncutover: stopped. Nothing is half-done; the next ./cutover goes on from here.\n');
    process.exit(1);
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    await mkdir(toolsFolder, { recursive: true }).catch((cause: unknown) => {
      throw new CutoverError('CUT-5003', { folder: toolsFolder, why: messageOf(cause) }, { cause });
    });
    let waiting = false;
    const wait = (holder: string): void => {
      if (!waiting) ear.write(`cutover: waiting for ${holder}, which brings parts to this folder …\n`);
      waiting = true;
    };
    // npm must not work twice in one folder; and whoever waited finds the parts there.
    await alone(join(toolsFolder, 'lock'), wait, () => bringAlone(names, ear, began));
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
}

async function bringAlone(names: readonly PartName[], ear: Ear, began: number): Promise<void> {
  const manifest = readManifest();
  const missing = names.filter((name) => !isCurrent(manifest, name, partKey(name)));
  if (missing.length === 0) return;
  const steps = tellSteps(missing.length, ear);
  steps.line(`cutover: ${missing.length} part(s) to find or bring; ${describeCache()}`);
  try {
    const outcomes = await bringInOrder(missing, steps);
    const failures = outcomes.filter((outcome) => outcome.state === 'failed');
    const fatal = failures.find(({ name }) => partWork[name].without === 'nothing runs');
    if (fatal !== undefined) throw fatal.error;
    for (const { error } of failures) steps.line(`\n${messageOf(error)}\n`);
    steps.line(`cutover: ready after ${timeOf(Date.now() - began)}`);
  } finally {
    steps.close();
  }
}

type Outcome =
  | { readonly state: 'brought'; readonly name: PartName }
  | { readonly state: 'failed'; readonly name: PartName; readonly error: unknown };

async function bringInOrder(missing: readonly PartName[], steps: Steps): Promise<Outcome[]> {
  let writing = Promise.resolve();
  const note = (name: PartName, part: Part): Promise<void> =>
    (writing = writing.then(() => record(name, part, partKey(name))));
  return inOrder(
    missing,
    (name) => partWork[name].after,
    async (name, before): Promise<Outcome> => {
      const { title } = partWork[name];
      const inVain = before.find(({ state }) => state === 'failed');
      if (inVain?.state === 'failed') return { state: 'failed', name, error: inVain.error };
      try {
        await steps.run(title, async (step) => {
          const part = await partWork[name].bring(step);
          await note(name, part);
          return part.state === 'present' ? `${part.version}, ${part.origin}` : `left out, ${part.reason}`;
        });
        return { state: 'brought', name };
      } catch (error) {
        return { state: 'failed', name, error };
      }
    },
  );
}

function describeCache(): string {
  const { folder, shared } = chooseCache();
  const home = homedir();
  const short = folder.startsWith(`${home}/`) ? `~${folder.slice(home.length)}` : folder;
  return shared
    ? `kept in ${short} for all clones`
    : 'kept in .cutover/cache of this folder, as there is no home to write to';
}
