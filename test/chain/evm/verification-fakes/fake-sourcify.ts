import { randomUUID } from 'node:crypto';
import { getAddress } from 'ethers';
import type { LocalNode } from '../../local-node.ts';
import { startFakeServer, type FakeRequest, type FakeResponse, type FakeServer } from './fake-server.ts';
import { installedCompiler, recompile, runtimeMatch } from './recompile.ts';

/**
 * A fake of Sourcify's API v2 (https://docs.sourcify.dev/docs/api): it refuses what the server's own checks refuse, and
 * verifies for real against a local chain.
 */
export interface FakeSourcify extends FakeServer {
  readonly violations: string[];
  /** How often a job is not completed. */
  queue: number;
  /** How many jobs find that the contract is not on the chain yet. */
  lag: number;
  /** Whether the chain is one that it knows. */
  knowsChain: boolean;
  /** What it shows, by address. */
  readonly shown: Map<string, 'exact_match' | 'match'>;
  /** Forgets all jobs. */
  forget(): void;
}

interface Verdict {
  readonly match: 'exact_match' | 'match' | null;
  readonly error?: { readonly customCode: string; readonly message: string; readonly errorId: string };
}

interface Job {
  readonly address: string;
  polls: number;
  readonly verdict: () => Promise<Verdict>;
}

interface Body {
  readonly stdJsonInput?: Readonly<Record<string, unknown>>;
  readonly compilerVersion?: string;
  readonly contractIdentifier?: string;
  readonly creationTransactionHash?: string;
}

const failure = (customCode: string, message: string): Required<Verdict>['error'] => ({
  customCode,
  message,
  errorId: randomUUID(),
});

/** Starts a fake Sourcify for one chain. */
export async function startFakeSourcify(node: LocalNode): Promise<FakeSourcify> {
  const jobs = new Map<string, Job>();
  const server = await startFakeServer((request) => answer(fake, request));
  const fake: FakeSourcify = Object.assign(server, {
    violations: [],
    queue: 1,
    lag: 0,
    knowsChain: true,
    shown: new Map<string, 'exact_match' | 'match'>(),
    forget: () => jobs.clear(),
  });
  return fake;

  async function answer(
    self: FakeSourcify,
    { method, path, body, contentType }: FakeRequest,
  ): Promise<FakeResponse> {
    const [, place, , chainId, given] =
      /^\/v2\/(verify|contract)(\/(\d+))\/(0x[0-9a-fA-F]{40})$/.exec(path) ?? [];
    const job = /^\/v2\/verify\/([0-9a-f-]{36})$/.exec(path)?.[1];
    if (job !== undefined && method === 'GET') return check(job);
    if (place === undefined || given === undefined)
      return { status: 404, json: failure('route_not_found', path) };
    if (!self.knowsChain || Number(chainId) !== node.chainId) {
      return { status: 404, json: failure('unsupported_chain', `Chain ${chainId} not found`) };
    }
    const address = getAddress(given);
    if (place === 'contract') {
      const match = self.shown.get(address) ?? null;
      const json = { match, creationMatch: null, runtimeMatch: match, chainId, address };
      return { status: match === null ? 404 : 200, json };
    }
    if (method !== 'POST') return violation(self, `verify by ${method}`);
    if (!contentType.startsWith('application/json')) return violation(self, `verify with ${contentType}`);
    return submit(self, address, JSON.parse(body) as Body);
  }

  async function submit(self: FakeSourcify, address: string, body: Body): Promise<FakeResponse> {
    const { stdJsonInput, compilerVersion = '', contractIdentifier = '', creationTransactionHash } = body;
    if (stdJsonInput === undefined) return violation(self, 'Standard JSON input is required.');
    const others = Object.keys(stdJsonInput).filter(
      (key) => !['language', 'sources', 'settings'].includes(key),
    );
    if (others.length > 0) return violation(self, `unsupported top-level field(s): ${others.join(', ')}`);
    const sources = Object.values((stdJsonInput['sources'] ?? {}) as Record<string, { content?: string }>);
    if (sources.length === 0 || sources.some(({ content }) => (content ?? '') === '')) {
      return violation(self, 'a source has no content');
    }
    if (compilerVersion !== installedCompiler()) return violation(self, `compilerVersion ${compilerVersion}`);
    if (!/^.+:\w+$/.test(contractIdentifier))
      return violation(self, `contractIdentifier ${contractIdentifier}`);
    if (creationTransactionHash !== undefined) {
      const transaction = await node.provider.getTransaction(creationTransactionHash);
      if (transaction === null) return violation(self, `no transaction ${creationTransactionHash}`);
    }
    const running = [...jobs.values()].find((job) => job.address === address && job.polls >= 0);
    if (running !== undefined) {
      // It goes on whether anybody asks for it or not.
      if (running.polls-- === 0) await running.verdict();
      const json = failure('duplicate_verification_request', `Contract ${address} is already being verified`);
      return { status: 429, json };
    }
    if (self.shown.get(address) === 'exact_match') {
      return { status: 409, json: failure('already_verified', `Contract ${address} is already verified`) };
    }
    const verificationId = randomUUID();
    const verdict = (): Promise<Verdict> => verify(self, address, stdJsonInput, contractIdentifier);
    jobs.set(verificationId, { address, polls: self.queue, verdict });
    return { status: 202, json: { verificationId } };
  }

  async function verify(
    self: FakeSourcify,
    address: string,
    input: object,
    identifier: string,
  ): Promise<Verdict> {
    const code = await node.provider.getCode(address);
    if (self.lag-- > 0 || code === '0x') {
      return { match: null, error: failure('contract_not_deployed', `no contract deployed at ${address}`) };
    }
    const compiled = recompile(input, identifier);
    if (typeof compiled === 'string') return { match: null, error: failure('compiler_error', compiled) };
    const match = runtimeMatch(compiled.runtime, code.slice(2));
    if (match === null) {
      const message = "The deployed and recompiled bytecode don't match.";
      return { match, error: failure('no_match', message) };
    }
    self.shown.set(address, match);
    return { match };
  }

  async function check(verificationId: string): Promise<FakeResponse> {
    const job = jobs.get(verificationId);
    if (job === undefined) return { status: 404, json: failure('job_not_found', 'no such job') };
    const pending = job.polls-- > 0;
    const { match, error } = pending ? { match: null } : await job.verdict();
    return {
      status: 200,
      json: {
        isJobCompleted: !pending,
        verificationId,
        jobStartTime: new Date().toISOString(),
        contract: { match, creationMatch: null, runtimeMatch: match, address: job.address },
        ...(error === undefined ? {} : { error }),
      },
    };
  }
}

function violation(self: FakeSourcify, text: string): FakeResponse {
  self.violations.push(text);
  return { status: 400, json: failure('invalid_parameter', text) };
}
