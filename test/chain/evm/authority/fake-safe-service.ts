import { createServer, type IncomingMessage, type Server } from 'node:http';
import { recoverAddress } from 'ethers';
import { freePort } from '@cutover/base/free-port.ts';
import { safeTransactionHash, type SafeTransaction } from '@cutover/chain/plan/authority/safe-transaction.ts';

interface Kept {
  readonly safe: string;
  readonly safeTxHash: string;
  readonly nonce: number;
  readonly confirmations: { readonly owner: string; readonly signature: string }[];
}

/**
 * FakeSafeService: the part of Safe's transaction service that Cutover uses. It checks what it is sent as the real one
 * does: the hash against the fields, the signature against the sender, the sender against the owners.
 */
export class FakeSafeService {
  readonly kept = new Map<string, Kept>();
  readonly authorizations: (string | undefined)[] = [];
  readonly refused: string[] = [];
  down = false;
  url = '';
  #server: Server | undefined;
  readonly owners: readonly string[];

  constructor(owners: readonly string[]) {
    this.owners = owners;
  }

  async start(): Promise<void> {
    const port = await freePort();
    this.url = `http://127.0.0.1:${port}/tx-service/local`;
    this.#server = createServer((request, response) => {
      void textOf(request).then((text) => {
        this.authorizations.push(request.headers.authorization);
        const [status, body] = this.down ? [502, 'bad gateway'] : this.#answer(request, text);
        if (status >= 400 && status !== 404) this.refused.push(JSON.stringify(body));
        response.writeHead(status, { 'content-type': 'application/json' });
        response.end(body === undefined ? '' : JSON.stringify(body));
      });
    });
    await new Promise<void>((resolve) => this.#server?.listen(port, '127.0.0.1', resolve));
  }

  stop(): void {
    this.#server?.close().closeAllConnections();
  }

  /** An owner who uses Safe's own app. */
  confirm(safeTxHash: string, owner: string, signature: string): void {
    this.kept.get(safeTxHash)?.confirmations.push({ owner, signature });
  }

  #answer({ method, url = '' }: IncomingMessage, text: string): [number, unknown] {
    const [, path = '', query = ''] = /^\/tx-service\/local\/api\/([^?]*)\??(.*)$/.exec(url) ?? [];
    const [, safe] = /^v2\/safes\/(0x\w{40})\/multisig-transactions\/$/.exec(path) ?? [];
    const [, hash = '', confirmations] =
      /^v[12]\/multisig-transactions\/(0x\w{64})\/(confirmations\/)?$/.exec(path) ?? [];
    if (safe !== undefined && method === 'POST') return this.#propose(safe, JSON.parse(text) as Proposed);
    if (safe !== undefined) {
      const from = Number(new URLSearchParams(query).get('nonce__gte'));
      return [
        200,
        { results: [...this.kept.values()].filter((each) => each.safe === safe && each.nonce >= from) },
      ];
    }
    const kept = this.kept.get(hash);
    if (kept === undefined) return [404, { detail: 'No MultisigTransaction matches the given query.' }];
    if (confirmations === undefined) return [200, kept];
    const { signature } = JSON.parse(text) as { signature: string };
    const owner = recoverAddress(hash, signature);
    if (!this.owners.includes(owner)) return [422, { signature: [`Signer ${owner} is not an owner`] }];
    kept.confirmations.push({ owner, signature });
    return [201, undefined];
  }

  #propose(safe: string, body: Proposed): [number, unknown] {
    const hash = safeTransactionHash(safe, 31337, body);
    if (hash !== body.contractTransactionHash)
      return [422, { nonFieldErrors: ['Contract-transaction-hash does not match'] }];
    if (!this.owners.includes(body.sender)) return [422, { nonFieldErrors: ['Sender is not an owner'] }];
    if (recoverAddress(hash, body.signature) !== body.sender)
      return [422, { nonFieldErrors: ['Signature does not match'] }];
    const confirmations = [{ owner: body.sender, signature: body.signature }];
    this.kept.set(hash, { safe, safeTxHash: hash, nonce: Number(body.nonce), confirmations });
    return [201, undefined];
  }
}

interface Proposed extends SafeTransaction {
  readonly contractTransactionHash: string;
  readonly sender: string;
  readonly signature: string;
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
