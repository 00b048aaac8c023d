import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '@cutover/base/atomic-file.ts';
import { CutoverError } from '@cutover/base/errors.ts';
import { probeValkey } from '@cutover/delivery/processes/probe.ts';
import { stillRunning, type Identity } from '@cutover/delivery/processes/process-table.ts';
import { askVersion, findProgram } from '@cutover/delivery/processes/programs.ts';
import { endOfLog } from '@cutover/delivery/processes/start.ts';
import type { Thing } from '../../kind.ts';
import { numberAt } from '../../services/values.ts';
import type { BodyKind, BodyOf, BodyRecord, Ground, Standing } from '../body.ts';
import { bodyKey } from '../plan.ts';
import { answersWell } from '../processes.ts';
import { startTlsFront, type TlsFront } from './tls-front.ts';
import { accessLines, wantedCache, type WantedCache } from './wanted.ts';

const startSeconds = 60;

/** A replication group of ElastiCache is one Valkey behind all of its endpoints. */
const replicationGroupBody: BodyKind = {
  type: 'aws:elasticache/replicationGroup:ReplicationGroup',
  seconds: 120,
  digest: (thing, view) => JSON.stringify(wantedCache(thing, view)),
  bring: bringCache,
  remove: async (record, ground) => {
    await closeFront(record);
    await ground.stop(record.processes);
  },
  alive: async (record) => {
    const running = await stillRunning(record.processes);
    return running.length > 0 && (record.notes['tls'] !== true || fronts.has(bodyKey(record)));
  },
};

/** What really stands behind ElastiCache. */
export const elasticacheBodies: readonly BodyKind[] = [replicationGroupBody];

const fronts = new Map<string, TlsFront>();

interface Ports {
  /** Where clients come in. */
  readonly port: number;
  /** Where the server listens: the same without TLS. */
  readonly inner: number;
  /** Where the nodes of a cluster speak with each other. */
  readonly bus: number;
}

async function bringCache(thing: Thing, ground: Ground, before?: BodyRecord): Promise<Standing> {
  const wanted = wantedCache(thing, ground.cloud.view());
  const program = await findProgram(['valkey-server', 'redis-server']);
  if (program === undefined) {
    throw new CutoverError('CUT-4303', {
      program: 'valkey-server (or redis-server)',
      name: wanted.id,
      why: 'Neither .cutover/tools/bin nor PATH has one.',
      fix: 'Run ./cutover doctor to see what is missing and how to get it.',
    });
  }
  const [running] = await stillRunning(before?.processes ?? []);
  await closeFront(thing);
  const ports = await portsFor(ground, wanted, before, running !== undefined);
  const folder = await ground.folderOf(thing);
  const settings = settingsOf(wanted, join(folder, 'data'), ports);
  const settingsHash = createHash('sha256').update(settings).digest('hex');
  const isSame = running !== undefined && before?.notes['settings'] === settingsHash;
  // Its data is in a file: it is there again after the restart.
  if (!isSame && running !== undefined) await ground.stop([running]);
  const serves = isSame
    ? running
    : await startServer(thing, ground, wanted, program, folder, settings, ports);
  if (wanted.tls) {
    const front = await startTlsFront(ground.authority, wanted.hosts, ports.port, ports.inner);
    fronts.set(bodyKey(thing), front);
  }
  const version = await askVersion(program);
  if (version.split('.')[0] !== wanted.version.split('.')[0]) {
    ground.log(`${wanted.id}: Valkey ${version} stands for ${wanted.version}`);
  }
  return {
    processes: [serves],
    addresses: wanted.hosts.map((host) => ({ host, port: wanted.port, localPort: ports.port })),
    notes: { ...ports, tls: wanted.tls, settings: settingsHash, engine: version },
  };
}

async function portsFor(
  ground: Ground,
  { tls }: WantedCache,
  before: BodyRecord | undefined,
  isRunning: boolean,
): Promise<Ports> {
  const { notes = {} } = before ?? {};
  const portOf = async (name: string, byServer: boolean): Promise<number> => {
    // With TLS another port is the server's: then it starts anew.
    const known = notes['tls'] === tls ? numberAt(notes, name) : undefined;
    return isRunning && byServer && known !== undefined ? known : ground.freePort(known);
  };
  const port = await portOf('port', !tls);
  return { port, inner: tls ? await portOf('inner', true) : port, bus: await portOf('bus', true) };
}

function settingsOf(wanted: WantedCache, data: string, { port, inner, bus }: Ports): string {
  const lines = [
    'bind 127.0.0.1',
    `port ${inner}`,
    `dir ${quoted(data)}`,
    'appendonly yes',
    'appendfsync everysec',
    'daemonize no',
    // Its title would overwrite its environment, by which it is found again after a crash.
    'set-proc-title no',
    ...accessLines(wanted),
    ...Object.entries(wanted.parameters).map(([name, value]) => `${name} ${quoted(value)}`),
    ...(wanted.clustered
      ? [
          ...['cluster-enabled yes', 'cluster-config-file nodes.conf', `cluster-port ${bus}`],
          ...['cluster-announce-ip 127.0.0.1', `cluster-announce-port ${port}`],
        ]
      : []),
  ];
  return `${lines.join('\n')}\n`;
}

async function startServer(
  body: BodyOf,
  ground: Ground,
  wanted: WantedCache,
  program: string,
  folder: string,
  settings: string,
  { inner, bus }: Ports,
): Promise<Identity> {
  const data = join(folder, 'data');
  const config = join(folder, 'valkey.conf');
  const log = join(folder, 'server.log');
  await mkdir(data, { recursive: true, mode: 0o700 });
  await writeFileAtomic(config, settings, 0o600);
  const nodes = join(data, 'nodes.conf');
  if (wanted.clustered && !existsSync(nodes))
    await writeFileAtomic(nodes, oneNode(wanted, inner, bus), 0o600);
  const server = await ground.spawnKept(body, {
    ...{ file: program, args: [config], environment: {}, workingFolder: data, log },
  });
  const giveUp = Date.now() + startSeconds * 1000;
  if (await answersWell(server, () => probeValkey(inner, 1000), giveUp)) {
    return { pid: server.pid, started: server.started };
  }
  await ground.stop([server]);
  throw new Error(`Valkey did not start:\n${await endOfLog(log)}`);
}

/** A cluster of one node that has all slots, as the node itself would have written it down. */
function oneNode({ id }: WantedCache, inner: number, bus: number): string {
  const name = createHash('sha1').update(id).digest('hex');
  return `${name} 127.0.0.1:${inner}@${bus} myself,master - 0 0 0 connected 0-16383\nvars currentEpoch 0 lastVoteEpoch 0\n`;
}

async function closeFront(body: BodyOf): Promise<void> {
  const key = bodyKey(body);
  await fronts.get(key)?.close();
  fronts.delete(key);
}

// As the server's config file reads it: a path may hold spaces, quotes and letters of any script.
function quoted(text: string): string {
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
  return `"${escaped}"`;
}
