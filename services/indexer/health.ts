import type { FollowerStatus } from './follower.ts';
import type { TailStatus } from './tail.ts';

/** The health report: in GoDark's shape, with what an indexer has to say beside it. */
export interface HealthReport {
  readonly status: 'HEALTHY' | 'DEGRADED';
  readonly checks: readonly {
    readonly service: string;
    readonly healthy: boolean;
    readonly error?: string;
  }[];
  readonly indexer: {
    readonly role: FollowerStatus['role'];
    readonly head: number | undefined;
    readonly indexed: number | undefined;
    /** Blocks that are still to be read. */
    readonly lag: number | undefined;
    /** When the node's newest block was mined. */
    readonly lastBlockAt: string | undefined;
    readonly sequence: number;
    readonly epoch: number | undefined;
    readonly clients: number;
  };
  readonly timestamp: number;
}

export interface HealthFacts {
  readonly follower: FollowerStatus;
  readonly tail: TailStatus;
  readonly sequence: number;
  readonly clients: number;
  /** More blocks behind than this is not healthy. */
  readonly mostLag: number;
  /** Milliseconds of this process, and of the calendar. */
  readonly now: number;
  readonly date: number;
}

// A few polls may fail before it is said.
const NODE_SILENCE_MS = 15_000;

/** Says how an indexer is. A standby is healthy when it could take over, so that a rolling update can go on. */
export function healthReport(facts: HealthFacts): HealthReport {
  const { follower, tail, now } = facts;
  const { head, nodeAnsweredAt } = follower;
  const silent = nodeAnsweredAt === undefined || now - nodeAnsweredAt > NODE_SILENCE_MS;
  const lag =
    head === undefined || tail.block === undefined ? undefined : Math.max(0, head.number - tail.block);
  // Nothing is read yet where the first block of all contracts is still to come.
  const isBehind = lag !== undefined && lag > facts.mostLag;
  const checks = [
    check('Database', !tail.answered && 'the database does not answer, or is not migrated'),
    check('EVM node', silent && 'the node does not answer as it should'),
    check('Follower', isBehind && `${lag} blocks behind the node`),
  ];
  return {
    status: checks.every(({ healthy }) => healthy) ? 'HEALTHY' : 'DEGRADED',
    checks,
    indexer: {
      role: follower.role,
      head: head?.number,
      indexed: tail.block,
      lag,
      lastBlockAt: head && new Date(head.timestamp * 1000).toISOString(),
      sequence: facts.sequence,
      epoch: follower.epoch,
      clients: facts.clients,
    },
    timestamp: facts.date,
  };
}

function check(service: string, error: string | false): HealthReport['checks'][number] {
  return error === false ? { service, healthy: true } : { service, healthy: false, error };
}
