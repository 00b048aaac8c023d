import { CutoverError } from '@cutover/base/errors.ts';
import { ApiError } from './api-error.ts';
import { checkResource, type CheckAnswer, type CheckCall } from './check-resource.ts';
import {
  createResource,
  deleteResource,
  diffResource,
  updateResource,
  type CreateCall,
  type DeleteCall,
  type DiffCall,
  type UpdateCall,
} from './change-resource.ts';
import type { Cloud } from './cloud.ts';
import { difference, type Difference } from './diff.ts';
import { faultOf, parseRule } from './faults.ts';
import type { Held, HeldMap } from './held.ts';
import type { Bodies } from './live/bodies.ts';
import { checkConfig, configured, readConfig, twinMark } from './provider-config.ts';
import type { Part } from './providers.ts';
import { invoke, readResource, type ReadAnswer, type ReadCall } from './read-resource.ts';
import type { Stage } from './stage.ts';

/** A provider as the engine sees it, in plain values. */
export interface PlayedProvider {
  checkConfig(olds: HeldMap, news: HeldMap): CheckAnswer;
  diffConfig(olds: HeldMap, news: HeldMap): Difference;
  configure(args: HeldMap, urn: string): void;
  check(call: CheckCall): CheckAnswer;
  diff(call: DiffCall): Difference;
  create(call: CreateCall): ReturnType<typeof createResource>;
  read(call: ReadCall): Promise<ReadAnswer | undefined>;
  update(call: UpdateCall): Promise<HeldMap>;
  delete(call: DeleteCall): Promise<void>;
  invoke(token: string, args: HeldMap): HeldMap;
}

/** What the world gives the provider. */
export interface World {
  readonly cloud: Cloud;
  readonly env: NodeJS.ProcessEnv;
  /** What really stands behind things, where it is to. */
  readonly bodies?: Bodies;
  readonly wait: Stage['wait'];
  readonly die: Stage['die'];
  /** Gives values that come as JSON in text their marks. */
  readonly hold: (json: unknown) => Held;
}

/**
 * Plays one provider: everything that the engine asks, answered from its kinds, its table and the cloud. It works on
 * what it is configured with; a state without the twin's mark was made by the real provider and is refused.
 */
export function playProvider(part: Part, { cloud, env, bodies, wait, die, hold }: World): PlayedProvider {
  const { name, kinds } = part.provider;
  const facts = part.table.types[`pulumi:providers:${name}`];
  let stage: Stage | undefined;
  const onStage = (): Stage => {
    if (stage === undefined) throw new CutoverError('CUT-5310', { stack: 'this stack', provider: name });
    return stage;
  };
  return {
    checkConfig: (olds, news) => {
      refuseUnmarked(name, olds);
      const inputs = { ...news, [twinMark]: 'true' };
      return { inputs, failures: checkConfig(readConfig(news, facts, hold), facts) };
    },
    diffConfig: (olds, news) => {
      refuseUnmarked(name, olds);
      return difference({ facts: noFacts }, olds, news);
    },
    configure: (args, urn) => {
      if (args[twinMark] === undefined) {
        throw new CutoverError('CUT-5310', { stack: stackOf(urn), provider: name });
      }
      const config = readConfig(args, facts, hold);
      failWhereToldTo(cloud, name, urn);
      stage = {
        ...{ part, cloud, wait, die },
        ...(bodies !== undefined && { bodies }),
        kinds: new Map(kinds.map((kind) => [kind.type, kind])),
        known: new Map(),
        config: configured(name, part.regional, config, cloud.settings.account, env),
      };
    },
    check: (call) => checkResource(onStage(), call),
    diff: (call) => diffResource(onStage(), call),
    create: async (call) => createResource(onStage(), call),
    read: async (call) => readResource(onStage(), call),
    update: async (call) => updateResource(onStage(), call),
    delete: async (call) => deleteResource(onStage(), call),
    invoke: (token, args) => invoke(onStage(), token, args),
  };
}

const noFacts = { inputs: {}, outputs: {}, replaces: [], secret: [] };

/** Inputs of a provider that are there without the mark are those of the real one. */
function refuseUnmarked(name: string, olds: HeldMap): void {
  if (Object.keys(olds).length === 0 || olds[twinMark] !== undefined) return;
  throw new CutoverError('CUT-5310', { stack: 'this stack', provider: name });
}

/** Credentials that have expired, say: `configure * before ExpiredToken`. */
function failWhereToldTo(cloud: Cloud, name: string, urn: string): void {
  const type = `pulumi:providers:${name}`;
  const count = cloud.calls('configure', urn) + 1;
  const rules = cloud.faults().map(parseRule);
  const fault = faultOf({ operation: 'configure', type, urn, count }, rules, cloud.settings.seed);
  if (fault === undefined) return;
  const code = 'code' in fault && fault.code !== undefined ? fault.code : 'InternalFailure';
  const { account } = cloud.settings;
  cloud.record({ operation: 'configure', type, id: '', urn, account, region: '', outcome: 'failed', code });
  throw new ApiError(
    code,
    `configuring the provider: validating provider credentials: retrieving caller identity from STS: operation error STS: GetCallerIdentity, https response error StatusCode: 403, api error ${code}: The security token included in the request is not valid`,
  );
}

function stackOf(urn: string): string {
  return /^urn:pulumi:([^:]+)::/.exec(urn)?.[1] ?? 'this stack';
}
