import type { Identity } from '@cutover/delivery/processes/process-table.ts';
import type { Cloud } from '../cloud.ts';
import type { WideView } from '../judge.ts';
import type { Place, Thing, Values } from '../kind.ts';

/** Which thing of the cloud a body stands behind. */
export interface BodyOf extends Place {
  readonly type: string;
  readonly id: string;
}

/** A name of the cloud, and the port of this machine behind it. */
export interface Address {
  readonly host: string;
  readonly port: number;
  readonly localPort: number;
}

/** What stands behind a thing once it was brought. */
export interface Standing {
  /** Its processes; none where the ground itself serves it. */
  readonly processes: readonly Identity[];
  readonly addresses: readonly Address[];
  /** What its kind wants to know again: ports, folders, revisions. Never a secret. */
  readonly notes: Values;
}

/**
 * How far a body is. `starting`: it is being brought or changed. `failed`: why is said; what stands nonetheless is listed
 * with it. It is tried again when its digest changes, when somebody asks for it anew, and when the ground begins.
 */
export type BodyState = 'starting' | 'ready' | 'failed';

/** A body as it is written down. */
export interface BodyRecord extends BodyOf, Standing {
  readonly state: BodyState;
  readonly why?: string;
  /** What it was made from. */
  readonly digest: string;
}

/** What real things stand behind things of one type, and how they come and go. */
export interface BodyKind {
  readonly type: string;
  /** How long bringing or changing one may take here; who waits for it gives up then. At least 60. */
  readonly seconds: number;
  /** Whether a thing has a body at all. @default each has one */
  wanted?(thing: Thing, view: WideView): boolean;
  /** A text of everything that matters to the body: another text is a change of it. Nothing secret: hash it. */
  digest(thing: Thing, view: WideView): string;
  /**
   * Makes what the thing is to have, again and again to the same end. `before` is what stands already: some of it may have
   * died, some may be as wanted, all of it may be adopted. An error is the state `failed` with its message for a why:
   * `BodyFailed` where something stands nonetheless, as after a rollback. SIDE EFFECTS: starts and ends processes.
   */
  bring(thing: Thing, ground: Ground, before?: BodyRecord): Promise<Standing>;
  /** Takes away all that stands, again and again to the same end. The thing itself is gone. */
  remove(record: BodyRecord, ground: Ground): Promise<void>;
  /** Whether it still stands; asked about once a second. One that does not is brought anew, with itself as `before`. */
  alive(record: BodyRecord): Promise<boolean>;
}

/** Why a body could not be brought, where something stands nonetheless: the release before, say. */
export class BodyFailed extends Error {
  readonly standing: Standing;

  constructor(message: string, standing: Standing) {
    super(message);
    this.name = 'BodyFailed';
    this.standing = standing;
  }
}

/** A program that is started for a body. It outlives the ground. */
export interface KeptProgram {
  readonly file: string;
  readonly args: readonly string[];
  /** Added to the little that every process gets (delivery's smallEnvironment). */
  readonly environment: Readonly<Record<string, string>>;
  readonly workingFolder: string;
  /** Where its standard output and error are appended. */
  readonly log: string;
  /** Run as this user and not as root. */
  readonly user?: { readonly uid: number; readonly gid: number };
}

/** A program that was started. */
export interface KeptProcess extends Identity {
  /** How it ended, in words, once it has: `exit code 1`, `signal SIGKILL`. Only the ground that started it hears of it. */
  readonly ended: Promise<string>;
}

/** Signs certificates for names of the cloud, with a certificate authority of the rehearsal. */
export interface Authority {
  /** The file of the authority's own certificate, PEM. */
  readonly file: string;
  /** A certificate for names and its key, PEM. The same names give the same one while it is valid. */
  issue(names: readonly string[]): Promise<{ readonly certificate: string; readonly key: string }>;
}

/** Where bodies stand, and what they are made with. */
export interface Ground {
  /** The twin's folder. */
  readonly folder: string;
  readonly cloud: Cloud;
  readonly authority: Authority;
  /** Where AWS's own APIs answer: AWS_ENDPOINT_URL of the processes. */
  readonly endpointUrl: string;
  /** A folder for a body, made where it is missing, 0700. It goes with `remove` of the ground, after that of the kind. */
  folderOf(body: BodyOf): Promise<string>;
  /** What stands behind things now, those that the ground itself serves among them. */
  bodies(): readonly BodyRecord[];
  /** All addresses of bodies that stand. */
  addresses(): readonly Address[];
  /** A file with all addresses as JSON, `[{ host, port, localPort }]`, kept as they are; processes find others by it. */
  readonly addressesFile: string;
  /** A free port of the loopback interface; the one that was had before, if it is free or comes free in a moment. */
  freePort(before?: number): Promise<number>;
  /**
   * Starts a program that outlives the ground, in a session of its own. Its environment says whose it is
   * (CUTOVER_TWIN, CUTOVER_BODY), so that the next ground finds what this one could not write down any more.
   */
  spawnKept(body: BodyOf, program: KeptProgram): Promise<KeptProcess>;
  /** Ends processes: the signal, so many seconds, then SIGKILL. One whose pid another has by now is left alone. */
  stop(processes: readonly Identity[], signal?: NodeJS.Signals, seconds?: number): Promise<void>;
  /** A line into the ground's log, FOLDER/live/ground.log, with the time. Nothing secret. */
  log(line: string): void;
}
