import {
  dueForCheck,
  mayAnswer,
  mustBeChecked,
  nextStep,
  patienceOfFirstLook,
  troubleOf,
  unknown,
  usable,
} from '../plan/endpoints.ts';
import type { RpcAnswer } from './answers.ts';
import type { Failure, Question, RpcCounts } from './exchange.ts';
import { membersOf, type Member, type PoolChain } from './members.ts';

/** An answer, and the label of the endpoint that gave it. */
export interface PoolAnswer {
  readonly answer: RpcAnswer;
  readonly endpoint: string;
}

/** No endpoint could be used; one line for each thing that went wrong. */
export class NoEndpoint extends Error {
  override readonly name = 'NoEndpoint';
  readonly lines: readonly string[];
  /** Set when all that is wrong is that the only endpoint is another chain. */
  readonly otherChain: { readonly endpoint: string; readonly reason: string } | undefined;

  constructor(lines: readonly string[], otherChain: NoEndpoint['otherChain']) {
    super('no endpoint can be used');
    this.lines = lines;
    this.otherChain = otherChain;
  }
}

/** The endpoints of one chain, shared by all that ask it in this process. */
export interface Pool {
  readonly counts: Readonly<RpcCounts>;
  /** Returns when an endpoint can be asked, else throws NoEndpoint. */
  ready(timeoutMs: number): Promise<void>;
  /** Asks; questions of the same turn of the event loop travel together, and the same one is asked once. */
  ask(question: Question, timeoutMs: number): Promise<PoolAnswer>;
  /** Asks one endpoint by its number, and no other when it fails. Questions of the same turn travel together. */
  askOne(index: number, question: Question, timeoutMs: number): Promise<RpcAnswer | Failure>;
  /** Endpoints that are well, the heaviest first. */
  usable(): readonly number[];
  /** How many endpoints have not answered yet since they were asked for the first time how they are. */
  awaited(): number;
  /** Returns when all of them have, or their time is over. */
  allKnown(): Promise<void>;
  label(index: number): string;
  /** Each endpoint and what is the matter with it. */
  report(): readonly { readonly endpoint: string; readonly trouble: string | undefined }[];
}

interface Asked {
  readonly question: Question;
  readonly resolve: (answer: PoolAnswer) => void;
  readonly reject: (error: unknown) => void;
}

/** A question for one endpoint. */
interface AskedOne {
  readonly question: Question;
  readonly resolve: (answer: RpcAnswer | Failure) => void;
}

const backgroundTimeoutMs = 3_000;
/** A public endpoint answers within half a second; a silent one must not hold up what the others can decide. */
const firstAnswerMs = 2_000;
const gatherMs = 2;

