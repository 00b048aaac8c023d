import { mkdir, rm } from 'node:fs/promises';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { writeFileAtomic } from '@cutover/base/atomic-file.ts';
import { messageOf } from '@cutover/base/errors.ts';
import { processStartTime } from '@cutover/base/process-identity.ts';
import { hexOf } from '../services/values.ts';
import type { Cloud } from '../cloud.ts';
import { addressesOf, liveFolder, openBodies, type Bodies, type KeptBody } from './bodies.ts';
import {
  BodyFailed,
  type Authority,
  type BodyKind,
  type BodyOf,
  type Ground,
  type Standing,
} from './body.ts';
import { bodyKey, gone, planBodies, type BodyStep, type WantedBody } from './plan.ts';
import { freePortLike, processesOf, spawnKept, stopProcesses } from './processes.ts';

/** What a ground is made with. */
export interface GroundParts {
  readonly cloud: Cloud;
  readonly kinds: readonly BodyKind[];
  readonly authority: Authority;
  readonly endpointUrl: string;
}

/** A ground that works. */
export interface RunningGround {
  readonly ground: Ground;
  /** Ends the work, not the bodies: the next ground takes them over. */
  stop(): Promise<void>;
}

const lookEvery = 100;
const lookAtLeastEvery = 1000;
// What takes longer is left as after a crash, and the next ground does it again.
const longestEnd = 10_000;

/**
 * Brings what stands in line with the twin's cloud, again and again, as the control planes of AWS do. What an earlier
 * ground has brought is taken over; what it started and could not write down is ended. There is one ground at a time:
 * the caller sees to that. SIDE EFFECTS: starts and ends processes; writes the twin's folder.
 */
export async function startGround(folder: string, parts: GroundParts): Promise<RunningGround> {
  const { cloud, kinds } = parts;
  const bodies = openBodies(folder);
  const ground = groundOf(folder, parts, bodies);
  const work = workOf(ground, bodies, kinds);
  const known = new Set(bodies.list().flatMap(({ processes }) => processes.map(({ pid }) => pid)));
  const strays = (await processesOf(folder)).filter(({ pid }) => !known.has(pid));
  await stopProcesses(strays, 'SIGINT', 3);
  await writeAddresses(ground);
  bodies.begin({ pid: process.pid, started: (await processStartTime(process.pid)) ?? '' }, kinds);
  ground.log(`begins with ${kinds.map(({ type }) => type).join(', ') || 'no kinds'}`);
  let ends = false;
  const looking = (async () => {
    let [seen, lastLook] = ['', 0];
    while (!ends) {
      const now = `${cloud.lastCall()} ${bodies.version()} ${work.finished()}`;
      if (now !== seen || Date.now() - lastLook >= lookAtLeastEvery) {
        [seen, lastLook] = [now, Date.now()];
        await work.look().catch((error: unknown) => ground.log(`cannot look: ${messageOf(error)}`));
      }
      await sleep(lookEvery);
    }
  })();
  return {
    ground,
    stop: async () => {
      ends = true;
      await looking;
      await Promise.race([work.pause(), sleep(longestEnd, undefined, { ref: false })]);
      bodies.close();
    },
  };
}

function groundOf(folder: string, { cloud, authority, endpointUrl }: GroundParts, bodies: Bodies): Ground {
  const live = liveFolder(folder);
  return {
    ...{ folder, cloud, authority, endpointUrl },
    folderOf: async (body) => {
      const path = folderOfBody(folder, body);
      await mkdir(path, { recursive: true, mode: 0o700 });
      return path;
    },
    bodies: () => bodies.list(),
    addresses: () => addressesOf(bodies.list()),
    addressesFile: join(live, 'addresses.json'),
    freePort: freePortLike,
    spawnKept: (body, program) => spawnKept(folder, body, program),
    stop: stopProcesses,
    log: (line) => appendFileSync(join(live, 'ground.log'), `${new Date().toISOString()} ${line}\n`),
  };
}

/** The folder of a body: readable, and another for each. */
export function folderOfBody(folder: string, body: BodyOf): string {
  const [, service = ''] = body.type.split(/[:/]/);
  const name = body.id.replaceAll(/[^\w-]+/g, '-').slice(-40);
  return join(liveFolder(folder), 'bodies', `${service}-${name}-${hexOf(bodyKey(body), 8)}`);
}

async function writeAddresses(ground: Ground, instead?: { of: BodyOf; standing: Standing }): Promise<void> {
  const others = ground
    .bodies()
    .filter((body) => instead === undefined || bodyKey(body) !== bodyKey(instead.of));
  const all = [...addressesOf(others), ...(instead?.standing.addresses ?? [])];
  await writeFileAtomic(ground.addressesFile, `${JSON.stringify(all, undefined, 2)}\n`, 0o600);
}

const reasons = {
  new: 'it is new',
  changed: 'it is to be another',
  died: 'something of it has ended',
  asked: 'somebody asks for it again',
} as const;

