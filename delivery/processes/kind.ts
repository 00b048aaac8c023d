import type { Answer, MissingSecret } from '../plan/process.ts';
import type { PortUse, ProcessDefinition } from '../plan/process-definition.ts';
import type { SecretRef } from '@cutover/base/secrets.ts';
import type { ProcessFolder } from './folder.ts';

/** A process where it stands: what it is, and where its files are. */
export interface Place<D extends ProcessDefinition = ProcessDefinition> {
  readonly stack: string;
  readonly name: string;
  readonly ports: readonly PortUse[];
  readonly definition: D;
  readonly folder: ProcessFolder;
}

/** How a process is started. */
export interface Launch {
  readonly file: string;
  readonly args: readonly string[];
  /** Added to the little that every process gets. Nothing secret. */
  readonly environment: Readonly<Record<string, string>>;
  readonly workingFolder: string;
  /** What runs, by name: `anvil`, `mongod`, `ferretdb`. */
  readonly engine: string;
  readonly version: string;
  /** Run as this user and not as root. */
  readonly user?: { readonly uid: number; readonly gid: number };
}

/** A secret of a process, and when a new one is taken up. */
export interface OwnSecret extends Pick<MissingSecret, 'takenUp'> {
  readonly ref: SecretRef;
}

/** What Cutover knows of one kind of process. */
export interface Kind<D extends ProcessDefinition> {
  /** Refuses with what to do when its program is not there. Called at preview, and cheap. */
  locate(definition: D, name: string): Promise<void>;
  /** Makes data and config ready, again and again to the same end. SIDE EFFECTS: writes in the process's folder. */
  prepare(place: Place<D>): Promise<Launch>;
  /** Asks it something in its own protocol. */
  probe(place: Pick<Place<D>, 'ports' | 'definition'>, timeout: number): Promise<Answer>;
  /** Work on the running process, again and again to the same end. */
  settle?(place: Place<D>): Promise<void>;
  /** The secrets that are made for it when their files are missing. */
  secrets(definition: D): readonly OwnSecret[];
  /** Asks it to end in order. */
  readonly stopSignal: 'SIGTERM' | 'SIGINT';
  /** How long its start may take, in seconds, on a slow machine and with a long log to recover. */
  readonly startSeconds: number;
  /** How often it is started before that is an error: more than once where a start is known to hang. @default 1 */
  readonly starts?: number;
}
