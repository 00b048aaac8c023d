/** Something that the service needs, and how it is looked at. */
export interface Dependency {
  /** What the health report calls it: Database, Redis, Solana RPC. */
  readonly service: string;
  /** How long one reading serves. */
  readonly cacheMs: number;
  /** Looks once. It throws when the dependency is not healthy. SIDE EFFECTS: connects. */
  readonly look: (signal: AbortSignal) => Promise<Details>;
  /** Closes what it keeps open. */
  readonly close?: () => Promise<void>;
}

/** What a look found out beside "healthy". Which fields there are depends on the kind of dependency. */
export interface Details {
  /** Connections that a database has. */
  readonly connections?: number;
  /** What its tables were brought to, in order; none where nobody migrates it. */
  readonly migrations?: readonly RanMigration[];
  /** The newest block or slot of a chain. */
  readonly block?: number;
  readonly contracts?: readonly ContractState[];
}

/** A migration that has run, as the database itself remembers it. */
export interface RanMigration {
  readonly name: string;
  readonly at: string;
}

/** A contract or program as the chain knows it. */
export interface ContractState {
  readonly name: string;
  readonly address: string;
  readonly status: 'active' | 'paused' | 'missing';
  /** In whole coins. */
  readonly balance: number;
  readonly currency: string;
}

/**
 * A look that failed for a reason that anyone may read. Messages of libraries stay in the log: they name hosts, users
 * and files.
 */
export class Unhealthy extends Error {
  /** What was found all the same. */
  readonly details: Details;

  constructor(message: string, details: Details = {}) {
    super(message);
    this.name = 'Unhealthy';
    this.details = details;
  }
}

// Codes of the operating system, of Node's fetch, and of PostgreSQL.
const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection lost',
  EPIPE: 'connection lost',
  UND_ERR_SOCKET: 'connection lost',
  ENOTFOUND: 'host not found',
  EAI_AGAIN: 'host not found',
  '28P01': 'sign-in refused',
  '28000': 'sign-in refused',
  '3D000': 'no such database',
  '57P01': 'shutting down',
  '57P03': 'starting up or shutting down',
};

/** Why a look failed, in words that anyone may read. */
export function publicReason(error: unknown, timeoutMs: number): string {
  if (error instanceof Unhealthy) return error.message;
  const causes = causesOf(error);
  if (causes.some((each) => each.name === 'TimeoutError' || each.name === 'AbortError')) {
    return `no answer within ${timeoutMs} ms`;
  }
  const code = causes.map((each) => (each as NodeJS.ErrnoException).code).find((each) => each !== undefined);
  return reasons[code ?? ''] ?? 'failed; the log says why';
}

function causesOf(error: unknown): Error[] {
  if (error instanceof AggregateError) return [error, ...error.errors.flatMap(causesOf)];
  return error instanceof Error ? [error, ...causesOf(error.cause)] : [];
}
