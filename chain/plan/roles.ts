import { Interface } from 'ethers/abi';
import { id } from 'ethers/hash';
import { addressOf, sameAddress } from './authority/authority.ts';
import type { Call } from './authority/action.ts';

/** A role of AccessControl, with those who should hold it. */
export interface WantedRole {
  readonly role: RoleName;
  readonly holders: readonly string[];
}

/** A role by name and by the number that the contract knows it under. */
export interface RoleName {
  readonly name: string;
  readonly id: string;
}

/** Who holds a role. `all` is undefined where the chain does not list them; `wanted` was asked one by one. */
export interface ObservedRole {
  readonly id: string;
  readonly all: readonly string[] | undefined;
  readonly wanted: readonly string[];
}

/** Rules of AccessControlDefaultAdminRules: the admin's role is handed on in two steps, with a delay between. */
export interface AdminRules {
  readonly admin: string;
  readonly delaySeconds: number;
  /** Who may accept the role, and from when on, in seconds of the chain's clock. */
  readonly pending: { readonly account: string; readonly from: number } | undefined;
}

/** What a contract says of its roles. */
export interface RoleFacts {
  readonly roles: readonly ObservedRole[];
  /** Undefined where the admin's role is granted as any other. */
  readonly adminRules: AdminRules | undefined;
  /** Whose account makes the changes; undefined where that is not known here. */
  readonly caller: string | undefined;
}

/** What becomes of holders whom nobody wants. */
export type Unexpected = 'revoke' | 'tell' | 'refuse';

export interface RoleChange {
  readonly kind: 'grant' | 'revoke';
  readonly role: RoleName;
  readonly account: string;
}

export interface RolePlan {
  /** Grants first: at no time is a role without a holder. What the caller loses comes last. */
  readonly changes: readonly RoleChange[];
  /** Holders whom nobody wants and who are left alone, and what could not be seen. */
  readonly told: readonly string[];
  /** What must not be done. */
  readonly refused: readonly string[];
  /** What has to happen where the admin's role cannot be granted or revoked. */
  readonly handOver: HandOver | undefined;
}

/** The admin's role on its way from one account to another: people do that. */
export interface HandOver {
  readonly admin: string;
  readonly wanted: string;
  /** What is done next, in words. */
  readonly next: string;
}

/** The admin's role of AccessControl: all zeros. */
export const adminRole: RoleName = { name: 'DEFAULT_ADMIN_ROLE', id: `0x${'00'.repeat(32)}` };

/** A role by its name, as contracts derive it. */
export function roleNamed(name: string): RoleName {
  return name === adminRole.name ? adminRole : { name, id: id(name) };
}

/** Holds roles as they are wanted against what the chain says. */
export function planRoles(wanted: readonly WantedRole[], facts: RoleFacts, unexpected: Unexpected): RolePlan {
  const changes: RoleChange[] = [];
  const told: string[] = [];
  const refused: string[] = [];
  for (const { role, holders } of wanted) {
    const seen = facts.roles.find((each) => each.id === role.id);
    const held = [...(seen?.wanted ?? []), ...(seen?.all ?? [])];
    const missing = holders.filter((holder) => !includes(held, holder));
    const extra = (seen?.all ?? []).filter((holder) => !includes(holders, holder));
    changes.push(...missing.map((account) => ({ kind: 'grant', role, account }) as const));
    if (seen?.all === undefined) {
      told.push(`${role.name}: who else holds it could not be seen: the contract does not list its holders`);
    }
    for (const account of extra) {
      const words = `${account} holds ${role.name}, and nobody wants that`;
      if (unexpected === 'revoke') changes.push({ kind: 'revoke', role, account });
      else (unexpected === 'tell' ? told : refused).push(words);
    }
  }
  const order = orderFor(facts.caller);
  return {
    changes: changes.toSorted((a, b) => order(a) - order(b)),
    told,
    refused,
    handOver: planHandOver(wanted, changes, facts.adminRules),
  };
}

function planHandOver(
  wanted: readonly WantedRole[],
  changes: readonly RoleChange[],
  rules: AdminRules | undefined,
): HandOver | undefined {
  if (rules === undefined || !changes.some(({ role }) => role.id === adminRole.id)) return undefined;
  const holders = wanted.find(({ role }) => role.id === adminRole.id)?.holders ?? [];
  const { admin, delaySeconds, pending } = rules;
  const [heir] = holders.filter((holder) => !sameAddress(holder, admin));
  const common = { admin, wanted: holders.join(' and ') };
  if (holders.length > 1 || heir === undefined) {
    return { ...common, next: 'Name one holder of it: the contract allows no second one.' };
  }
  if (pending !== undefined && sameAddress(pending.account, heir)) {
    const from = new Date(pending.from * 1000).toISOString();
    return {
      ...common,
      next: `The first step is done: after ${from} ${heir} calls acceptDefaultAdminTransfer(). Then run the same command again.`,
    };
  }
  const next =
    `${admin} calls beginDefaultAdminTransfer(${heir}); ${delaySeconds} s later ${heir} calls ` +
    'acceptDefaultAdminTransfer(). Until then name the old one here.';
  return { ...common, next };
}

/** The change for a reviewer. */
export function describeRoleChange({ kind, role, account }: RoleChange): string {
  return `${kind === 'grant' ? '+' : '-'} ${role.name}  ${account}`;
}

/** The call that makes a change. */
export function roleCall(contract: string, { kind, role, account }: RoleChange): Call {
  return { to: contract, data: roles.encodeFunctionData(`${kind}Role`, [role.id, account]) };
}

/** What is wrong with roles as they are wanted. */
export function roleProblems(wanted: readonly WantedRole[]): readonly string[] {
  const problems = wanted.flatMap(({ role, holders }) => [
    ...holders
      .filter((holder) => addressOf(holder) === undefined)
      .map((holder) => `${role.name}: ${holder} is no address, or its checksum is wrong`),
    ...(new Set(holders.map((holder) => holder.toLowerCase())).size < holders.length
      ? [`${role.name}: an account is named twice`]
      : []),
    ...(role.id === adminRole.id && holders.length === 0
      ? [`${role.name}: without a holder nobody can change roles ever again`]
      : []),
  ]);
  const names = new Set(wanted.map(({ role }) => role.id));
  return names.size < wanted.length ? [...problems, 'a role is described twice'] : problems;
}

const roles = new Interface([
  'function grantRole(bytes32 role, address account)',
  'function revokeRole(bytes32 role, address account)',
]);

/** Revocations last, those of the admin's role after others, and what the caller itself loses after all. */
function orderFor(caller: string | undefined): (change: RoleChange) => number {
  return ({ kind, role, account }) => {
    const admin = role.id === adminRole.id ? 1 : 0;
    if (kind === 'grant') return admin;
    const own = caller !== undefined && sameAddress(account, caller);
    return admin + (own ? 4 : 2);
  };
}

function includes(accounts: readonly string[], account: string): boolean {
  return accounts.some((each) => sameAddress(each, account));
}
