import { describeCall } from '../plan/authority/words.ts';
import { abiOfCall, callDigest, planCall, type Again, type CheckedCall } from '../plan/call.ts';
import type { ChangePlan } from '../plan/change.ts';
import type { CheckedView } from '../plan/expectation.ts';
import { checkAddresses } from '../plan/given-address.ts';
import { describeNetwork } from '../plan/network.ts';
import { changeHandler, type ChangeInputs } from './change-handler.ts';
import { unmetExpectations } from './view.ts';

/** What the engine keeps of a call that is made once. */
export interface CallInputs extends ChangeInputs, CheckedCall {
  /** What it is for, for people. */
  readonly title: string;
  readonly to: string;
  /** What must hold after it. */
  readonly postcondition: CheckedView & { readonly of: string };
  readonly again: Again;
}

export interface CallOutputs {
  /** Hash of the call whose postcondition has held; undefined before. */
  readonly held: string | undefined;
}

/** What the chain says: all of the postcondition that does not hold, one sentence each. */
type Unmet = readonly string[];

/** One guarded call as a managed resource: what it is to bring about decides whether it is sent. */
export const handler = changeHandler<CallInputs, Unmet, CallOutputs>({
  subject: ({ title, to, network }) => `the call "${title}" of ${to} on ${describeNetwork(network)}`,
  id: (inputs) => `eip155:${inputs.network.chainId}:${inputs.to}/call/${digestOf(inputs).slice(0, 10)}`,
  identity: ['to'],
  standsOn: ({ to, postcondition }) => [...new Set([to, postcondition.of])],
  inputs: (values) => {
    const { title, to, function: signature, args, data, value, errors } = values;
    const { postcondition, again, network, authority } = values;
    const call = { to, function: signature, args, data, value, errors };
    return { title, ...call, postcondition, again, network, authority };
  },

  check: ({ title, to, postcondition }) =>
    checkAddresses(title, { to, 'postcondition.of': postcondition.of }),

  async observe(rpc, { to, postcondition }) {
    const code = await rpc.send<string>('eth_getCode', [to, 'latest']);
    return code === '0x' ? undefined : unmetExpectations(rpc, postcondition.of, [postcondition]);
  },

  plan(inputs, unmet, olds): ChangePlan {
    const { title, to, data, value, again } = inputs;
    switch (planCall({ unmet, again, held: olds?.held === digestOf(inputs) })) {
      case 'nothing':
        return { kind: 'nothing' };
      case 'tell':
        return { kind: 'watch', lines: unmet.map(undone) };
      case 'call': {
        const call = { to, data, value: BigInt(value) };
        const action = { key: `call:${to}:${title}`, purpose: title, abi: abiOfCall(inputs), ...call };
        return {
          kind: 'change',
          steps: [{ action }],
          lines: [...describeCall(call, [inputs.function]), ...unmet],
        };
      }
    }
  },

  drift: (olds, unmet) => (olds.held === digestOf(olds) ? unmet.map(undone) : []),
  outputs: (inputs, unmet, olds) => ({ held: unmet.length === 0 ? digestOf(inputs) : olds?.held }),
  forgotten: ({ title }) => `the call "${title}": what it brought about stays`,
});

function digestOf(inputs: CallInputs): string {
  return callDigest(inputs, inputs.postcondition);
}

function undone(sentence: string): string {
  return `${sentence}; it held before, and the call is not made again`;
}
