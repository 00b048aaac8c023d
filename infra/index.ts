import * as pulumi from '@pulumi/pulumi';
import { CutoverError } from '@cutover/base/errors.ts';
import { encryptedKeys, readConfig } from './config.ts';
import { localFoundations } from './foundations.ts';
import type { SystemReport } from './report.ts';

// Pulumi takes a stack trace for every promise and maps each through source maps. There are none here, Node strips the
// types in place: without the mapping an update takes 15 % less time, and the traces are the same.
Reflect.deleteProperty(Error, 'prepareStackTrace');

// Config: everything that is wrong with it is said here, before anything is registered.
const stack = pulumi.getStack();
const config = await refusing(() =>
  readConfig(pulumi.runtime.allConfig(), { stack, encrypted: encryptedKeys() }),
);

// Foundations: what systems share. Each part is started when the first system asks for it.
const foundations = localFoundations(config);
// Loaded only where there is a cloud: its SDK is large.
const cloud = config.aws === undefined ? undefined : (await import('./cloud.ts')).cloudFoundations(config);
cloud?.watchAccount();

// Systems: one page each, loaded where it is enabled. A sixth is one file beside these and one line here.
const described = {
  metaAggregator: async () => (await import('./systems/meta-aggregator.ts')).metaAggregator,
  gemforce: async () => (await import('./systems/gemforce.ts')).gemforce,
  godark: async () => (await import('./systems/godark.ts')).godark,
  coinestate: async () => (await import('./systems/coinestate.ts')).coinestate,
  sop138: async () => (await import('./systems/sop-138.ts')).sop138,
};

type Name = keyof typeof described;
const enabled = (Object.keys(described) as Name[]).filter((name) => config.systems[name].enabled);
const isOnChain = (name: Name): boolean => name !== 'godark' || config.systems.godark.programs !== undefined;
if (foundations === undefined && !enabled.some(isOnChain))
  throw refusal(new CutoverError('CUT-5106', { stack }));

// Outputs: what was deployed, where to look, what to try.
export const environment = config.environment;
export const systems: Record<string, pulumi.Output<SystemReport>> = Object.fromEntries(
  await refusing(() =>
    Promise.all(
      enabled.map(async (name) => {
        const describe = await described[name]();
        return [name, await describe(config, foundations, cloud)] as const;
      }),
    ),
  ),
);

/** The engine prints a RunError as it is, and anything else with a stack trace that nobody asked for. */
function refusal(error: CutoverError): pulumi.RunError {
  return new pulumi.RunError(error.message);
}

async function refusing<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof CutoverError ? refusal(error) : error;
  }
}
