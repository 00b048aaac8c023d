import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { writeFileAtomic } from '@cutover/base/atomic-file.ts';
import type { Cloud } from '../cloud.ts';
import { liveFolder } from './bodies.ts';
import type { Ground } from './body.ts';
import { readHolds, type EndpointHolds } from './holds.ts';
import { taskOperations } from './ecs/operations.ts';
import { keyOperations } from './kms.ts';
import { logOperations } from './logs.ts';
import { refused, type Answer, type Operations } from './operations.ts';
import { parameterOperations, secretOperations } from './parameters.ts';
import { freePortLike } from './processes.ts';
import { answerS3, isS3 } from './s3/requests.ts';
import { secretOf } from './secrets.ts';

/** An endpoint that processes reach through AWS_ENDPOINT_URL. */
export interface AwsEndpoint {
  readonly url: string;
  close(): Promise<void>;
}

/** The endpoint of a ground: it also answers for what runs there, as soon as it does. */
export interface GroundEndpoint extends AwsEndpoint {
  /** The port of the ground before, where somebody else has taken it: processes that stand ask there in vain. */
  readonly lostPort: number | undefined;
  attach(ground: Ground): void;
}

/**
 * Answers those calls of AWS's JSON protocol with which our own processes read secrets and sign: parameters of the store
 * from the twin's cloud, secrets of Secrets Manager, GetPublicKey and Sign of KMS. Every other is refused by its name.
 * It listens on the loopback interface, and checks that a request is signed, not by whom.
 * SIDE EFFECTS: listens on a free port.
 */
export function startAwsEndpoint(cloud: Cloud, holds: EndpointHolds): Promise<AwsEndpoint> {
  return listen(cloud, {
    ...parameterOperations(cloud),
    ...secretOperations((id) => Promise.resolve(holds.secrets.get(id))),
    ...keyOperations(holds.keys),
  });
}

/**
 * The same for a ground, with what a rehearsal has left in its folder, and beside it what is real there: tasks of ECS,
 * their logs, objects of buckets, secrets that RDS keeps. Processes that stand know its port: the next ground of a folder
 * listens where the one before it did, if that is free. SIDE EFFECTS: listens on a free port; remembers it in the folder.
 */
export async function startEndpoint(folder: string, cloud: Cloud): Promise<GroundEndpoint> {
  let ground: Ground | undefined;
  const { keys } = await readHolds(folder);
  const before = await knownPort(folder);
  const own = (): Ground => {
    if (ground === undefined) throw new NotYet();
    return ground;
  };
  const endpoint = await listen(
    cloud,
    {
      ...parameterOperations(cloud),
      ...secretOperations((id, place) => secretOf(folder, cloud, id, place)),
      ...keyOperations(keys),
      ...logOperations(folder, cloud),
      ...taskOperations(own),
    },
    { folder, port: await freePortLike(before) },
  );
  const { port } = new URL(endpoint.url);
  await writeFileAtomic(portFile(folder), port, 0o600);
  const lostPort = before === undefined || before === Number(port) ? undefined : before;
  return { ...endpoint, lostPort, attach: (of) => void (ground = of) };
}

function portFile(folder: string): string {
  return join(liveFolder(folder), 'endpoint-port');
}

async function knownPort(folder: string): Promise<number | undefined> {
  const text = await readFile(portFile(folder), 'utf8').catch(() => '');
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

/** Its ground has not begun; the SDK asks again. */
class NotYet extends Error {}

async function listen(
  cloud: Cloud,
  operations: Operations,
  ofGround?: { readonly folder: string; readonly port: number },
): Promise<AwsEndpoint> {
  const server = createServer((request, response) => {
    if (ofGround !== undefined && isS3(request)) {
      answerS3(ofGround.folder, cloud, request, response).catch(() => response.destroy());
      return;
    }
    answer(request, cloud, operations)
      .catch((error: unknown): Answer =>
        error instanceof NotYet
          ? [503, { __type: 'ServiceUnavailableException', message: 'The ground begins.' }]
          : refused('SerializationException', 'The request cannot be read.'),
      )
      .then((given) => send(response, given))
      .catch(() => response.destroy());
  });
  const listening = (port: number): Promise<void> =>
    new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', () => {
        server.off('error', reject);
        resolve();
      });
    });
  // Between finding and taking it, the port may have gone to somebody else.
  await listening(ofGround?.port ?? 0).catch(() => listening(0));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(request: IncomingMessage, cloud: Cloud, operations: Operations): Promise<Answer> {
  const body = JSON.parse((await buffer(request)).toString()) as Readonly<Record<string, unknown>>;
  const { authorization = '', 'x-amz-target': target = '' } = request.headers;
  const region = /^AWS4-HMAC-SHA256 Credential=[^/]+\/\d{8}\/([a-z0-9-]+)\//.exec(authorization)?.[1];
  if (region === undefined) {
    return refused('MissingAuthenticationTokenException', 'Request is missing Authentication Token');
  }
  const operation = operations[String(target)];
  return operation === undefined
    ? refused('UnknownOperationException', `The twin does not answer ${String(target)}.`)
    : operation({ body, place: { account: cloud.settings.account, region } });
}

function send(response: ServerResponse, [status, body]: Answer): void {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
  response.end(JSON.stringify(body));
}