/** SIDE EFFECTS: none before it is asked; then HTTP requests, some of them in the background. */
export function createPool(
  chain: PoolChain,
  connections: readonly Member[],
  tell: (line: string) => void,
): Pool {
  const members = membersOf(chain, connections, tell);
  const queues = new Map<number, Asked[]>();
  const queuesOfOne = new Map<string, AskedOne[]>();
  const looks = new Map<number, Promise<void>>();
  const firstChecks = new Set<Promise<void>>();
  const underCheck = new Set<number>();
  let underWay = 0;

  /** What was wrong before this question is a reason too. */
  const noEndpoint = (told: ReadonlySet<string>): NoEndpoint => {
    const standing = connections.flatMap((_, index) => members.complaints(index));
    const condition = members.state()[0]?.condition;
    const alone =
      connections.length === 1 && condition?.kind === 'unwell' && condition.trouble === 'another chain';
    const otherChain = alone ? { endpoint: members.label(0), reason: condition.reason } : undefined;
    return new NoEndpoint([...new Set([...told, ...standing])], otherChain);
  };

  /** Checks all endpoints at once, and again those of which it is worth it. */
  const look = async (timeoutMs: number): Promise<void> => {
    const started = performance.now();
    const first = unknown(members.state());
    const checks = new Map<number, Promise<void>>();
    for (const index of first) {
      const check = members.check(index, timeoutMs).finally(() => {
        checks.delete(index);
        firstChecks.delete(check);
      });
      checks.set(index, check);
      firstChecks.add(check);
    }
    for (;;) {
      const ms = patienceOfFirstLook(members.state(), [...checks.keys()], performance.now() - started);
      if (ms === 0) break;
      await orAfter(ms, Promise.race(checks.values()));
    }
    const tries: number[] = connections.map((_, index) => (first.includes(index) ? 1 : 0));
    const told = new Set(first.flatMap((index) => members.complaints(index)));
    while (!connections.some((_, index) => mayAnswer(members.state(), index))) {
      const step = nextStep(members.state(), tries, performance.now(), started + timeoutMs);
      if (step.kind === 'give up') throw noEndpoint(told);
      if (step.kind === 'wait') await pause(step.ms);
      else {
        tries[step.index] = (tries[step.index] ?? 0) + 1;
        await members.check(step.index, timeoutMs);
        for (const line of members.complaints(step.index)) told.add(line);
      }
    }
  };

  /** Answers questions at the best endpoint, and what one leaves open at the next. */
  const answer = async (asked: readonly Asked[], timeoutMs: number): Promise<void> => {
    const open = grouped(asked);
    const deadline = performance.now() + timeoutMs;
    const tries = connections.map(() => 0);
    const told = new Set<string>();
    while (open.size > 0) {
      const step = nextStep(members.state(), tries, performance.now(), deadline);
      if (step.kind === 'give up') throw noEndpoint(told);
      if (step.kind === 'wait') {
        await pause(step.ms);
        continue;
      }
      const { index } = step;
      tries[index] = (tries[index] ?? 0) + 1;
      if (mustBeChecked(members.state(), index)) await members.check(index, timeoutMs);
      if (mustBeChecked(members.state(), index)) {
        for (const line of members.complaints(index)) told.add(line);
        continue;
      }
      const endpoint = members.label(index);
      const failure = await members.send(index, [...open.keys()], timeoutMs, (question, given) => {
        for (const { resolve } of open.get(question) ?? []) resolve({ answer: given, endpoint });
        open.delete(question);
      });
      if (failure !== undefined) told.add(`${endpoint}: ${failure.reason}`);
    }
  };

  /** Answers questions at one endpoint; what it leaves open fails. */
  const answerOfOne = async (index: number, asked: readonly AskedOne[], timeoutMs: number): Promise<void> => {
    const open = grouped(asked);
    const failure = await members.send(index, [...open.keys()], timeoutMs, (question, answer) => {
      for (const { resolve } of open.get(question) ?? []) resolve(answer);
      open.delete(question);
    });
    const nothing: Failure = failure ?? { trouble: 'broken', reason: 'it gave no answer' };
    for (const { resolve } of [...open.values()].flat()) resolve(nothing);
  };

  /** Sees in the background whether endpoints that were resting are back. */
  const checkSome = (timeoutMs: number): void => {
    // A local node alone has nothing to be compared with, and answers for itself.
    if (chain.local && connections.length === 1) return;
    for (const index of dueForCheck(members.state(), performance.now())) {
      if (underCheck.has(index)) continue;
      underCheck.add(index);
      const done = (): boolean => underCheck.delete(index);
      members.check(index, Math.min(timeoutMs, backgroundTimeoutMs)).then(done, done);
    }
  };

  const flush = (timeoutMs: number): void => {
    const asked = queues.get(timeoutMs) ?? [];
    queues.delete(timeoutMs);
    checkSome(timeoutMs);
    underWay++;
    answer(asked, timeoutMs)
      .catch((error: unknown) => {
        // Those that were answered already do not notice.
        for (const { reject } of asked) reject(error);
      })
      .finally(() => underWay--);
  };

  return {
    counts: members.counts,
    label: (index) => members.label(index),
    usable: () => usable(members.state()),
    awaited: () => firstChecks.size,
    allKnown: async () => {
      if (firstChecks.size > 0) await orAfter(firstAnswerMs, Promise.all(firstChecks));
    },
    report: () =>
      connections.map((_, index) => ({
        endpoint: members.label(index),
        trouble: troubleOf(members.state(), index),
      })),
    ready: (timeoutMs) => {
      if (usable(members.state()).length > 0) return Promise.resolve();
      const running = looks.get(timeoutMs) ?? look(timeoutMs).finally(() => looks.delete(timeoutMs));
      looks.set(timeoutMs, running);
      return running;
    },
    ask: (question, timeoutMs) =>
      new Promise((resolve, reject) => {
        const asked = { question, resolve, reject };
        const queue = queues.get(timeoutMs);
        if (queue !== undefined) {
          queue.push(asked);
          return;
        }
        queues.set(timeoutMs, [asked]);
        // While an answer is awaited, more questions are likely to come.
        if (underWay > 0) setTimeout(flush, gatherMs, timeoutMs);
        else setImmediate(flush, timeoutMs);
      }),
    askOne: (index, question, timeoutMs) =>
      new Promise((resolve) => {
        const key = `${index}/${timeoutMs}`;
        const queue = queuesOfOne.get(key);
        if (queue !== undefined) {
          queue.push({ question, resolve });
          return;
        }
        queuesOfOne.set(key, [{ question, resolve }]);
        setImmediate(() => {
          const asked = queuesOfOne.get(key) ?? [];
          queuesOfOne.delete(key);
          void answerOfOne(index, asked, timeoutMs);
        });
      }),
  };
}

/** The same question twice is asked once, unless it is one that does something. */
function grouped<Each extends { readonly question: Question }>(
  asked: readonly Each[],
): Map<Question, readonly Each[]> {
  const first = new Map<string, Question>();
  const groups = new Map<Question, Each[]>();
  for (const each of asked) {
    const { method, json } = each.question;
    const reads = /^(eth|net|web3)_/.test(method) && !/^eth_(send|sign|new|getFilterChanges)/.test(method);
    const known = reads ? first.get(json) : undefined;
    if (known !== undefined) groups.get(known)?.push(each);
    else {
      first.set(json, each.question);
      groups.set(each.question, [each]);
    }
  }
  return groups;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Waits for a promise, but not longer than this. */
async function orAfter(ms: number, promise: Promise<unknown>): Promise<void> {
  if (ms === Infinity) {
    await promise;
    return;
  }
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([promise, new Promise((resolve) => (timer = setTimeout(resolve, ms)))]);
  clearTimeout(timer);
}
