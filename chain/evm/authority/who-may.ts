import { Interface } from 'ethers/abi';
import type { Abi } from '../../plan/artifact.ts';
import { sameAddress } from '../../plan/authority/authority.ts';
import { holdersFrom, permissionIn, roleName } from '../../plan/authority/permission.ts';
import type { Rpc } from '../rpc.ts';
import { logsOf } from './logs.ts';
import { question } from './question.ts';

const rolesInterface = new Interface([
  'function owner() view returns (address)',
  'function getRoleMemberCount(bytes32 role) view returns (uint256)',
  'function getRoleMember(bytes32 role, uint256 index) view returns (address)',
  'event RoleGranted(bytes32 indexed role, address indexed account, address indexed sender)',
  'event RoleRevoked(bytes32 indexed role, address indexed account, address indexed sender)',
]);

/**
 * After a refusal: who may call what was refused, as a sentence with a space before it; empty when the contract does
 * not tell. SIDE EFFECTS: asks the node.
 */
export async function whoMay(
  rpc: Rpc,
  target: string,
  sender: string,
  data: string | undefined,
  abi: Abi = [],
): Promise<string> {
  const refusal = permissionIn(data);
  if (refusal.kind === 'role') {
    return ` It needs the role ${roleName(refusal.role, abi)}, held by ${await holdersOf(rpc, target, refusal.role)}.`;
  }
  const [owner] = (await question(rpc, target, rolesInterface, 'owner')) ?? [];
  return typeof owner !== 'string' || sameAddress(owner, sender)
    ? ''
    : ` The owner of ${target} is ${owner}.`;
}

/** Who has a role of a contract, in words. SIDE EFFECTS: asks the node. */
export async function holdersOf(rpc: Rpc, contract: string, role: string): Promise<string> {
  const holders = await membersOf(rpc, contract, role);
  if (holders === undefined) return 'accounts that could not be listed here';
  return holders.length === 0 ? 'nobody' : holders.join(', ');
}

/** Who has a role: as the contract lists it, else by its events; undefined when neither can be read. SIDE EFFECTS: asks the node. */
export async function membersOf(
  rpc: Rpc,
  contract: string,
  role: string,
): Promise<readonly string[] | undefined> {
  return (await listedHolders(rpc, contract, role)) ?? (await holdersByEvents(rpc, contract, role));
}

/** A list that is cut off would hide holders; beyond this many the events are read in its place. */
const mostListed = 1000n;

/** Contracts with AccessControlEnumerable can be asked. */
async function listedHolders(
  rpc: Rpc,
  contract: string,
  role: string,
): Promise<readonly string[] | undefined> {
  const [count] = (await question(rpc, contract, rolesInterface, 'getRoleMemberCount', [role])) ?? [];
  if (typeof count !== 'bigint' || count > mostListed) return undefined;
  const indices = Array.from({ length: Number(count) }, (_, index) => index);
  const members = await Promise.all(
    indices.map((index) => question(rpc, contract, rolesInterface, 'getRoleMember', [role, index])),
  );
  const holders = members.flatMap((member) => (typeof member?.[0] === 'string' ? [member[0]] : []));
  return holders.length === members.length ? holders : undefined;
}

async function holdersByEvents(
  rpc: Rpc,
  contract: string,
  role: string,
): Promise<readonly string[] | undefined> {
  const topics = ['RoleGranted', 'RoleRevoked'].map((name) => rolesInterface.getEvent(name)?.topicHash ?? '');
  const logs = await logsOf(rpc, { address: contract, topics: [topics, role], fromBlock: 0 });
  return logs === undefined
    ? undefined
    : holdersFrom(
        logs.flatMap((log) => {
          const event = rolesInterface.parseLog(log);
          return event === null
            ? []
            : [{ granted: event.name === 'RoleGranted', account: String(event.args[1]) }];
        }),
      );
}