/** The work of a ground, a step for each body at a time. */
function workOf(ground: Ground, bodies: Bodies, kinds: readonly BodyKind[]) {
  const byType = new Map(kinds.map((kind) => [kind.type, kind]));
  const busy = new Map<string, Promise<void>>();
  let isFirstLook = true;
  let finished = 0;
  let writing = Promise.resolve();
  // One after the other: each writes the whole file.
  const tellAddresses = (of: BodyOf, standing: Standing): Promise<void> => {
    writing = writing.catch(() => undefined).then(() => writeAddresses(ground, { of, standing }));
    return writing;
  };

  const bring = async (of: WantedBody): Promise<void> => {
    const kind = byType.get(of.type);
    const thing = ground.cloud.find(of.type, of.id, of);
    // It went meanwhile: the next look removes the body.
    if (kind === undefined || thing === undefined) return;
    const before = bodies.find(of);
    const digest = kind.digest(thing, ground.cloud.view());
    try {
      const standing = await kind.bring(thing, ground, before);
      await tellAddresses(of, standing);
      bodies.put(of, { state: 'ready', digest, standing });
      ground.log(`${of.type} ${of.id} is ready`);
    } catch (error) {
      const why = messageOf(error);
      const standing = error instanceof BodyFailed ? error.standing : undefined;
      if (standing !== undefined) await tellAddresses(of, standing);
      bodies.put(of, { state: 'failed', why, digest, ...(standing !== undefined && { standing }) });
      ground.log(`${of.type} ${of.id} failed: ${why}`);
    }
  };

  const remove = async (of: BodyOf): Promise<void> => {
    const body = bodies.find(of);
    if (body === undefined) return;
    try {
      await byType.get(of.type)?.remove(body, ground);
      await ground.stop(body.processes);
      await rm(folderOfBody(ground.folder, of), { recursive: true, force: true });
      await tellAddresses(of, { processes: [], addresses: [], notes: {} });
      bodies.drop(of);
      ground.log(`${of.type} ${of.id} is gone`);
    } catch (error) {
      const why = messageOf(error);
      bodies.put(of, { state: 'failed', why, digest: gone });
      ground.log(`${of.type} ${of.id} could not be removed: ${why}`);
    }
  };

  const take = (step: BodyStep): void => {
    const key = bodyKey(step.of);
    ground.log(
      step.do === 'bring'
        ? `${step.of.type} ${step.of.id} is brought: ${reasons[step.because]}`
        : `${step.of.type} ${step.of.id} is removed`,
    );
    const done = (step.do === 'bring' ? bring(step.of) : remove(step.of)).catch((error: unknown) =>
      ground.log(`${key}: ${messageOf(error)}`),
    );
    busy.set(
      key,
      done.finally(() => {
        busy.delete(key);
        finished++;
      }),
    );
  };

  return {
    finished: () => finished,
    /** One look at the cloud, and the steps that it asks for. SIDE EFFECTS: those of the steps, which go on after it. */
    look: async (): Promise<void> => {
      const alive = new Map(
        await Promise.all(
          bodies.list().map(async (body) => {
            const stands = busy.has(bodyKey(body)) || (await isAlive(byType.get(body.type), body));
            return [bodyKey(body), stands] as const;
          }),
        ),
      );
      // From here on nothing else runs until the look is written down.
      const call = ground.cloud.lastCall();
      const wanted = wantedOf(ground, kinds);
      const standing = bodies.list();
      const steps = planBodies(
        wanted,
        standing.map((body) => {
          const key = bodyKey(body);
          // What failed is tried again by each ground that begins.
          const asked = body.askedAfter > body.triedAfter || isFirstLook;
          return { ...body, asked, alive: alive.get(key) ?? true, busy: busy.has(key) };
        }),
      );
      isFirstLook = false;
      bodies.look(call, lookOf(steps, wanted, standing));
      steps.forEach(take);
    },
    /** Waits for what is under way. */
    pause: async (): Promise<void> => void (await Promise.all(busy.values())),
  };
}

async function isAlive(kind: BodyKind | undefined, body: KeptBody): Promise<boolean> {
  return kind !== undefined && kind.alive(body).catch(() => false);
}

function wantedOf({ cloud }: Ground, kinds: readonly BodyKind[]): readonly WantedBody[] {
  const view = cloud.view();
  return kinds.flatMap((kind) =>
    view
      .everywhere(kind.type)
      .filter((thing) => kind.wanted?.(thing, view) ?? true)
      .map((thing) => {
        const { type, id, account, region, createdMs } = thing;
        return { type, id, account, region, createdMs, digest: kind.digest(thing, view) };
      }),
  );
}

function lookOf(
  steps: readonly BodyStep[],
  wanted: readonly WantedBody[],
  standing: readonly KeptBody[],
): Parameters<Bodies['look']>[1] {
  const digests = new Map(wanted.map((each) => [bodyKey(each), each]));
  const taken = new Set(steps.map(({ of }) => bodyKey(of)));
  return {
    brought: steps.flatMap((step) => (step.do === 'bring' ? [step.of] : [])),
    removed: steps.flatMap((step) => (step.do === 'remove' ? [step.of] : [])),
    kept: standing
      .filter((body) => !taken.has(bodyKey(body)))
      .map((body) => {
        const now = digests.get(bodyKey(body));
        return { ...body, wanted: now?.createdMs === body.createdMs ? now.digest : gone };
      }),
  };
}
