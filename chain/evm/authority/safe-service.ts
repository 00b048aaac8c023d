import { messageOf } from '@cutover/base/errors.ts';
import { readSecret } from '@cutover/base/secrets.ts';
import type { SafeAuthority } from '../../plan/authority/authority.ts';
import type { Proposal } from '../../plan/authority/proposal.ts';
import type { Approval, GivenSignature } from '../../plan/authority/safe-signatures.ts';
import type { Log } from '../sender.ts';

// The API of Safe's transaction service: https://docs.safe.global/core-api/transaction-service-reference
// Nothing that it says is believed but signatures, and those are checked.
type Service = Pick<SafeAuthority, 'address' | 'service' | 'serviceKey'>;

/** A transaction that waits at the service. */
export interface QueuedTransaction {
  readonly safeTxHash: string;
  readonly nonce: number;
}

/**
 * What waits at the service from a nonce on; undefined when the service does not tell. Without a service nothing does.
 * SIDE EFFECTS: asks the service.
 */
export async function queuedAtService(
  safe: Service,
  nonce: number,
  log: Log,
): Promise<readonly QueuedTransaction[] | undefined> {
  if (safe.service === undefined) return [];
  const path = `v2/safes/${safe.address}/multisig-transactions/?executed=false&nonce__gte=${nonce}&limit=100`;
  const answer = await ask(safe, 'GET', path, undefined, log);
  if (answer.kind !== 'answered') return undefined;
  const { results } = answer.body as { readonly results?: readonly Record<string, unknown>[] };
  return (results ?? []).map((each) => ({
    safeTxHash: String(each['safeTxHash']),
    nonce: Number(each['nonce']),
  }));
}

/**
 * Brings the service and the approvals at hand together: proposes what the service does not know (that takes the
 * signature of an owner), hands over signatures that it lacks, and returns those that it has. A service that does not
 * answer is told and otherwise passed over. SIDE EFFECTS: writes to the service.
 */
export async function syncWithService(
  safe: Service,
  proposal: Proposal,
  approvals: readonly Approval[],
  log: Log,
): Promise<readonly GivenSignature[]> {
  if (safe.service === undefined) return [];
  const { safeTxHash, transaction } = proposal;
  const signed = approvals.filter(({ how }) => how !== 'on chain');
  const known = await ask(safe, 'GET', `v2/multisig-transactions/${safeTxHash}/`, undefined, log);
  if (known.kind === 'failed') return [];
  if (known.kind === 'not found') {
    const [first, ...others] = signed;
    if (first === undefined) {
      log(`the Safe transaction service learns of ${safeTxHash} when the first owner has signed it`);
      return [];
    }
    const body = {
      ...transaction,
      contractTransactionHash: safeTxHash,
      sender: first.owner,
      signature: first.data,
      origin: 'cutover',
    };
    const path = `v2/safes/${safe.address}/multisig-transactions/`;
    const proposed = await ask(safe, 'POST', path, body, log);
    if (proposed.kind !== 'answered') return [];
    log(`proposed ${safeTxHash} to the Safe transaction service at ${originOf(safe.service)}`);
    for (const { data } of others) await confirm(safe, safeTxHash, data, log);
    return [];
  }
  const { confirmations } = known.body as { readonly confirmations?: readonly Record<string, unknown>[] };
  const theirs = (confirmations ?? []).map((each) => String(each['signature']));
  const knows = (data: string): boolean => theirs.some((each) => each.toLowerCase() === data.toLowerCase());
  for (const { data } of signed.filter((each) => !knows(each.data))) {
    await confirm(safe, safeTxHash, data, log);
  }
  return theirs.map((signature) => ({ signature, from: originOf(safe.service ?? '') }));
}

async function confirm(safe: Service, hash: string, signature: string, log: Log): Promise<void> {
  await ask(safe, 'POST', `v1/multisig-transactions/${hash}/confirmations/`, { signature }, log);
}

type Answer =
  | { readonly kind: 'answered'; readonly body: unknown }
  | { readonly kind: 'not found' }
  | { readonly kind: 'failed' };

async function ask(
  { service = '', serviceKey }: Service,
  method: 'GET' | 'POST',
  path: string,
  body: object | undefined,
  log: Log,
): Promise<Answer> {
  const key = serviceKey === undefined ? undefined : (await readSecret(serviceKey)).trim();
  try {
    const response = await fetch(`${service.replace(/\/$/, '')}/api/${path}`, {
      method,
      headers: {
        accept: 'application/json',
        'content-type': 'application/json',
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(10_000),
    });
    if (response.status === 404 && method === 'GET') return { kind: 'not found' };
    const text = await response.text();
    if (!response.ok) throw new Error(`it answered ${response.status}: ${text.slice(0, 200)}`);
    return { kind: 'answered', body: text === '' ? {} : JSON.parse(text) };
  } catch (error) {
    log(
      `warning: the Safe transaction service at ${originOf(service)} did not take part: ${messageOf(error)}`,
    );
    return { kind: 'failed' };
  }
}

function originOf(url: string): string {
  return URL.canParse(url) ? new URL(url).origin : 'an address that is not a URL';
}
