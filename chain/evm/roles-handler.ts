import { Interface } from 'ethers/abi';
import { CutoverError } from '@cutover/base/errors.ts';
import { printList } from '../plan/cut/problem.ts';
import { zeroAddress } from '../plan/cut/selector.ts';
import { describeNetwork } from '../plan/network.ts';
import {
  describeRoleChange,
  planRoles,
  roleCall,
  roleNamed,
  type AdminRules,
  type ObservedRole,
  type RoleFacts,
  type Unexpected,
  type WantedRole,
} from '../plan/roles.ts';
import { callerOf } from './change-price.ts';
import { question } from './authority/question.ts';
import { membersOf } from './authority/who-may.ts';
import { changeHandler, type ChangeInputs } from './change-handler.ts';
import type { Rpc } from './rpc.ts';

/** What the engine keeps of the roles of a contract. */
export interface RolesInputs extends ChangeInputs {
  readonly title: string;
  readonly contract: string;
  /** `MINTER_ROLE 0x…` -> holds. A record, so that a preview shows `+` and `-` for each holder. */
  readonly holders: Readonly<Record<string, 'holds'>>;
  /** Roles that nobody should hold are named here alone. */
  readonly roles: readonly string[];
  readonly unexpected: Unexpected;
}

export interface RolesOutputs {
  /** Who holds which role by the chain, of the roles that are managed. */
  readonly held: Readonly<Record<string, readonly string[]>>;
}

const asks = new Interface([
  'function hasRole(bytes32 role, address account) view returns (bool)',
  'function defaultAdmin() view returns (address)',
  'function defaultAdminDelay() view returns (uint48)',
  'function pendingDefaultAdmin() view returns (address newAdmin, uint48 acceptSchedule)',
]);

const loupe = new Interface(['function facetAddress(bytes4 selector) view returns (address)']);

/** What a diamond says that serves no roles yet. */
const unserved = 'it serves no roles yet: they come with a cut of the diamond';

/** The roles of a contract (AccessControl) as a managed resource. Those of a diamond may be still to come. */
export const handler = changeHandler<RolesInputs, RoleFacts | 'unserved', RolesOutputs>({
  subject: ({ title, contract, network }) =>
    `the roles of ${title} at ${contract} on ${describeNetwork(network)}`,
  id: ({ network, contract }) => `eip155:${network.chainId}:${contract}/roles`,
  identity: ['contract'],
  standsOn: ({ contract }) => [contract],
  inputs: ({ title, contract, holders, roles, unexpected, network, authority }) => ({
    ...{ title, contract, holders, roles, unexpected, network, authority },
  }),

  async observe(rpc, inputs) {
    const code = await rpc.send<string>('eth_getCode', [inputs.contract, 'latest']);
    if (code === '0x') return undefined;
    const { contract, authority } = inputs;
    const [seen, adminRules, caller] = await Promise.all([
      Promise.all(wantedRoles(inputs).map((role) => look(rpc, contract, role))),
      adminRulesOf(rpc, contract),
      callerOf(authority),
    ]);
    const roles = seen.filter((role) => role !== undefined);
    if (roles.length === seen.length) return { roles, adminRules, caller };
    if (await isDiamondWithout(rpc, contract, 'hasRole')) return 'unserved';
    const network = describeNetwork(rpc.network);
    throw new CutoverError('CUT-2345', { contract, network, view: 'hasRole', what: 'AccessControl' });
  },

  plan(inputs, observed) {
    if (observed === 'unserved') return { kind: 'watch', lines: [unserved] };
    const { title, contract, unexpected } = inputs;
    const { changes, told, refused, handOver } = planRoles(wantedRoles(inputs), observed, unexpected);
    if (handOver !== undefined) throw new CutoverError('CUT-2343', { title, contract, ...handOver });
    if (refused.length > 0) throw new CutoverError('CUT-2340', { title, contract, list: printList(refused) });
    if (changes.length === 0) return told.length === 0 ? { kind: 'nothing' } : { kind: 'watch', lines: told };
    const action = {
      key: `roles:${contract}`,
      purpose: `roles of ${title}`,
      calls: changes.map((change) => roleCall(contract, change)),
    };
    return { kind: 'change', steps: [{ action }], lines: [...changes.map(describeRoleChange), ...told] };
  },

  drift(olds, observed) {
    if (observed === 'unserved') return [unserved];
    const { changes, told, refused } = planRoles(wantedRoles(olds), observed, olds.unexpected);
    return [
      ...changes.map(({ kind, role, account }) =>
        kind === 'grant'
          ? `${account} does not hold ${role.name} any more`
          : `${account} holds ${role.name}, and nobody wants that`,
      ),
      ...told,
      ...refused,
    ];
  },

  outputs: (inputs, observed) => ({
    held: Object.fromEntries(
      wantedRoles(inputs).map(({ role }) => {
        const seen = observed === 'unserved' ? undefined : observed.roles.find(({ id }) => id === role.id);
        return [role.name, [...(seen?.all ?? seen?.wanted ?? [])].toSorted()];
      }),
    ),
  }),

  forgotten: ({ title, contract }) => `${title} at ${contract} keeps its roles`,
});

/** The roles with their holders, out of what the engine keeps. */
function wantedRoles({ roles, holders }: Pick<RolesInputs, 'roles' | 'holders'>): readonly WantedRole[] {
  const pairs = Object.keys(holders).map((each) => each.split(' ') as [string, string]);
  return roles.map((name) => ({
    role: roleNamed(name),
    holders: pairs.filter(([role]) => role === name).map(([, holder]) => holder),
  }));
}

/** Who holds a role; undefined where the contract does not know what a role is. */
async function look(
  rpc: Rpc,
  contract: string,
  { role, holders }: WantedRole,
): Promise<ObservedRole | undefined> {
  const [all, answers] = await Promise.all([
    membersOf(rpc, contract, role.id),
    Promise.all(holders.map((holder) => question(rpc, contract, asks, 'hasRole', [role.id, holder]))),
  ]);
  if (answers.includes(undefined)) return undefined;
  return { id: role.id, all, wanted: holders.filter((_, index) => answers[index]?.[0] === true) };
}

/** Whether a contract has a loupe, and its loupe knows no facet for a function. */
async function isDiamondWithout(rpc: Rpc, contract: string, view: string): Promise<boolean> {
  const selector = asks.getFunction(view)?.selector;
  const [facet] = (await question(rpc, contract, loupe, 'facetAddress', [selector])) ?? [];
  return facet === zeroAddress;
}

/** The rules for the admin's role, where the contract has some. */
async function adminRulesOf(rpc: Rpc, contract: string): Promise<AdminRules | undefined> {
  const [[admin] = [], [delay] = [], [account, from] = []] = await Promise.all(
    ['defaultAdmin', 'defaultAdminDelay', 'pendingDefaultAdmin'].map((view) =>
      question(rpc, contract, asks, view),
    ),
  );
  if (typeof admin !== 'string' || typeof delay !== 'bigint') return undefined;
  const isPending = typeof account === 'string' && typeof from === 'bigint' && from > 0n;
  return {
    admin,
    delaySeconds: Number(delay),
    pending: isPending ? { account, from: Number(from) } : undefined,
  };
}
