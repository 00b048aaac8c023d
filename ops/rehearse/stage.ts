import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { processesWithEnvironment } from '@cutover/base/process-identity.ts';
import { openCloud, type Cloud } from '../twin/cloud.ts';
import { cloudFile } from '../twin/cloud-file.ts';
import { startAwsEndpoint } from '../twin/live/aws-endpoint.ts';
import { writeHolds, type EndpointHolds } from '../twin/live/holds.ts';
import { keepGroundProcess, type KeptGround } from '../twin/live/launch.ts';
import { putBoundary } from '../twin/put-boundary.ts';
import { putParameter } from '../twin/put-parameter.ts';
import { putTrailLog } from '../twin/put-trail-log.ts';
import { prepareTwin, type PreparedTwin } from '../twin/scratch.ts';
import { startCluster } from './clusters.ts';
import { liveEnvironment } from './live.ts';
import { startNode, type PlayedChain } from './nodes.ts';
import type { StandIns } from './stand-ins.ts';

/** Everything that a rehearsal plays on. */
export interface RehearsalStage {
  readonly twin: PreparedTwin;
  readonly cloud: Cloud;
  readonly nodes: readonly PlayedChain[];
  readonly env: NodeJS.ProcessEnv;
  /** Gives the stack another file for what comes next. */
  readonly describe: (stackFile: string) => Promise<void>;
  /** Ends everything that was started. */
  readonly end: () => Promise<void>;
  /** Lets nodes, and what is real, outlive us. */
  readonly leave: () => void;
}

/** How the stage is set. */
export interface StageOptions {
  readonly seed: string;
  /** Whether real things stand behind the cloud. */
  readonly live: boolean;
}

/**
 * Sets the stage in a folder: nodes, the twin, what people put there before the first update; with `live` the ground that
 * brings real things. SIDE EFFECTS: writes the folder, starts nodes and an endpoint on the loopback interface.
 */
export async function setStage(
  stack: string,
  folder: string,
  standIns: StandIns,
  { seed, live }: StageOptions,
): Promise<RehearsalStage> {
  const ends: (() => Promise<void> | void)[] = [];
  const end = async (): Promise<void> => {
    for (const each of ends.splice(0).reverse()) await each();
  };
  const describe = async (stackFile: string): Promise<PreparedTwin> =>
    prepareTwin(stack, { folder, account: standIns.account, seed, live, stackFile });
  try {
    const twin = await describe(standIns.text);
    const mark = { CUTOVER_TWIN: folder };
    const starting = [
      ...standIns.chains.map((chain) => startNode(chain, standIns, mark)),
      ...standIns.clusters.map((cluster) => startCluster(cluster, standIns, folder, mark)),
    ].map(async (started: Promise<PlayedChain>) => {
      const node = await started;
      ends.push(() => node.stop());
      return node;
    });
    const started = await Promise.allSettled(starting);
    const nodes = started.map((each) => {
      if (each.status === 'rejected') throw each.reason;
      return each.value;
    });
    const cloud = openCloud(folder);
    ends.push(() => cloud.close());
    if (standIns.bootstrapped !== undefined) {
      putBoundary(cloud, standIns.bootstrapped);
      putTrailLog(cloud, standIns.bootstrapped, standIns.home);
    }
    for (const { name, region, holds } of standIns.parameters) {
      const url = holds.kind === 'url of' ? nodes.find((node) => node.name === holds.chain)?.url : undefined;
      putParameter(cloud, { name, region, value: holds.kind === 'text' ? holds.value : (url ?? '') });
    }
    const holds: EndpointHolds = {
      secrets: new Map(standIns.secrets.map(({ name, value }) => [name, value])),
      keys: new Map(standIns.keys.map(({ alias, key }) => [alias, key])),
    };
    const ground = live ? await startLive(folder, holds, ends) : undefined;
    const endpointUrl =
      ground?.endpointUrl ??
      (await startAwsEndpoint(cloud, holds).then((endpoint) => {
        ends.push(() => endpoint.close());
        return endpoint.url;
      }));
    const journal = join(folder, 'journal');
    await mkdir(journal, { recursive: true, mode: 0o700 });
    const env = {
      ...twin.env,
      ...(live && liveEnvironment(folder)),
      AWS_ENDPOINT_URL: endpointUrl,
      AWS_REGION: standIns.region,
      // Without it a preview prints one document in the end, and no events.
      PULUMI_ENABLE_STREAMING_JSON_PREVIEW: 'true',
      // Transactions on these nodes are no part of the stack's own journal.
      CUTOVER_JOURNAL: journal,
    };
    const leave = (): void => {
      ground?.leave();
      nodes.forEach((node) => node.leave());
      cloud.close();
    };
    return { twin, cloud, nodes, env, describe: async (file) => void (await describe(file)), end, leave };
  } catch (error) {
    await end();
    throw error;
  }
}

/** Starts the ground, and the next one should it be killed; at the end it goes with all that it has brought. */
async function startLive(
  folder: string,
  holds: EndpointHolds,
  ends: (() => Promise<void> | void)[],
): Promise<KeptGround> {
  await writeHolds(folder, holds);
  const ground = await keepGroundProcess(folder);
  ends.push(() => ground.stop('go'));
  return ground;
}

/**
 * Removes what an earlier rehearsal left in a folder, and ends what it left running if it was killed. A folder that is no
 * scratch folder stays as it is. SIDE EFFECTS: ends processes, removes the folder.
 */
export async function clearStage(folder: string): Promise<void> {
  if (!existsSync(cloudFile(folder))) return;
  for (const pid of await processesWithEnvironment('CUTOVER_TWIN', folder)) {
    if (pid === process.pid) continue;
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended by itself.
    }
  }
  await rm(folder, { recursive: true, force: true });
}
