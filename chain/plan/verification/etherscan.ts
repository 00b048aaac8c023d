import type { StandardInput } from './compiler-input.ts';
import { accepted, broken, busy, denied, inside, readTrouble, words, type Reply } from './reply.ts';
import type { Answer } from './standing.ts';

/** What is submitted for a contract. */
export interface Submission {
  readonly address: string;
  /** The standard JSON input, libraries filled in. */
  readonly input: StandardInput;
  /** `contracts/escrow/Escrow.sol:Escrow`. */
  readonly identifier: string;
  /** 0.8.37+commit.f401782d */
  readonly compilerVersion: string;
  /** ABI-encoded, hex without 0x. */
  readonly constructorArguments: string;
}

/** A call of Etherscan's API: what goes into the query beside chain and key, and what is posted. */
export interface EtherscanCall {
  readonly query: Readonly<Record<string, string>>;
  readonly form?: Readonly<Record<string, string>>;
}

const call = (action: string, query: Readonly<Record<string, string>> = {}): EtherscanCall => ({
  query: { module: 'contract', action, ...query },
});

/** https://docs.etherscan.io/api-reference/endpoint/verifysourcecode */
export function submitSource(submission: Submission): EtherscanCall {
  const { constructorArguments } = submission;
  return {
    ...call('verifysourcecode'),
    form: {
      contractaddress: submission.address,
      sourceCode: JSON.stringify(submission.input),
      codeformat: 'solidity-standard-json-input',
      contractname: submission.identifier,
      compilerversion: `v${submission.compilerVersion}`,
      constructorArguments,
      // As it was misspelt for years; explorers that copied the API know this one only.
      constructorArguements: constructorArguments,
    },
  };
}

/** https://docs.etherscan.io/api-reference/endpoint/verifyproxycontract */
export function submitProxy(address: string, implementation: string): EtherscanCall {
  return { ...call('verifyproxycontract'), form: { address, expectedimplementation: implementation } };
}

export function checkSource(job: string): EtherscanCall {
  return call('checkverifystatus', { guid: job });
}

export function checkProxy(job: string): EtherscanCall {
  return call('checkproxyverification', { guid: job });
}

/** https://docs.etherscan.io/contract-verification/get-source-code */
export function lookAt(address: string): EtherscanCall {
  return call('getsourcecode', { address });
}

/** What a submission was answered. */
export function readSubmitted(reply: Reply): Answer {
  const read = open(reply);
  if ('kind' in read) return read;
  return read.ok ? accepted(read.result) : refusalOf(read.result);
}

/** What became of a job, of sources or of a proxy. */
export function readChecked(reply: Reply): Answer {
  const read = open(reply);
  if ('kind' in read) return read;
  if (read.ok)
    return /pending|in progress/i.test(words(read.result)) ? { kind: 'pending' } : { kind: 'verified' };
  return refusalOf(read.result);
}

/** What the explorer shows; with an implementation, whether it shows the proxy with that one. */
export function readLook(reply: Reply, implementation: string | undefined): Answer {
  const read = open(reply);
  if ('kind' in read) return read;
  if (!read.ok) return refusalOf(read.result);
  const shown = inside(read.result, 0);
  if (typeof shown !== 'object') return broken('it lists no contract');
  const source = inside(shown, 'SourceCode');
  if (typeof source !== 'string' || source === '') return { kind: 'unverified' };
  if (implementation === undefined) return { kind: 'verified' };
  // Blockscout has other names for both.
  const delegates = inside(shown, 'Implementation') ?? inside(shown, 'ImplementationAddress');
  const same = String(delegates).toLowerCase() === implementation.toLowerCase();
  return { kind: same ? 'verified' : 'unverified' };
}

/** The envelope of all answers. */
function open(reply: Reply): Answer | { readonly ok: boolean; readonly result: unknown } {
  const trouble = readTrouble(reply);
  if (trouble !== undefined) return trouble;
  const json = reply.kind === 'json' ? reply.json : undefined;
  const http = reply.kind === 'json' ? reply.http : 0;
  const [status, result] = [inside(json, 'status'), inside(json, 'result')];
  if (status !== '0' && status !== '1') {
    if (http === 429) return busy(reply.kind === 'json' ? reply.retryAfterMs : undefined);
    return broken(`what it answers is not in Etherscan's form (HTTP ${http})`);
  }
  return { ok: status === '1', result };
}

/** https://docs.etherscan.io/common-error-messages; texts of Blockscout beside Etherscan's. */
function refusalOf(result: unknown): Answer {
  const text = words(result);
  if (/^(contract source code )?already verified|^smart-contract already verified/i.test(text)) {
    return { kind: 'verified' };
  }
  if (/source code not verified/i.test(text)) return { kind: 'unverified' };
  if (/^pending|in progress/i.test(text)) return { kind: 'pending' };
  if (/unable to locate contractcode|not a smart contract/i.test(text)) {
    return { kind: 'lagging', reason: 'it has not seen the contract on the chain yet' };
  }
  if (/daily (rate )?limit|per day/i.test(text)) return denied('its limit for a day is reached');
  if (/rate limit|too many requests/i.test(text)) return busy(undefined);
  // Its words would hold a part of the key: "Invalid API Key (#err2)|ABC123-".
  if (/api ?key/i.test(text)) return denied('it does not take the API key');
  if (/unknown uid|guid/i.test(text)) return { kind: 'lost' };
  return { kind: 'rejected', reason: `it says: ${text}` };
}
