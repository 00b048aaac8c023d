import { messageOf } from '@cutover/base/errors.ts';
import { withDefaults } from '../plan/migration-inputs.ts';
import { durationText } from '../plan/migration-text.ts';
import { rehearsal, type Step } from '../plan/migration.ts';
import type { Migrations, Session } from './engine.ts';
import type { LoadedFile } from './files.ts';
import { refuseOnCopy } from './refusals.ts';

/** Tries the steps on a copy; how the copy was made, or undefined where trying is switched off. SIDE EFFECTS: makes and deletes a copy. */
export async function rehearse(
  migrations: Migrations,
  files: readonly LoadedFile[],
  session: Session,
  steps: readonly Step[],
  say: (line: string) => void,
): Promise<string | undefined> {
  const { scratch } = withDefaults(migrations);
  if (scratch.mode === 'off') {
    say(`not tried on a copy first: scratch.mode is 'off'`);
    return undefined;
  }
  const started = performance.now();
  const copy = await session.copy();
  try {
    say(`trying on ${copy.how}`);
    const { forward, back, again } = rehearsal(steps, files, scratch.rehearse ?? 'there-and-back');
    const there = await copy.run(forward);
    refuseOnCopy(migrations, copy, there, 'CUT-4120', forward);
    if (there.kind === 'done' && there.takenBack !== undefined) {
      say(`tried there only, not back: ${there.takenBack}`);
    } else {
      for (const phase of [back, again].filter(({ length }) => length > 0)) {
        refuseOnCopy(migrations, copy, await copy.run(phase), 'CUT-4121', phase);
      }
    }
    const extent = back.length > 0 ? ', back and there again' : '';
    say(`tried there${extent} in ${durationText(performance.now() - started)}: all well`);
    return copy.how;
  } finally {
    await copy.drop().catch((error: unknown) => {
      say(`the copy could not be deleted, the next run will: ${messageOf(error)}`);
    });
  }
}
