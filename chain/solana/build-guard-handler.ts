import { isDeepStrictEqual } from 'node:util';
import type { Handler } from '@cutover/base/dynamic.ts';
import type { BuildTool } from '../plan/solana/guards/build.ts';
import { programHash } from '../plan/solana/program-hash.ts';
import { readReviewed } from './prepare-program.ts';

/** What the engine keeps of a guard of a build. */
export interface BuildGuardInputs {
  readonly title: string;
  readonly artifact: string;
  readonly sha256: string;
  readonly tool?: BuildTool;
}

interface BuildGuardState extends BuildGuardInputs {
  /** Without zeros at the end, as explorers tell it. */
  readonly hash: string;
}

/** A reviewed build, as a managed resource: looked at in each preview and each update. */
export const handler: Handler<BuildGuardInputs, BuildGuardState> = {
  async check(_olds, news) {
    await pass(news);
    return {};
  },
  diff: (_id, olds, news) => Promise.resolve({ changes: !isDeepStrictEqual(inputsOf(olds), inputsOf(news)) }),
  create: async (inputs) => ({ id: `build:${inputs.artifact}`, outs: await pass(inputs) }),
  update: async (_id, _olds, news) => ({ outs: await pass(news) }),
  delete: () => Promise.resolve(),
};

/** Refuses a build that was not reviewed. SIDE EFFECTS: reads a file. */
async function pass(inputs: BuildGuardInputs): Promise<BuildGuardState> {
  return { ...inputsOf(inputs), hash: programHash(await readReviewed(inputs)) };
}

function inputsOf({ title, artifact, sha256, tool }: BuildGuardInputs): BuildGuardInputs {
  return { title, artifact, sha256, ...(tool === undefined ? {} : { tool }) };
}
