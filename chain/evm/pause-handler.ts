import { Interface } from 'ethers/abi';
import { CutoverError } from '@cutover/base/errors.ts';
import type { AuthorityRef } from '../plan/authority/authority.ts';
import { isSettled } from '../plan/authority/progress.ts';
import { abiOfCall } from '../plan/call.ts';
import { describeNetwork } from '../plan/network.ts';
import { logsOf } from './authority/logs.ts';
import { blockNumber, question } from './authority/question.ts';
import { changeHandler, type ChangeInputs } from './change-handler.ts';
import type { Rpc } from './rpc.ts';

/** What the engine keeps of whether a contract is paused. */
export interface PauseInputs extends ChangeInputs {
  readonly title: string;
  readonly contract: string;
  readonly paused: boolean;
  /** Who may resume. @default `authority`, who may pause */
  readonly resumes?: AuthorityRef;
}

export interface PauseOutputs {
  readonly isPaused: boolean;
  /** The block since which a pause is the program's own, and so the program's to end; undefined where it is not. */
  readonly ownSince: number | undefined;
}

/** What the chain says. */
interface PauseFacts {
  readonly isPaused: boolean;
  readonly block: number;
  /** Whether it was resumed since the program's own pause: the one that holds now is then somebody else's. */
  readonly resumedSince: boolean;
}

const pausable = new Interface([
  'function paused() view returns (bool)',
  'function pause()',
  'function unpause()',
  'event Unpaused(address account)',
]);

/** What contracts refuse with: those of OpenZeppelin's Pausable, and 138's in an emergency. */
const errors = ['error EnforcedPause()', 'error ExpectedPause()', 'error InEmergency()'];

/**
 * Whether a contract is paused, as a managed resource. It ends no pause but the program's own: who pauses in an
 * emergency must not find the contract running after the next update of something else.
 */
export const handler = changeHandler<PauseInputs, PauseFacts, PauseOutputs>({
  subject: ({ title, contract, network }) =>
    `the pause of ${title} at ${contract} on ${describeNetwork(network)}`,
  id: ({ network, contract }) => `eip155:${network.chainId}:${contract}/pause`,
  identity: ['contract'],
  standsOn: ({ contract }) => [contract],
  inputs: ({ title, contract, paused, network, authority, resumes }) => ({
    ...{ title, contract, paused, network, authority },
    ...(resumes === undefined ? {} : { resumes }),
  }),
  authorityFor: ({ authority, resumes }, key) =>
    (key.startsWith('resume:') ? resumes : undefined) ?? authority,

  async observe(rpc, { contract, paused }, _block, olds) {
    const [code, answer, block] = await Promise.all([
      rpc.send<string>('eth_getCode', [contract, 'latest']),
      question(rpc, contract, pausable, 'paused'),
      blockNumber(rpc),
    ]);
    if (code === '0x') return undefined;
    const isPaused = answer?.[0];
    if (typeof isPaused !== 'boolean') {
      throw new CutoverError('CUT-2341', { contract, network: describeNetwork(rpc.network) });
    }
    const since = isPaused && !paused ? olds?.ownSince : undefined;
    return { isPaused, block, resumedSince: since !== undefined && (await wasResumed(rpc, contract, since)) };
  },

  plan({ title, contract, paused }, { isPaused, resumedSince }, olds) {
    if (paused === isPaused) return { kind: 'nothing' };
    if (!paused && (olds?.ownSince === undefined || resumedSince)) return { kind: 'watch', lines: [notOurs] };
    const verb = paused ? 'pause' : 'resume';
    const action = {
      key: `${verb}:${contract}`,
      purpose: `${verb} ${title}`,
      to: contract,
      data: pausable.encodeFunctionData(paused ? 'pause' : 'unpause'),
      abi: abiOfCall({ function: `function ${paused ? 'pause' : 'unpause'}()`, errors }),
    };
    return { kind: 'change', steps: [{ action }], lines: [paused ? '~ runs -> paused' : '~ paused -> runs'] };
  },

  drift({ paused, ownSince, progress }, { isPaused, resumedSince }) {
    if (paused === isPaused) return [];
    // A pause that is only proposed was not ended by anybody.
    const isProposed = Object.values(progress).some((each) => !isSettled(each));
    if (!isPaused) return isProposed ? [] : ['it was resumed by somebody'];
    // Where the program's own pause is still to be ended, it is not drift that it holds.
    return ownSince === undefined || resumedSince ? [notOurs] : [];
  },

  outputs: ({ paused }, { isPaused, block, resumedSince }, olds) => ({
    isPaused,
    ownSince: paused ? block : isPaused && !resumedSince ? olds?.ownSince : undefined,
  }),

  forgotten: ({ title, contract }) => `${title} at ${contract} stays as it is, paused or not`,
});

const notOurs =
  'it is paused, by somebody else than this program: it stays so until ./cutover resume, or until the program has ' +
  'wanted paused: true for one update and then wants paused: false';

/** Whether the contract was resumed after a block, by its events; taken as not where no endpoint lists them. */
async function wasResumed(rpc: Rpc, contract: string, block: number): Promise<boolean> {
  const topic = pausable.getEvent('Unpaused')?.topicHash ?? '';
  const logs = await logsOf(rpc, { address: contract, topics: [topic], fromBlock: block + 1 });
  return logs !== undefined && logs.length > 0;
}
