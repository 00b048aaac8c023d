import { CutoverError } from '@cutover/base/errors.ts';
import { nearest } from '../../infra/config/nearest.ts';
import { carryOut, type Result } from './carry-out.ts';
import type { KeptThing } from './cloud.ts';
import { filledIn } from './diff.ts';
import { bare, open, type HeldMap } from './held.ts';
import type { KnownKind, Place } from './kind.ts';
import {
  cloudId,
  inputsOf,
  kindOf,
  notice,
  placeOf,
  propertiesOf,
  providerId,
  type Named,
  type Stage,
} from './stage.ts';

/** A look at a thing: of a resource that the engine knows, or by its id alone (import, get). */
export interface ReadCall extends Named {
  readonly id: string;
  readonly olds: HeldMap;
  /** Absent when it is imported. */
  readonly oldInputs: HeldMap;
}

/** A thing as it is now, so that what was changed by hand shows. */
export interface ReadAnswer {
  readonly id: string;
  readonly properties: HeldMap;
  readonly inputs: HeldMap;
}

/** Looks a thing up; undefined when it is gone. SIDE EFFECTS: those of a call of the API. */
export async function readResource(stage: Stage, call: ReadCall): Promise<ReadAnswer | undefined> {
  const kind = kindOf(stage, call.type);
  // Things of another region are imported as `id@region`.
  const [, asked = call.id, region] = /^(.+)@([a-z]{2,3}(?:-[a-z]+)+-\d)$/.exec(call.id) ?? [];
  const place = placeOf(stage, kind, region === undefined ? call.olds : { region });
  const id = cloudId(kind, asked, call.olds);
  const thing = await carryOut(
    stage,
    {
      ...{ kind, doing: 'reading', place, timeoutSeconds: 0, thing: id },
      ...{ urn: call.urn, type: call.type, name: call.name },
      hide: (text) => text,
    },
    (): Result => {
      const found = stage.cloud.find(call.type, id, place) ?? importedBy(stage, kind, asked, place);
      return found === undefined ? {} : { thing: found };
    },
  );
  if (thing === undefined) return undefined;
  notice(stage, call, thing.id, place);
  return {
    id: providerId(kind, thing.id),
    properties: propertiesOf(kind, thing),
    inputs: inputsOf(kind, thing, filledIn(call.oldInputs)),
  };
}

/** The thing that people import by something else than its id: a service by `cluster/service`. */
function importedBy({ cloud }: Stage, kind: KnownKind, asked: string, place: Place): KeptThing | undefined {
  const found = cloud
    .view()
    .all(kind.type, place)
    .find((thing) => kind.importedBy?.(thing) === asked);
  return found && cloud.find(kind.type, found.id, place);
}

/** Answers a function of the SDK. SIDE EFFECTS: writes the ledger. */
export function invoke(stage: Stage, token: string, args: HeldMap): HeldMap {
  const { cloud, config, part } = stage;
  const { functions } = part.provider;
  const answer = functions[token];
  if (answer === undefined) {
    const near = nearest(token, Object.keys(functions));
    const hint = near === undefined ? '' : ` Did you mean ${near}?`;
    throw new CutoverError('CUT-5301', { token, hint });
  }
  const region = args['region'] === undefined ? undefined : bare(args['region']);
  const place = { ...config.place, ...(typeof region === 'string' && { region }) };
  const result = answer(open(args).values, place, cloud.view());
  cloud.record({ operation: 'invoke', type: token, id: '', urn: '', ...place, outcome: 'done' });
  return result;
}
