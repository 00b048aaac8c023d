import { randomBytes } from 'node:crypto';
import { getAddress } from 'ethers';
import type { LocalNode } from '../../local-node.ts';
import { startFakeServer, type FakeRequest, type FakeResponse, type FakeServer } from './fake-server.ts';
import { creationCodeOf, installedCompiler, recompile, sameCreation } from './recompile.ts';

/**
 * A fake of Etherscan's API v2, https://docs.etherscan.io/api-reference/endpoint/verifysourcecode: it wants what is
 * documented, and verifies for real against a local chain.
 */
export interface FakeEtherscan extends FakeServer {
  readonly api: string;
  /** What callers did that the documentation does not allow. */
  readonly violations: string[];
  /** The key that it takes; undefined: none is wanted. */
  key: string | undefined;
  /** How often a job is "Pending in queue". */
  queue: number;
  /** How many submissions find that the explorer has not seen the contract yet. */
  lag: number;
  /** Calls that it allows in a second, and how many it refused for that. */
  perSecond: number;
  refused: number;
  /** Which parameter holds the constructor's arguments. */
  spelling: 'constructorArguments' | 'constructorArguements';
  /** What it shows, by address: the name of the contract and, of proxies, their implementation. */
  readonly shown: Map<string, { readonly name: string; readonly implementation?: string }>;
}

interface Job {
  readonly action: 'checkverifystatus' | 'checkproxyverification';
  polls: number;
  readonly verdict: () => string;
}

const implementationSlot = '0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc';
const ok = (result: unknown): FakeResponse => ({ status: 200, json: { status: '1', message: 'OK', result } });
const no = (result: string): FakeResponse => ({
  status: 200,
  json: { status: '0', message: 'NOTOK', result },
});

