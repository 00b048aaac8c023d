import { createServer, type IncomingMessage, type Server } from 'node:http';

/** What a request of the SDK was. */
export interface StoreRequest {
  readonly target: string;
  readonly name: string;
  /** Of the signature: the region that it is for. Undefined where it is not signed. */
  readonly region: string | undefined;
}

type Answer = readonly [status: number, body: object | string];

/**
 * FakeParameterStore: answers GetParameter of the AWS parameter store and GetSecretValue of AWS Secrets Manager in their
 * JSON protocol, with values that it holds. It is no AWS: it sees that a request is signed and by whom, and does not
 * check the signature.
 */
export class FakeParameterStore {
  readonly requests: StoreRequest[] = [];
  /** Values by their names. */
  readonly values = new Map<string, string>();
  /** What the next requests are answered with instead; `silence` keeps them waiting. */
  instead: Answer | 'silence' | undefined;
  endpoint = '';
  #server: Server | undefined;

  async start(): Promise<void> {
    const server = createServer((request, response) => {
      void bodyOf(request).then((body) => {
        const answer = this.instead ?? this.#answer(request, body);
        this.#note(request, body);
        if (answer === 'silence') return;
        response.writeHead(answer[0], { 'content-type': 'application/x-amz-json-1.1' });
        response.end(typeof answer[1] === 'string' ? answer[1] : JSON.stringify(answer[1]));
      });
    });
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    this.endpoint = `http://127.0.0.1:${typeof address === 'object' ? address?.port : address}`;
  }

  stop(): void {
    this.#server?.close().closeAllConnections();
  }

  #note(request: IncomingMessage, body: Body): void {
    const { authorization } = request.headers;
    this.requests.push({
      target: targetOf(request),
      name: nameIn(body),
      region: /^AWS4-HMAC-SHA256 Credential=[^/]+\/\d{8}\/([a-z0-9-]+)\//.exec(authorization ?? '')?.[1],
    });
  }

  #answer(request: IncomingMessage, body: Body): Answer {
    const { authorization = '' } = request.headers;
    const target = targetOf(request);
    const service = target === 'AmazonSSM.GetParameter' ? 'ssm' : 'secretsmanager';
    const signed = new RegExp(
      `^AWS4-HMAC-SHA256 Credential=\\S+/${service}/aws4_request, SignedHeaders=\\S+, Signature=[0-9a-f]{64}$`,
    );
    if (!signed.test(authorization)) return refused('IncompleteSignatureException', 'It is not signed.');
    const value = this.values.get(nameIn(body));
    switch (target) {
      case 'AmazonSSM.GetParameter':
        if (value === undefined) return refused('ParameterNotFound', '');
        // Without decryption one gets what is kept.
        return [
          200,
          { Parameter: { Value: body['WithDecryption'] === true ? value : 'AQICAHhx', Version: 1 } },
        ];
      case 'secretsmanager.GetSecretValue':
        if (value === undefined) {
          return refused('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
        }
        return [200, value === '(bytes)' ? { SecretBinary: 'AAEC' } : { SecretString: value }];
      default:
        return refused('UnknownOperationException', target);
    }
  }
}

/** A refusal in AWS's words. */
export function refused(type: string, message: string): Answer {
  return [400, { __type: type, message }];
}

type Body = Readonly<Record<string, unknown>>;

function targetOf(request: IncomingMessage): string {
  return String(request.headers['x-amz-target']);
}

function nameIn(body: Body): string {
  return String(body['Name'] ?? body['SecretId']);
}

async function bodyOf(request: IncomingMessage): Promise<Body> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString()) as Body;
}
