import { CutoverError, messageOf } from '@cutover/base/errors.ts';
import { describeSecret, readSecret } from '@cutover/base/secrets.ts';
import { reserve } from '../../plan/endpoint-state.ts';
import * as etherscan from '../../plan/verification/etherscan.ts';
import { apiOf, requestsPerSecond, type ExplorerRef } from '../../plan/verification/explorer.ts';
import { denied, words, type Reply } from '../../plan/verification/reply.ts';
import * as sourcify from '../../plan/verification/sourcify.ts';
import type { Answer, Step } from '../../plan/verification/standing.ts';
import type { Task } from '../../plan/verification/tasks.ts';
import { exchange, type Exchange } from './http.ts';
import type { PreparedSubmission } from './submission.ts';

/** A question to an explorer. */
export interface Question {
  readonly task: Task;
  readonly step: Exclude<Step, 'nothing'>;
  readonly chainId: number;
  /** The job that is asked about; only for checks. */
  readonly job: string | undefined;
  readonly creationTransaction: string | undefined;
  /** Called when the sources are needed. */
  readonly submission: () => Promise<PreparedSubmission>;
}

/** When an explorer may be called next, for all resources of this process. */
const freeAt = new Map<string, number>();

/**
 * Asks one thing and says what the answer means. It never throws, and no answer holds a key. SIDE EFFECTS: at most one
 * HTTP request, after a pause where the explorer was called a moment ago; reads the key; those of `submission`.
 */
export async function askExplorer(question: Question, timeoutMs: number): Promise<Answer> {
  const { explorer } = question.task;
  const key = await keyOf(explorer);
  if (typeof key === 'object') return key;
  try {
    const answer = await (explorer.kind === 'etherscan'
      ? askEtherscan(question, (call) =>
          send(explorer, etherscanExchange(explorer, question.chainId, key, call), timeoutMs),
        )
      : askSourcify(question, (call) => send(explorer, sourcifyExchange(explorer, call), timeoutMs)));
    return withoutKey(answer, key);
  } catch (error) {
    // Whatever it is, a deployment does not fail for it.
    return withoutKey({ kind: 'unprepared', reason: reasonOf(error) }, key);
  }
}

async function askEtherscan(
  { task, step, job = '', submission }: Question,
  send: (call: etherscan.EtherscanCall) => Promise<Reply>,
): Promise<Answer> {
  const { address } = task.subject;
  const implementation = task.what === 'proxy' ? task.subject.implementation : undefined;
  switch (step) {
    case 'look':
      return etherscan.readLook(await send(etherscan.lookAt(address)), implementation);
    case 'submit': {
      const call =
        implementation === undefined
          ? etherscan.submitSource(await submission())
          : etherscan.submitProxy(address, implementation);
      return etherscan.readSubmitted(await send(call));
    }
    case 'check': {
      const call = implementation === undefined ? etherscan.checkSource(job) : etherscan.checkProxy(job);
      return etherscan.readChecked(await send(call));
    }
  }
}

async function askSourcify(
  { task, step, chainId, job = '', submission, creationTransaction }: Question,
  send: (call: sourcify.SourcifyCall) => Promise<Reply>,
): Promise<Answer> {
  switch (step) {
    case 'look':
      return sourcify.readSourcifyLook(await send(sourcify.lookAtSourcify(chainId, task.subject.address)));
    case 'submit': {
      const { compiled, ...rest } = await submission();
      const contract = {
        ...rest,
        input: compiled,
        ...(creationTransaction === undefined ? {} : { creationTransaction }),
      };
      return sourcify.readSourcifySubmitted(await send(sourcify.submitToSourcify(chainId, contract)));
    }
    case 'check':
      return sourcify.readSourcifyChecked(await send(sourcify.checkWithSourcify(job)));
  }
}

function etherscanExchange(
  explorer: ExplorerRef,
  chainId: number,
  key: string | undefined,
  { query, form }: etherscan.EtherscanCall,
): Exchange {
  const url = new URL(apiOf(explorer));
  const all = { chainid: String(chainId), ...query, ...(key === undefined ? {} : { apikey: key }) };
  url.search = new URLSearchParams(all).toString();
  return { url, ...(form === undefined ? {} : { form }) };
}

function sourcifyExchange(explorer: ExplorerRef, { path, json }: sourcify.SourcifyCall): Exchange {
  return { url: new URL(`${apiOf(explorer)}${path}`), ...(json === undefined ? {} : { json }) };
}

/** Keeps to the explorer's limit. A tenth is left to the network, which does not keep distances. */
async function send(explorer: ExplorerRef, request: Exchange, timeoutMs: number): Promise<Reply> {
  const { origin } = request.url;
  const next = reserve(freeAt.get(origin) ?? 0, 1, 0.9 * requestsPerSecond(explorer), performance.now());
  freeAt.set(origin, next.freeAt);
  if (next.waitMs > 0) await new Promise((resolve) => setTimeout(resolve, next.waitMs));
  return exchange(request, timeoutMs);
}

async function keyOf(explorer: ExplorerRef): Promise<string | undefined | Answer> {
  if (explorer.kind !== 'etherscan' || explorer.apiKey === undefined) return undefined;
  try {
    return (await readSecret(explorer.apiKey)).trim();
  } catch {
    return denied(`its API key ${describeSecret(explorer.apiKey)} is empty or cannot be read`);
  }
}

/** Explorers may repeat what they were sent. */
function withoutKey(answer: Answer, key: string | undefined): Answer {
  if (key === undefined || !('reason' in answer)) return answer;
  return { ...answer, reason: answer.reason.replaceAll(key, '(key)') };
}

function reasonOf(error: unknown): string {
  const message = messageOf(error);
  return error instanceof CutoverError ? message.replaceAll(/\s+/g, ' ') : words(message);
}