/** Starts a fake Etherscan for one chain. */
export async function startFakeEtherscan(node: LocalNode): Promise<FakeEtherscan> {
  const jobs = new Map<string, Job>();
  const calls: number[] = [];
  const server = await startFakeServer((request) => answer(fake, request));
  const fake: FakeEtherscan = Object.assign(server, {
    api: `${server.url}/v2/api`,
    violations: [],
    key: undefined,
    queue: 1,
    lag: 0,
    perSecond: 100,
    refused: 0,
    spelling: 'constructorArguments' as const,
    shown: new Map<string, { readonly name: string }>(),
  });
  return fake;

  async function answer(
    self: FakeEtherscan,
    { method, path, query, body, contentType }: FakeRequest,
  ): Promise<FakeResponse> {
    const now = Date.now();
    while ((calls[0] ?? now) < now - 1_000) calls.shift();
    if (calls.push(now) > self.perSecond) {
      self.refused++;
      return no(`Max calls per sec rate limit reached (${self.perSecond}/sec)`);
    }
    if (path !== '/v2/api') return violation(self, `path ${path}`);
    if (query.get('chainid') !== String(node.chainId)) {
      return no('Missing or unsupported chainid parameter (required for v2 api), please see chainlist');
    }
    if (self.key !== undefined && query.get('apikey') !== self.key) {
      return no(`Invalid API Key (#err2)|${(query.get('apikey') ?? '').slice(0, 6)}-`);
    }
    if (query.get('module') !== 'contract') return violation(self, 'module is not contract');
    const form = new URLSearchParams(body);
    const action = query.get('action') ?? '';
    const posted = action === 'verifysourcecode' || action === 'verifyproxycontract';
    if (method !== (posted ? 'POST' : 'GET')) return violation(self, `${action} by ${method}`);
    if (posted && !contentType.startsWith('application/x-www-form-urlencoded')) {
      return violation(self, `${action} with ${contentType}`);
    }
    switch (action) {
      case 'verifysourcecode':
        return verifySource(self, form);
      case 'verifyproxycontract':
        return verifyProxy(self, form);
      case 'checkverifystatus':
      case 'checkproxyverification':
        return check(action, query.get('guid') ?? '');
      case 'getsourcecode':
        return show(self, query.get('address') ?? '');
      default:
        return no('Error! Missing Or invalid Action name');
    }
  }

  async function verifySource(self: FakeEtherscan, form: URLSearchParams): Promise<FakeResponse> {
    const [address, source, name, version] = [
      'contractaddress',
      'sourceCode',
      'contractname',
      'compilerversion',
    ].map((field) => form.get(field) ?? '');
    const given = form.get(self.spelling) ?? '';
    if (!/^0x[0-9a-fA-F]{40}$/.test(address ?? '')) return violation(self, 'contractaddress');
    if (form.get('codeformat') !== 'solidity-standard-json-input') return violation(self, 'codeformat');
    if (!/^.+\.sol:\w+$/.test(name ?? '')) return violation(self, `contractname ${name}`);
    if (version !== `v${installedCompiler()}`) return violation(self, `compilerversion ${version}`);
    if (!/^([0-9a-f]{2})*$/.test(given)) return violation(self, `${self.spelling} ${given}`);
    if (self.shown.has(getAddress(address ?? ''))) return no('Contract source code already verified');
    const onChain = await creationCodeOf(node, address ?? '');
    if (self.lag-- > 0 || onChain === undefined) {
      return no(`Unable to locate ContractCode at ${address}`);
    }
    return queued(self, 'checkverifystatus', () => {
      const compiled = recompile(JSON.parse(source ?? '') as object, name ?? '');
      if (typeof compiled === 'string') return `Fail - Unable to verify. ${compiled}`;
      if (!sameCreation(compiled.creation, given, onChain)) {
        return 'Fail - Unable to verify. Compiled contract deployment bytecode does NOT match the transaction deployment bytecode.';
      }
      self.shown.set(getAddress(address ?? ''), { name: name ?? '' });
      return 'Pass - Verified';
    });
  }

  async function verifyProxy(self: FakeEtherscan, form: URLSearchParams): Promise<FakeResponse> {
    const [address, expected] = ['address', 'expectedimplementation'].map((field) => form.get(field) ?? '');
    if (!/^0x[0-9a-fA-F]{40}$/.test(address ?? '')) return violation(self, 'address');
    const slot = await node.provider.getStorage(address ?? '', implementationSlot);
    const implementation = getAddress(`0x${slot.slice(-40)}`);
    return queued(self, 'checkproxyverification', () => {
      const proxy = self.shown.get(getAddress(address ?? ''));
      if (proxy === undefined) {
        return `The proxy contract at ${address} does not seem to be verified. Please verify and publish the contract source before proceeding with this proxy verification.`;
      }
      if (expected !== '' && implementation !== expected) {
        return 'A corresponding implementation contract was unfortunately not detected for the proxy address.';
      }
      self.shown.set(getAddress(address ?? ''), { ...proxy, implementation });
      return `The proxy's (${address}) implementation contract is found at ${implementation} and is successfully updated.`;
    });
  }

  function queued(self: FakeEtherscan, action: Job['action'], verdict: () => string): FakeResponse {
    const guid = randomBytes(25).toString('hex');
    jobs.set(guid, { action, polls: self.queue, verdict });
    return ok(guid);
  }

  function check(action: Job['action'], guid: string): FakeResponse {
    const job = jobs.get(guid);
    if (job?.action !== action) return no('Unknown UID');
    if (job.polls-- > 0) return no('Pending in queue');
    const text = job.verdict();
    return /^Pass|successfully/.test(text) ? ok(text) : no(text);
  }

  function show(self: FakeEtherscan, address: string): FakeResponse {
    const known = self.shown.get(getAddress(address));
    const text = known === undefined ? '' : '{{"language":"Solidity"}}';
    return ok([
      {
        SourceCode: text,
        ABI: known === undefined ? 'Contract source code not verified' : '[]',
        ContractName: known?.name ?? '',
        Proxy: known?.implementation === undefined ? '0' : '1',
        Implementation: known?.implementation?.toLowerCase() ?? '',
      },
    ]);
  }
}

function violation(self: FakeEtherscan, text: string): FakeResponse {
  self.violations.push(text);
  return no(`Error! ${text}`);
}
