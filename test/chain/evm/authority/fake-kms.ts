import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { SigningKey } from 'ethers';
import { getBytes } from 'ethers';
import { freePort } from '@cutover/base/free-port.ts';

const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

/** What a request of the SDK was. */
export interface KmsRequest {
  readonly action: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/**
 * FakeKms: answers GetPublicKey and Sign of AWS KMS in its JSON protocol, with keys that it holds. Every second
 * signature has a high s, as of the real one. It is no AWS: it checks no credentials and knows no policies.
 */
export class FakeKms {
  readonly requests: KmsRequest[] = [];
  /** Keys by their names. */
  readonly keys = new Map<string, SigningKey>();
  /** What the next request is refused with: the exception's name and message. */
  refuse: readonly [name: string, message: string] | undefined;
  /** How many of the next requests are never answered. */
  silences = 0;
  /** What keys say that they are. */
  spec = 'ECC_SECG_P256K1';
  endpoint = '';
  #server: Server | undefined;

  async start(): Promise<void> {
    const port = await freePort();
    this.endpoint = `http://127.0.0.1:${port}`;
    this.#server = createServer((request, response) => {
      void bodyOf(request).then((body) => {
        const action = String(request.headers['x-amz-target']).replace('TrentService.', '');
        this.requests.push({ action, body });
        if (this.silences-- > 0) return;
        const [status, answer] = this.#answer(action, body);
        response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' });
        response.end(JSON.stringify(answer));
      });
    });
    await new Promise<void>((resolve) => this.#server?.listen(port, '127.0.0.1', resolve));
  }

  stop(): void {
    this.#server?.close().closeAllConnections();
  }

  #answer(action: string, body: Readonly<Record<string, unknown>>): [number, object] {
    const refused = this.refuse;
    const name = String(body['KeyId']);
    const key = this.keys.get(name);
    if (refused !== undefined) return [400, { __type: refused[0], message: refused[1] }];
    if (key === undefined)
      return [400, { __type: 'NotFoundException', message: `Alias ${name} is not found.` }];
    const common = { KeyId: name, KeyUsage: 'SIGN_VERIFY', KeySpec: this.spec };
    if (action === 'GetPublicKey') {
      const prefix =
        this.spec === 'ECC_SECG_P256K1'
          ? '3056301006072a8648ce3d020106052b8104000a034200'
          : '3059301306072a8648ce3d020106082a8648ce3d030107034200';
      const spki = Buffer.from(`${prefix}${key.publicKey.slice(2)}`, 'hex');
      return [200, { ...common, PublicKey: spki.toString('base64') }];
    }
    const digest = Buffer.from(String(body['Message']), 'base64');
    const { r, s } = key.sign(digest);
    const high = this.requests.length % 2 === 0;
    const signature = derOf(BigInt(r), high ? order - BigInt(s) : BigInt(s));
    return [200, { ...common, Signature: signature.toString('base64'), SigningAlgorithm: 'ECDSA_SHA_256' }];
  }
}

function derOf(r: bigint, s: bigint): Buffer {
  const integer = (value: bigint): number[] => {
    const hex = value.toString(16);
    const bytes = [...getBytes(`0x${hex.length % 2 === 0 ? hex : `0${hex}`}`)];
    const digits = (bytes[0] ?? 0) >= 0x80 ? [0, ...bytes] : bytes;
    return [0x02, digits.length, ...digits];
  };
  const body = [...integer(r), ...integer(s)];
  return Buffer.from([0x30, body.length, ...body]);
}

async function bodyOf(request: IncomingMessage): Promise<Readonly<Record<string, unknown>>> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return JSON.parse(Buffer.concat(chunks).toString()) as Readonly<Record<string, unknown>>;
}
