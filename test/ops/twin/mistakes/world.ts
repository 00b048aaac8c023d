import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cloudFile, makeCloudFile } from '../../../../ops/twin/cloud-file.ts';
import { openCloud, type Cloud } from '../../../../ops/twin/cloud.ts';
import { bare, type HeldMap } from '../../../../ops/twin/held.ts';
import { hold } from '../../../../ops/twin/protocol/values.ts';
import { twinMark } from '../../../../ops/twin/provider-config.ts';
import { playProvider, type PlayedProvider } from '../../../../ops/twin/provider.ts';
import type { Part } from '../../../../ops/twin/providers.ts';

/** A resource of the world. */
export interface Made {
  readonly type: string;
  readonly name: string;
  readonly id: string;
  readonly inputs: HeldMap;
  readonly properties: HeldMap;
}

/** A cloud with something in it, and the provider that works on it. */
export interface World {
  readonly cloud: Cloud;
  readonly provider: PlayedProvider;
  /** Makes a resource; refused ones are an error. */
  readonly make: (type: string, name: string, args: HeldMap) => Promise<Made>;
  /** Changes a resource in place. */
  readonly change: (name: string, args: HeldMap) => Promise<void>;
  readonly remove: (name: string) => Promise<void>;
  /** The id, or another output, of a resource by its name. */
  readonly of: (name: string, output?: string) => string;
  readonly made: (name: string) => Made;
  readonly list: () => readonly Made[];
}

export const account = '123456789012';

/** Keeps one cloud, and gives as many copies of it as are asked for; `close` removes them all. */
export interface Worlds {
  readonly copy: () => World;
  readonly close: () => void;
}

/** Makes a cloud once, by `build`. SIDE EFFECTS: writes a folder below that of temporary files. */
export async function makeWorlds(part: Part, build: (world: World) => Promise<void>): Promise<Worlds> {
  const root = mkdtempSync(join(tmpdir(), 'twin-mistakes-'));
  const original = join(root, 'original');
  makeCloudFile(cloudFile(original), { account, seed: 's', timeScale: 0 });
  const kept = new Map<string, Made>();
  const first = openWorld(original, part, kept);
  await build(first);
  // What is written is in the file itself when it is closed.
  first.cloud.close();
  const open: Cloud[] = [];
  return {
    copy: () => {
      const folder = join(root, `copy-${open.length}`);
      cpSync(original, folder, { recursive: true });
      const world = openWorld(folder, part, new Map(kept));
      open.push(world.cloud);
      return world;
    },
    close: () => {
      for (const cloud of open) cloud.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** A resource of the program. */
export function named(type: string, name: string): { urn: string; type: string; name: string } {
  return { urn: `urn:pulumi:test::p::${type}::${name}`, type, name };
}

function openWorld(folder: string, part: Part, kept: Map<string, Made>): World {
  const cloud = openCloud(folder);
  const die = (): never => {
    throw new Error('the plugin has ended');
  };
  const provider = playProvider(part, { cloud, env: {}, hold, wait: () => Promise.resolve(true), die });
  provider.configure(
    { region: 'us-east-1', [twinMark]: 'true' },
    'urn:pulumi:test::p::pulumi:providers:aws::a',
  );
  const checked = (type: string, name: string, news: HeldMap, olds: HeldMap = {}): HeldMap => {
    const call = { ...named(type, name), olds, news, seed: Buffer.from(name) };
    const { inputs, failures } = provider.check(call);
    if (failures.length > 0) throw new Error(failures.map(({ reason }) => reason).join('\n'));
    return inputs;
  };
  const made: World['made'] = (name) => {
    const found = kept.get(name);
    if (found === undefined) throw new Error(`the world has no ${name}`);
    return found;
  };
  return {
    ...{ cloud, provider, made, list: () => [...kept.values()] },
    make: async (type, name, args) => {
      const inputs = checked(type, name, args);
      const answer = await provider.create({
        ...named(type, name),
        ...{ inputs, preview: false, timeoutSeconds: 0 },
      });
      const result = { type, name, inputs, ...answer };
      kept.set(name, result);
      return result;
    },
    change: async (name, args) => {
      const { type, id, inputs, properties } = made(name);
      const news = checked(type, name, { ...inputs, ...args }, inputs);
      const call = { ...named(type, name), id, olds: properties, oldInputs: inputs, news };
      const changed = await provider.update({ ...call, preview: false, timeoutSeconds: 0 });
      kept.set(name, { type, name, id, inputs: news, properties: changed });
    },
    remove: async (name) => {
      const { type, id, properties } = made(name);
      await provider.delete({ ...named(type, name), id, olds: properties, timeoutSeconds: 0 });
    },
    of: (name, output = 'id') => {
      const { id, properties } = made(name);
      const value = output === 'id' ? id : bare(properties[output] ?? '');
      if (typeof value !== 'string' || value === '') throw new Error(`${name} has no ${output}`);
      return value;
    },
  };
}
