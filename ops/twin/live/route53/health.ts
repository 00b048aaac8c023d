import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { connect } from 'node:net';
import type { Cloud } from '../../cloud.ts';
import type { Thing } from '../../kind.ts';
import { flagAt, has, numberAt, textAt, textsAt } from '../../services/values.ts';
import type { Address, BodyKind } from '../body.ts';
import { computeOf, isServed } from '../compute.ts';
import { floored } from '../pace.ts';

/** What asks one endpoint again and again. */
export interface HealthAsker {
  /** Whether it counts as well, inversion and all. */
  isWell(): boolean;
  end(): void;
}

const connectMs = 4000;
const searchedBytes = 5120;

/** Health checks of Route 53: the ground itself asks. */
export const healthCheckBody: BodyKind = {
  type: 'aws:route53/healthCheck:HealthCheck',
  seconds: 60,
  digest: ({ inputs }) => JSON.stringify(inputs),
  bring: (thing, ground) => {
    const { askers, run } = computeOf(ground);
    askers.get(thing.id)?.end();
    const child = (id: string): boolean | undefined => askers.get(id)?.isWell();
    askers.set(
      thing.id,
      startAsker(thing, ground.cloud, () => ground.addresses(), child),
    );
    return Promise.resolve({ processes: [], addresses: [], notes: { run } });
  },
  remove: ({ id }, ground) => {
    const { askers } = computeOf(ground);
    askers.get(id)?.end();
    askers.delete(id);
    return Promise.resolve();
  },
  alive: (record) => Promise.resolve(isServed(record)),
};

/** Begins to ask. It counts as well until it has failed as often as its threshold says, and the reverse. */
function startAsker(
  thing: Thing,
  cloud: Cloud,
  addresses: () => readonly Address[],
  child: (id: string) => boolean | undefined,
): HealthAsker {
  const { inputs } = thing;
  const type = textAt(inputs, 'type') ?? '';
  const threshold = Number(has(thing, 'failureThreshold') ?? 3) || 3;
  const everyMs = floored(cloud, Number(has(thing, 'requestInterval') ?? 30), 250);
  let [well, row, ended] = [true, 0, false];
  let timer: NodeJS.Timeout | undefined;
  const round = async (): Promise<void> => {
    const good = await asked(thing, addresses());
    if (ended) return;
    row = good ? Math.max(row, 0) + 1 : Math.min(row, 0) - 1;
    if (Math.abs(row) >= threshold) well = good;
    timer = setTimeout(() => void round(), everyMs);
  };
  const asks = /^(HTTPS?(_STR_MATCH)?|TCP)$/.test(type) && flagAt(inputs, 'disabled') !== true;
  if (asks) void round();
  return {
    isWell: () => {
      const own = type === 'CALCULATED' ? calculated(thing, child) : well;
      // One that is disabled counts as well; one that is inverted as the opposite of what it is.
      return flagAt(inputs, 'invertHealthcheck') === true ? !own : own;
    },
    end: () => {
      ended = true;
      clearTimeout(timer);
    },
  };
}

function calculated({ inputs }: Thing, child: (id: string) => boolean | undefined): boolean {
  if (flagAt(inputs, 'disabled') === true) return true;
  const children = textsAt(inputs, 'childHealthchecks');
  const least = numberAt(inputs, 'childHealthThreshold') ?? children.length;
  return children.filter((id) => child(id) ?? true).length >= least;
}

/** Asks once. It does not look whether a certificate is good, as Route 53 does not. */
function asked({ inputs, outputs }: Thing, addresses: readonly Address[]): Promise<boolean> {
  const type = textAt(inputs, 'type') ?? '';
  const fqdn = textAt(inputs, 'fqdn') ?? textAt(inputs, 'ipAddress') ?? '';
  const port = numberAt(inputs, 'port') ?? numberAt(outputs, 'port') ?? 443;
  const localPort = addresses.find((each) => each.host === fqdn && each.port === port)?.localPort;
  if (localPort === undefined) return Promise.resolve(false);
  if (type === 'TCP') return connects(localPort);
  const path = `/${(textAt(inputs, 'resourcePath') ?? '').replace(/^\//, '')}`;
  const searched = textAt(inputs, 'searchString');
  return new Promise((resolve) => {
    const secure = type.startsWith('HTTPS');
    const asking = (secure ? requestHttps : requestHttp)(
      {
        ...{ host: '127.0.0.1', port: localPort, path, agent: false },
        ...(secure && { servername: fqdn, rejectUnauthorized: false }),
        headers: { host: fqdn, 'user-agent': 'Amazon-Route53-Health-Check-Service' },
        // Four seconds to connect and two to answer.
        signal: AbortSignal.timeout(connectMs + 2000),
      },
      (response) => {
        const status = response.statusCode ?? 0;
        const good = status >= 200 && status < 400;
        if (searched === undefined) {
          response.resume();
          return resolve(good);
        }
        let text = '';
        response.setEncoding('utf8').on('data', (part: string) => (text += part));
        response.once('end', () => resolve(good && text.slice(0, searchedBytes).includes(searched)));
        response.once('error', () => resolve(false));
      },
    );
    asking.once('error', () => resolve(false));
    asking.end();
  });
}

function connects(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, timeout: connectMs });
    const end = (good: boolean): void => {
      socket.destroy();
      resolve(good);
    };
    socket.once('connect', () => end(true));
    socket.once('timeout', () => end(false));
    socket.once('error', () => end(false));
  });
}
