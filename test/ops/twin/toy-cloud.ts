import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { CheckAnswer } from '../../../ops/twin/check-resource.ts';
import { cloudFile, makeCloudFile } from '../../../ops/twin/cloud-file.ts';
import type { Bodies } from '../../../ops/twin/live/bodies.ts';
import { openCloud, type Cloud } from '../../../ops/twin/cloud.ts';
import type { HeldMap } from '../../../ops/twin/held.ts';
import { twinMark } from '../../../ops/twin/provider-config.ts';
import { hold } from '../../../ops/twin/protocol/values.ts';
import { playProvider, type PlayedProvider } from '../../../ops/twin/provider.ts';
import type { Part } from '../../../ops/twin/providers.ts';
import { part as toyPart } from './toy-part.ts';

/** A provider on a cloud of its own, which goes when the test ends. */
export interface Toy {
  readonly cloud: Cloud;
  readonly provider: PlayedProvider;
  /** Seconds that were waited for, one entry a wait. */
  readonly waits: readonly number[];
  /** Checks and creates a resource, as an update does. */
  readonly make: (
    type: string,
    name: string,
    args: HeldMap,
  ) => Promise<{ id: string; properties: HeldMap; inputs: HeldMap }>;
  /** The arguments as the provider gives them back. */
  readonly check: (type: string, name: string, news: HeldMap, olds?: HeldMap) => CheckAnswer;
}

/** Thrown where the plugin would end. */
export class Died extends Error {}

/** Makes a cloud in a folder of its own, and a provider on it. */
export function toy(
  config: HeldMap = {},
  options: {
    readonly timeScale?: number;
    readonly part?: Part;
    /** What really stands behind things. */
    readonly bodies?: Bodies;
    /** What happens while the provider waits; false is the engine giving up. */
    readonly meanwhile?: (seconds: number) => Promise<boolean>;
  } = {},
): Toy {
  const folder = mkdtempSync(join(tmpdir(), 'twin-test-'));
  makeCloudFile(cloudFile(folder), { account: '111111111111', seed: 's', timeScale: options.timeScale ?? 0 });
  const cloud = openCloud(folder);
  onTestFinished(() => {
    cloud.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const waits: number[] = [];
  const provider = playProvider(options.part ?? toyPart, {
    ...{ cloud, env: {}, hold },
    ...(options.bodies !== undefined && { bodies: options.bodies }),
    wait: (seconds) => {
      waits.push(seconds);
      return options.meanwhile?.(seconds) ?? Promise.resolve(true);
    },
    die: () => {
      throw new Died('the plugin has ended');
    },
  });
  provider.configure(
    { region: 'us-east-1', ...config, [twinMark]: 'true' },
    'urn:pulumi:test::p::pulumi:providers:aws::a',
  );
  const check: Toy['check'] = (type, name, news, olds = {}) =>
    provider.check({ ...named(type, name), olds, news, seed: Buffer.from(name) });
  return {
    ...{ cloud, provider, waits, check },
    make: async (type, name, args) => {
      const { inputs, failures } = check(type, name, args);
      if (failures.length > 0) throw new Error(failures.map(({ reason }) => reason).join('\n'));
      const made = await provider.create({ ...named(type, name), inputs, preview: false, timeoutSeconds: 0 });
      return { ...made, inputs };
    },
  };
}

/** A resource of the program. */
export function named(type: string, name: string): { urn: string; type: string; name: string } {
  return { urn: `urn:pulumi:test::p::${type}::${name}`, type, name };
}
