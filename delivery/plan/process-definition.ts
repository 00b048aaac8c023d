import { createHash } from 'node:crypto';
import type { SecretRef } from '@cutover/base/secrets.ts';

/** A port that a process listens on, always on 127.0.0.1. */
export interface PortUse {
  /** What it is for, as the process names it: `rpc`, `ws`, `sql`. */
  readonly use: string;
  readonly port: number;
  /** The key of the stack file that sets it; named when the port is taken. */
  readonly key?: string;
}

/** An EVM node (anvil) that mines a block for each transaction, and keeps its chain over restarts. */
export interface EvmNodeDefinition {
  readonly kind: 'evm-node';
  readonly chainId: number;
  /** Seconds between blocks; left out, each transaction makes a block at once. */
  readonly blockTime?: number;
  /** How often its chain is written to disk, in milliseconds. What is newer is lost by kill -9. */
  readonly snapshotMilliseconds: number;
}

/** A Solana node (surfpool), with its accounts and programs kept over restarts. */
export interface SolanaNodeDefinition {
  readonly kind: 'solana-node';
  /** `clock`: a slot each `slotMilliseconds`; `transaction`: a slot for each transaction. */
  readonly blockProduction: 'clock' | 'transaction';
  readonly slotMilliseconds: number;
  readonly snapshotMilliseconds: number;
}

/** One database with a role of its own, which owns it and sees nothing else. */
export interface PostgresDatabase {
  readonly name: string;
  readonly user: string;
  readonly password: SecretRef;
  /** Whether the role may make further databases, as scratch copies for migrations. */
  readonly mayCreateDatabases?: boolean;
}

/** A PostgreSQL server with the databases that its users asked for. */
export interface PostgresDefinition {
  readonly kind: 'postgres';
  /** The superuser's password. Made when its file does not exist. */
  readonly password: SecretRef;
  readonly databases: readonly PostgresDatabase[];
}

/** A server that speaks MongoDB's protocol: a real mongod where there is one, else FerretDB over SQLite. */
export interface MongoDefinition {
  readonly kind: 'mongo';
}

/** A Valkey (or Redis) server that writes every change to disk. */
export interface ValkeyDefinition {
  readonly kind: 'valkey';
  readonly password: SecretRef;
}

/** A Node process of our own. */
export interface NodeServiceDefinition {
  readonly kind: 'node-service';
  /** The script, relative to the project's folder. */
  readonly script: string;
  readonly args: readonly string[];
  /** Plain environment; nothing secret. */
  readonly environment: Readonly<Record<string, string>>;
  /** Variables that name a file which holds a secret: `DATABASE_PASSWORD_FILE`. */
  readonly secretFiles: Readonly<Record<string, SecretFile>>;
  /** Answered when the process is up. */
  readonly healthPath: string;
  /** Folders and files whose content decides whether it must be restarted, relative to the project's folder. */
  readonly sources: readonly string[];
  /** Hash of `sources`, filled in when the resource is checked. */
  readonly fingerprint?: string;
}

/** What a local process is. Nothing in it is secret, and no path depends on where the clone lies. */
export type ProcessDefinition =
  | EvmNodeDefinition
  | SolanaNodeDefinition
  | PostgresDefinition
  | MongoDefinition
  | ValkeyDefinition
  | NodeServiceDefinition;

export type ProcessKind = ProcessDefinition['kind'];

/** A secret that is kept in a file. */
export type SecretFile = Extract<SecretRef, { readonly kind: 'file' }>;

/** The inputs of a LocalProcess. */
export interface ProcessInputs {
  readonly stack: string;
  /** Names its folder: `.cutover/<stack>/processes/<name>`. */
  readonly name: string;
  readonly ports: readonly PortUse[];
  readonly definition: ProcessDefinition;
}

/**
 * Two hashes of what is wanted: a change of `launch` needs a restart, one of `settle` only work on the running
 * process (a database more).
 */
