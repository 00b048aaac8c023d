import { CutoverError } from '@cutover/base/errors.ts';
import { nearest } from '../../infra/config/nearest.ts';
import type { Cloud } from './cloud.ts';
import type { Value } from './kind.ts';
import { stepsOf, withValueAt } from './paths.ts';

/** Changes a property of a thing behind the engine's back, and says which. SIDE EFFECTS: writes the cloud and its ledger. */
export function edit(cloud: Cloud, id: string, text: string): string {
  const [, path = '', value] = /^([^=]+?)\s*(?:=(.*))?$/s.exec(text) ?? [];
  const [first] = stepsOf(path);
  if (first === undefined) throw new CutoverError('CUT-5332', { text, reason: 'it names no property' });
  return cloud.atomically(() => {
    const things = cloud.things();
    const thing = things.find((each) => each.id === id);
    if (thing === undefined) {
      const near = nearest(
        id,
        things.map((each) => each.id),
      );
      throw new CutoverError('CUT-5331', { id, hint: near === undefined ? '' : ` Did you mean ${near}?` });
    }
    // What was given goes before what the cloud filled in, so that is where a change shows.
    const holder = first in thing.outputs && !(first in thing.inputs) ? 'outputs' : 'inputs';
    cloud.put({ ...thing, [holder]: withValueAt(thing[holder], path, valueOf(value)) });
    const { type, urn, account, region } = thing;
    cloud.record({ operation: 'edit', type, id, urn, account, region, outcome: 'done', message: path });
    return path;
  });
}

function valueOf(text: string | undefined): Value | undefined {
  if (text === undefined || text === '') return undefined;
  try {
    return JSON.parse(text) as Value;
  } catch {
    return text;
  }
}
