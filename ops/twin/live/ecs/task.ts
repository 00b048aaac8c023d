import { mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Identity } from '@cutover/delivery/processes/process-table.ts';
import type { Place } from '../../kind.ts';
import { liveFolder } from '../bodies.ts';
import type { Barred } from '../network/barred.ts';

/** A container of a task, as a process. */
export interface TaskContainer {
  readonly name: string;
  readonly essential: boolean;
  /** Its port in the cloud, and that of this machine. */
  readonly port?: { readonly cloud: number; readonly local: number };
  readonly log?: { readonly region: string; readonly group: string; readonly stream: string };
  readonly process?: Identity;
  readonly exitCode?: number;
  readonly reason?: string;
}

/** Where tasks are put in the network. */
export interface TaskNetwork {
  readonly subnets: readonly string[];
  readonly groups: readonly string[];
  /** Whether each gets an address of the internet. */
  readonly isPublic: boolean;
}

/** A task of ECS, as it is written down: it outlives the ground. */
export interface Task extends Place {
  readonly id: string;
  readonly arn: string;
  /** ARNs of the cluster and of the definition. */
  readonly cluster: string;
  readonly definition: string;
  /** The ARN of its service; none for one that runs once. */
  readonly service?: string;
  /** Where it was put, if it was said: one of a service is where its service is. */
  readonly network?: TaskNetwork;
  readonly startedBy: string;
  /** Starts it once for a token. */
  readonly token?: string;
  /** The target groups that it answers in. */
  readonly targetGroups: readonly string[];
  readonly status: 'PENDING' | 'RUNNING' | 'STOPPED';
  readonly createdMs: number;
  readonly stoppedMs?: number;
  readonly stopCode?: string;
  readonly stoppedReason?: string;
  readonly containers: readonly TaskContainer[];
}

/** The tasks of a twin's folder, a file each. */
export interface TaskFiles {
  load(): readonly Task[];
  save(task: Task): void;
  remove(id: string): void;
  /** Where a process writes how it ended. */
  exitFile(id: string, container: string): string;
  /** What was written there. */
  exitCode(id: string, container: string): number | undefined;
  /** Where the processes of a task read which names they cannot connect to. */
  barredFile(id: string): string;
  writeBarred(id: string, barred: readonly Barred[]): void;
}

/** Opens the tasks of a folder. SIDE EFFECTS: reads and writes files. */
export function openTaskFiles(folder: string): TaskFiles {
  const place = join(liveFolder(folder), 'tasks');
  mkdirSync(place, { recursive: true, mode: 0o700 });
  const exitFile = (id: string, container: string): string =>
    join(place, `${id}.${encodeURIComponent(container)}.exit`);
  const barredFile = (id: string): string => join(place, `${id}.barred`);
  // Whole or not at all.
  const write = (file: string, value: unknown): void => {
    writeFileSync(`${file}.tmp`, JSON.stringify(value), { mode: 0o600 });
    renameSync(`${file}.tmp`, file);
  };
  return {
    load: () =>
      readdirSync(place)
        .filter((name) => name.endsWith('.json'))
        .map((name) => JSON.parse(readFileSync(join(place, name), 'utf8')) as Task),
    save: (task) => write(join(place, `${task.id}.json`), task),
    remove: (id) => {
      for (const name of readdirSync(place)) if (name.startsWith(`${id}.`)) rmSync(join(place, name));
    },
    ...{ exitFile, barredFile },
    writeBarred: (id, barred) => write(barredFile(id), barred),
    exitCode: (id, container) => {
      try {
        const code = Number(readFileSync(exitFile(id, container), 'utf8'));
        return Number.isInteger(code) ? code : undefined;
      } catch {
        return undefined;
      }
    },
  };
}