export function definitionHashes(inputs: ProcessInputs): {
  readonly launch: string;
  readonly settle: string;
} {
  const { definition } = inputs;
  const ports = inputs.ports.map(({ use, port }) => [use, port]);
  const { settle, launch } =
    definition.kind === 'postgres'
      ? { launch: { kind: definition.kind, password: definition.password }, settle: definition.databases }
      : { launch: definition, settle: [] };
  return { launch: hash([launch, ports]), settle: hash(settle) };
}

/** The port of a process that serves `use`. */
export function portFor(inputs: Pick<ProcessInputs, 'ports'>, use: string): number {
  return inputs.ports.find((each) => each.use === use)?.port ?? 0;
}

/** One thing that is wrong with a description, by the path of its property. */
export interface Problem {
  readonly property: string;
  readonly problem: string;
}

const nameForm = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const sqlNameForm = /^[a-z_][a-z0-9_]{0,62}$/;
const variableForm = /^[A-Z_][A-Z0-9_]*$/;

/** What is wrong with a name and its ports; none when all is well. */
export function nameProblems(inputs: Pick<ProcessInputs, 'name' | 'ports'>): readonly Problem[] {
  const problems: Problem[] = [];
  if (!nameForm.test(inputs.name)) {
    problems.push({
      property: 'name',
      problem: `"${inputs.name}" must be lower-case letters, digits and dashes, as in order-book`,
    });
  }
  const seen = new Map<number, string>();
  for (const [index, { use, port }] of inputs.ports.entries()) {
    const property = `ports[${index}].port`;
    if (!Number.isInteger(port) || port < 1 || port > 65_535) {
      problems.push({ property, problem: `${port} is no port: take a whole number from 1 to 65535` });
    } else if (seen.has(port)) {
      problems.push({ property, problem: `${port} is given twice, for ${seen.get(port)} and ${use}` });
    }
    seen.set(port, use);
  }
  return problems;
}

/** What is wrong with a definition whose values are all known; none when all is well. */
export function definitionProblems(definition: ProcessDefinition): readonly Problem[] {
  const problems: Problem[] = [];
  const say = (property: string, problem: string): void =>
    void problems.push({ property: `definition.${property}`, problem });
  const positive = (property: string, value: number | undefined): void => {
    if (value !== undefined && !(Number.isFinite(value) && value > 0))
      say(property, `${value} must be above 0`);
  };
  switch (definition.kind) {
    case 'evm-node':
      if (!Number.isSafeInteger(definition.chainId) || definition.chainId < 1) {
        say('chainId', `${definition.chainId} is no chain id; 31337 is the usual one of a local node`);
      }
      positive('blockTime', definition.blockTime);
      positive('snapshotMilliseconds', definition.snapshotMilliseconds);
      break;
    case 'solana-node':
      positive('slotMilliseconds', definition.slotMilliseconds);
      positive('snapshotMilliseconds', definition.snapshotMilliseconds);
      break;
    case 'postgres': {
      const names = new Set<string>();
      for (const [index, { name, user }] of definition.databases.entries()) {
        const at = `databases[${index}]`;
        if (!sqlNameForm.test(name)) {
          say(`${at}.name`, `"${name}" must be lower-case letters, digits and underscores, as in order_book`);
        }
        if (!sqlNameForm.test(user) || user === 'postgres' || user.startsWith('pg_')) {
          say(`${at}.user`, `"${user}" is no role of its own: take the database's name`);
        }
        if (['postgres', 'template0', 'template1'].includes(name)) {
          say(`${at}.name`, `"${name}" is one of the server's own`);
        }
        if (names.has(name)) say(`${at}.name`, `"${name}" is given twice`);
        names.add(name);
      }
      break;
    }
    case 'node-service':
      if (!definition.healthPath.startsWith('/')) {
        say('healthPath', `"${definition.healthPath}" must start with /, as in /health`);
      }
      for (const variable of [
        ...Object.keys(definition.environment),
        ...Object.keys(definition.secretFiles),
      ]) {
        if (!variableForm.test(variable)) {
          say('environment', `"${variable}" must be upper-case, as in DATABASE_URL`);
        }
      }
      break;
    case 'mongo':
    case 'valkey':
      break;
  }
  return problems;
}

// Keys are sorted, so that the order in which someone wrote them does not restart a server.
function hash(value: unknown): string {
  const text = JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
