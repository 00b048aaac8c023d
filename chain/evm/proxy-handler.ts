import { Interface } from 'ethers/abi';
import type { Abi } from '../plan/artifact.ts';
import { sameAddress } from '../plan/authority/authority.ts';
import { isSettled } from '../plan/authority/progress.ts';
import { abiOfCall } from '../plan/call.ts';
import type { ChangePlan } from '../plan/change.ts';
import { checkAddresses } from '../plan/given-address.ts';
import { describeNetwork } from '../plan/network.ts';
import { describeUpgrade } from '../plan/proxy/describe-upgrade.ts';
import { addressInSlot, proxySlots, startOf, versionInSlot, type ProxyFacts } from '../plan/proxy/facts.ts';
import {
  implementationAt,
  implementationTitle,
  type KnownImplementation,
} from '../plan/proxy/implementation.ts';
import { planProxy, upgradeInterface, type ProxyWish } from '../plan/proxy/plan-proxy.ts';
import { question } from './authority/question.ts';
import { changeHandler, type ChangeInputs, type ChangeState } from './change-handler.ts';
import type { Rpc } from './rpc.ts';

/** What the engine keeps of a proxy. */
export interface ProxyInputs extends ChangeInputs, ProxyWish {}

export interface ProxyOutputs {
  /** What stands behind it by the chain, with what is known of its storage. */
  readonly serves: KnownImplementation;
  /** What stood behind it before: the way back. */
  readonly before: KnownImplementation | undefined;
  readonly admin: string | undefined;
  /** Who owns the ProxyAdmin, and so upgrades. */
  readonly adminOwner: string | undefined;
}

type ProxyState = ProxyInputs & ProxyOutputs & ChangeState;

/** What stands behind a proxy of ERC-1967, as a managed resource. */
export const handler = changeHandler<ProxyInputs, ProxyFacts, ProxyOutputs>({
  subject: ({ title, proxy, network }) => `the proxy ${title} at ${proxy} on ${describeNetwork(network)}`,
  id: ({ network, proxy }) => `eip155:${network.chainId}:${proxy}/implementation`,
  identity: ['proxy'],
  standsOn: ({ proxy, implementation }) => [proxy, implementation.address],
  inputs: ({ title, proxy, kind, implementation, allow, network, authority }) => ({
    ...{ title, proxy, kind, implementation, allow, network, authority },
  }),

  check: ({ title, proxy, implementation }) =>
    checkAddresses(title, { proxy, implementation: implementation.address }),

  async observe(rpc, { proxy, kind, implementation: { address } }) {
    const code = await rpc.send<string>('eth_getCode', [proxy, 'latest']);
    if (code === '0x') return undefined;
    const [implementation, admin, beacon] = await Promise.all(
      [proxySlots.implementation, proxySlots.admin, proxySlots.beacon].map(async (slot) =>
        addressInSlot(await slotOf(rpc, proxy, slot)),
      ),
    );
    const another = implementation !== undefined && !sameAddress(implementation, address);
    const [adminOwner, interfaceVersion, proxiable, initialized, own] = await Promise.all([
      admin === undefined ? undefined : textOf(rpc, admin, 'owner'),
      textOf(rpc, kind === 'uups' ? proxy : (admin ?? proxy), 'UPGRADE_INTERFACE_VERSION'),
      another ? proxiableAt(rpc, address) : ('not asked' as const),
      slotOf(rpc, proxy, proxySlots.initializable),
      another ? slotOf(rpc, address, proxySlots.initializable) : '0x',
    ]);
    return {
      ...{ implementation, admin, beacon, adminOwner, interfaceVersion, proxiable },
      initialized: versionInSlot(initialized),
      implementationInitialized: versionInSlot(own),
    };
  },

  plan(inputs, facts, olds): ChangePlan {
    const { title, proxy, implementation, allow } = inputs;
    const plan = planProxy(inputs, facts, olds);
    switch (plan.kind) {
      case 'refused':
        throw plan.error;
      case 'nothing':
        return plan.warnings.length === 0 ? { kind: 'nothing' } : { kind: 'watch', lines: plan.warnings };
      case 'upgrade': {
        const abi = [...upgradeAbi, ...(plan.runs === undefined ? [] : abiOfCall(plan.runs))];
        const purpose = `${plan.way === 'back' ? 'rollback' : 'upgrade'} of ${title} to ${implementation.contract}`;
        const action = { key: `upgrade:${proxy}`, purpose, abi, ...plan.call };
        return { kind: 'change', steps: [{ action }], lines: describeUpgrade(plan, proxy, allow) };
      }
    }
  },

  drift(olds, facts) {
    const wanted = olds.implementation.address;
    const { implementation: is, admin, adminOwner } = facts;
    const isWaiting =
      is === olds.serves.address && Object.values(olds.progress).some((each) => !isSettled(each));
    const at =
      is === undefined ? 'no implementation' : implementationTitle(implementationAt(is, known(olds)));
    return [
      ...(isWaiting || (is !== undefined && sameAddress(is, wanted))
        ? []
        : [
            `behind it stands ${at}, and not ${implementationTitle(olds.implementation)}: somebody upgraded it`,
          ]),
      ...(admin === olds.admin
        ? []
        : [`its admin is ${admin ?? 'nobody'}; it was ${olds.admin ?? 'nobody'}`]),
      ...(adminOwner === olds.adminOwner
        ? []
        : [`the owner of its admin is ${adminOwner ?? 'nobody'}; it was ${olds.adminOwner ?? 'nobody'}`]),
    ];
  },

  outputs(inputs, { implementation, admin, adminOwner }, olds) {
    const { proxy } = inputs;
    const serves = implementationAt(implementation ?? proxy, [inputs.implementation, ...known(olds)]);
    const former = olds?.serves;
    const moved = former !== undefined && !sameAddress(former.address, serves.address);
    const before = moved && !sameAddress(former.address, startOf(proxy)) ? former : olds?.before;
    return { serves, before, admin, adminOwner };
  },

  forgotten: ({ title, proxy, serves }) =>
    `the proxy ${title} at ${proxy} keeps ${implementationTitle(serves)} behind it`,
});

/** All implementations that the state knows of. */
function known(olds: ProxyState | undefined): readonly (KnownImplementation | undefined)[] {
  return [olds?.serves, olds?.before, olds?.implementation];
}

const upgradeAbi = JSON.parse(upgradeInterface.formatJson()) as Abi;

const asks = new Interface([
  'function owner() view returns (address)',
  'function UPGRADE_INTERFACE_VERSION() view returns (string)',
  'function proxiableUUID() view returns (bytes32)',
]);

async function textOf(rpc: Rpc, contract: string, view: string): Promise<string | undefined> {
  const [answer] = (await question(rpc, contract, asks, view)) ?? [];
  return typeof answer === 'string' ? answer : undefined;
}

function slotOf(rpc: Rpc, contract: string, slot: string): Promise<string> {
  return rpc.send<string>('eth_getStorageAt', [contract, slot, 'latest']);
}

/** Whether an implementation is made for UUPS; one that is not there yet cannot be asked. */
async function proxiableAt(rpc: Rpc, implementation: string): Promise<ProxyFacts['proxiable']> {
  const code = await rpc.send<string>('eth_getCode', [implementation, 'latest']);
  if (code === '0x') return 'not asked';
  return (await textOf(rpc, implementation, 'proxiableUUID')) === proxySlots.implementation ? 'yes' : 'no';
}
