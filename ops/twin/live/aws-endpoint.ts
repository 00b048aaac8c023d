import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SigningKey } from 'ethers/crypto';
import { getBytes, hexlify } from 'ethers/utils';
import type { Cloud } from '../cloud.ts';
import { parameterType } from '../services/aws/ssm.ts';

/** What the endpoint holds beside the cloud: values that are no things of it. */
export interface EndpointHolds {
  /** Secrets of Secrets Manager by their names. */
  readonly secrets: ReadonlyMap<string, string>;
  /** Keys of KMS that sign, by their aliases. */
  readonly keys: ReadonlyMap<string, SigningKey>;
}

/** An endpoint that processes reach through AWS_ENDPOINT_URL. */
export interface AwsEndpoint {
  readonly url: string;
  close(): Promise<void>;
}

type Body = Readonly<Record<string, unknown>>;
type Answer = readonly [status: number, body: object];

interface Asked {
  readonly body: Body;
  readonly region: string;
}

/**
 * Answers those calls of AWS's JSON protocol with which our own processes read secrets and sign: GetParameter of the
 * parameter store, from the twin's cloud; GetSecretValue of Secrets Manager; GetPublicKey and Sign of KMS. Every other is
 * refused by its name. It listens on the loopback interface, and checks that a request is signed, not by whom.
 * SIDE EFFECTS: listens on a free port.
 */
export async function startAwsEndpoint(cloud: Cloud, holds: EndpointHolds): Promise<AwsEndpoint> {
  const server = createServer((request, response) => {
    answer(request, cloud, holds)
      .catch((): Answer => refused('SerializationException', 'The request cannot be read.'))
      .then((given) => send(response, given))
      .catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(request: IncomingMessage, cloud: Cloud, holds: EndpointHolds): Promise<Answer> {
  const body = JSON.parse(await textOf(request)) as Body;
  const { authorization = '', 'x-amz-target': target = '' } = request.headers;
  const region = /^AWS4-HMAC-SHA256 Credential=[^/]+\/\d{8}\/([a-z0-9-]+)\//.exec(authorization)?.[1];
  if (region === undefined) {
    return refused('MissingAuthenticationTokenException', 'Request is missing Authentication Token');
  }
  const asked = { body, region };
  switch (target) {
    case 'AmazonSSM.GetParameter':
      return parameter(cloud, asked);
    case 'secretsmanager.GetSecretValue':
      return secret(holds, asked);
    case 'TrentService.GetPublicKey':
      return publicKey(holds, asked);
    case 'TrentService.Sign':
      return signature(holds, asked);
    default:
      return refused('UnknownOperationException', `The twin does not answer ${String(target)}.`);
  }
}

function parameter(cloud: Cloud, { body, region }: Asked): Answer {
  const name = String(body['Name']);
  const found = cloud.find(parameterType, name, { account: cloud.settings.account, region });
  if (found === undefined) return refused('ParameterNotFound', '');
  const { type, value } = found.inputs;
  // Without decryption one gets what is kept.
  const open = type !== 'SecureString' || body['WithDecryption'] === true;
  const Value = open ? value : 'AQICAHhx';
  return [200, { Parameter: { ARN: found.outputs['arn'], Name: name, Type: type, Value, Version: 1 } }];
}

function secret({ secrets }: EndpointHolds, { body }: Asked): Answer {
  const name = String(body['SecretId']);
  const value = secrets.get(name);
  return value === undefined
    ? refused('ResourceNotFoundException', "Secrets Manager can't find the specified secret.")
    : [200, { Name: name, SecretString: value }];
}

// SubjectPublicKeyInfo of secp256k1 before the point: RFC 5480.
const spkiPrefix = '3056301006072a8648ce3d020106052b8104000a034200';

function publicKey({ keys }: EndpointHolds, { body }: Asked): Answer {
  const name = String(body['KeyId']);
  const key = keys.get(name);
  if (key === undefined) return refused('NotFoundException', `Alias ${name} is not found.`);
  const spki = Buffer.from(`${spkiPrefix}${key.publicKey.slice(2)}`, 'hex').toString('base64');
  return [200, { KeyId: name, KeyUsage: 'SIGN_VERIFY', KeySpec: 'ECC_SECG_P256K1', PublicKey: spki }];
}

function signature({ keys }: EndpointHolds, { body }: Asked): Answer {
  const name = String(body['KeyId']);
  const key = keys.get(name);
  if (key === undefined) return refused('NotFoundException', `Alias ${name} is not found.`);
  if (body['MessageType'] !== 'DIGEST' || body['SigningAlgorithm'] !== 'ECDSA_SHA_256') {
    return refused('ValidationException', 'The twin signs digests with ECDSA_SHA_256 only.');
  }
  const digest = hexlify(Buffer.from(String(body['Message']), 'base64'));
  const { r, s } = key.sign(digest);
  const der = Buffer.from(sequenceOf(r, s)).toString('base64');
  return [200, { KeyId: name, Signature: der, SigningAlgorithm: 'ECDSA_SHA_256' }];
}

/** ECDSA-Sig-Value in DER (RFC 3279). */
function sequenceOf(...numbers: readonly string[]): readonly number[] {
  const integers = numbers.flatMap((number) => {
    const digits = [...getBytes(number)];
    while (digits[0] === 0 && (digits[1] ?? 0) < 0x80) digits.shift();
    if ((digits[0] ?? 0) >= 0x80) digits.unshift(0);
    return [0x02, digits.length, ...digits];
  });
  return [0x30, integers.length, ...integers];
}

function refused(type: string, message: string): Answer {
  return [400, { __type: type, message }];
}

function send(response: ServerResponse, [status, body]: Answer): void {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
  response.end(JSON.stringify(body));
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
