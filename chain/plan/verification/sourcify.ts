import type { StandardInput } from './compiler-input.ts';
import { accepted, broken, busy, inside, readTrouble, words, type Reply } from './reply.ts';
import type { Answer, Match } from './standing.ts';

/** A call of Sourcify's API v2, https://docs.sourcify.dev/docs/api: a path below the server, and what is posted. */
export interface SourcifyCall {
  readonly path: string;
  readonly json?: unknown;
}

/**
 * Libraries are left out: Sourcify reads their addresses from the chain, and with them in the settings the hash of the
 * metadata would be another than that of the contract, which makes an exact match a partial one.
 */
export function submitToSourcify(
  chainId: number,
  contract: {
    readonly address: string;
    readonly input: StandardInput;
    readonly identifier: string;
    readonly compilerVersion: string;
    readonly creationTransaction?: string;
  },
): SourcifyCall {
  const { address, input, identifier, compilerVersion, creationTransaction } = contract;
  return {
    path: `/v2/verify/${chainId}/${address}`,
    json: {
      stdJsonInput: input,
      compilerVersion,
      contractIdentifier: identifier,
      ...(creationTransaction === undefined ? {} : { creationTransactionHash: creationTransaction }),
    },
  };
}

export function checkWithSourcify(job: string): SourcifyCall {
  return { path: `/v2/verify/${job}` };
}

export function lookAtSourcify(chainId: number, address: string): SourcifyCall {
  return { path: `/v2/contract/${chainId}/${address}` };
}

/** What a submission was answered. */
export function readSourcifySubmitted(reply: Reply): Answer {
  const read = open(reply);
  if ('kind' in read) return read;
  return read.http < 300 ? accepted(inside(read.json, 'verificationId')) : refusalOf(read.json, read.http);
}

/** What became of a job. */
export function readSourcifyChecked(reply: Reply): Answer {
  const read = open(reply);
  if ('kind' in read) return read;
  if (read.http >= 300) return refusalOf(read.json, read.http);
  const done = inside(read.json, 'isJobCompleted');
  if (typeof done !== 'boolean') return broken('it does not say whether its job is done');
  if (!done) return { kind: 'pending' };
  const match = matchOf(inside(read.json, 'contract'));
  if (match !== undefined) return { kind: 'verified', match };
  return refusalOf(inside(read.json, 'error'), read.http);
}

/** What Sourcify shows. */
export function readSourcifyLook(reply: Reply): Answer {
  const read = open(reply);
  if ('kind' in read) return read;
  const match = matchOf(read.json);
  if (match !== undefined) return { kind: 'verified', match };
  return inside(read.json, 'match') === null ? { kind: 'unverified' } : refusalOf(read.json, read.http);
}

function open(reply: Reply): Answer | { readonly json: unknown; readonly http: number } {
  const trouble = readTrouble(reply);
  if (trouble !== undefined) return trouble;
  if (reply.kind !== 'json') return broken('what it answers is not JSON');
  const { json, http, retryAfterMs } = reply;
  const code = inside(json, 'customCode');
  if (http === 429 && code !== 'duplicate_verification_request') return busy(retryAfterMs);
  return { json, http };
}

function matchOf(contract: unknown): Match | undefined {
  const match = inside(contract, 'match');
  if (match === 'exact_match') return 'exact';
  return match === 'match' ? 'partial' : undefined;
}

/** The codes of https://github.com/argotorg/sourcify, services/server/src/server/apiv2/errors.ts. */
function refusalOf(error: unknown, http: number): Answer {
  const code = inside(error, 'customCode');
  switch (code) {
    case undefined:
      return broken(`what it answers is not in Sourcify's form (HTTP ${http})`);
    case 'already_verified':
      return { kind: 'verified' };
    case 'duplicate_verification_request':
      return { kind: 'at work already' };
    case 'contract_not_deployed':
      return { kind: 'lagging', reason: 'it has not seen the contract on the chain yet' };
    case 'job_not_found':
      return { kind: 'lost' };
    case 'internal_error':
    case 'cannot_fetch_bytecode':
      return broken(`it has trouble of its own: ${words(inside(error, 'message'))}`);
    default:
      return { kind: 'rejected', reason: `it says: ${words(inside(error, 'message'))}` };
  }
}
