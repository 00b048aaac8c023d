import { getAddress, Interface } from 'ethers';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  adminRole,
  describeRoleChange,
  planRoles,
  roleCall,
  roleNamed,
  roleProblems,
  type AdminRules,
  type RoleFacts,
  type WantedRole,
} from '@cutover/chain/plan/roles.ts';

const [ann, bob, eve] = ['a', 'b', 'e'].map((digit) => getAddress(`0x${digit.repeat(40)}`)) as [
  string,
  string,
  string,
];
const minter = roleNamed('MINTER_ROLE');
const pauser = roleNamed('PAUSER_ROLE');

/** A contract that lists its holders. */
function listing(held: readonly WantedRole[], more: Partial<RoleFacts> = {}): RoleFacts {
  return {
    roles: held.map(({ role, holders }) => ({ id: role.id, all: holders, wanted: [] })),
    adminRules: undefined,
    caller: undefined,
    ...more,
  };
}

const wants = (...holders: readonly string[]): readonly WantedRole[] => [{ role: minter, holders }];

describe('roles as they are wanted against those of the chain', () => {
  it('need nothing where they agree, whatever the case of the letters', () => {
    const plan = planRoles(wants(ann.toLowerCase()), listing(wants(ann)), 'refuse');
    expect(plan).toEqual({ changes: [], told: [], refused: [], handOver: undefined });
  });

  it('are granted where they are lacking', () => {
    const { changes } = planRoles(wants(ann, bob), listing(wants(bob)), 'refuse');
    expect(changes.map(describeRoleChange)).toEqual([`+ MINTER_ROLE  ${ann}`]);
  });

  it.each([
    ['revoke', { changes: [{ kind: 'revoke', role: minter, account: eve }], told: [], refused: [] }],
    ['tell', { changes: [], told: [`${eve} holds MINTER_ROLE, and nobody wants that`], refused: [] }],
    ['refuse', { changes: [], told: [], refused: [`${eve} holds MINTER_ROLE, and nobody wants that`] }],
  ] as const)('%s holders whom nobody wants', (unexpected, expected) => {
    expect(planRoles(wants(ann), listing(wants(ann, eve)), unexpected)).toMatchObject(expected);
  });

  it('say what cannot be seen where the contract lists no holders', () => {
    const roles = [{ id: minter.id, all: undefined, wanted: [ann] }];
    const plan = planRoles(wants(ann, bob), { roles, adminRules: undefined, caller: undefined }, 'revoke');
    expect(plan.changes).toEqual([{ kind: 'grant', role: minter, account: bob }]);
    expect(plan.told).toEqual([
      'MINTER_ROLE: who else holds it could not be seen: the contract does not list its holders',
    ]);
  });

  it('are taken from the caller last, or it could not take the others', () => {
    const held = [
      { role: adminRole, holders: [ann, bob] },
      { role: pauser, holders: [ann] },
    ];
    const wanted = [
      { role: adminRole, holders: [eve] },
      { role: pauser, holders: [] },
    ];
    const { changes } = planRoles(wanted, listing(held, { caller: ann }), 'revoke');
    expect(changes.map(({ kind, role, account }) => [kind, role.name, account])).toEqual([
      ['grant', 'DEFAULT_ADMIN_ROLE', eve],
      ['revoke', 'DEFAULT_ADMIN_ROLE', bob],
      ['revoke', 'PAUSER_ROLE', ann],
      ['revoke', 'DEFAULT_ADMIN_ROLE', ann],
    ]);
  });

  it('become calls that AccessControl knows', () => {
    const roles = new Interface(['function grantRole(bytes32 role, address account)']);
    const { to, data } = roleCall(bob, { kind: 'grant', role: minter, account: ann });
    expect(to).toBe(bob);
    expect([...roles.decodeFunctionData('grantRole', data)]).toEqual([minter.id, ann]);
    expect(minter.id).toBe('0x9f2df0fed2c77648de5860a4cc508cd0818c85b8b8a1ab4ceeef8d981c8956a6');
  });
});

describe('the role of an admin that is handed on in two steps', () => {
  const rules: AdminRules = { admin: ann, delaySeconds: 3600, pending: undefined };
  const held = [{ role: adminRole, holders: [ann] }];
  const handOver = (holders: readonly string[], adminRules: AdminRules = rules): string | undefined =>
    planRoles([{ role: adminRole, holders }], listing(held, { adminRules }), 'revoke').handOver?.next;

  it('is left alone while it is where it should be', () => {
    expect(handOver([ann])).toBeUndefined();
  });

  it('begins with the one who holds it', () => {
    expect(handOver([bob])).toBe(
      `${ann} calls beginDefaultAdminTransfer(${bob}); 3600 s later ${bob} calls ` +
        'acceptDefaultAdminTransfer(). Until then name the old one here.',
    );
  });

  it('goes on with the one who is to have it, and is begun anew for another', () => {
    const pending = { account: bob, from: 1_800_000_000 };
    expect(handOver([bob], { ...rules, pending })).toContain(
      `after 2027-01-15T08:00:00.000Z ${bob} calls acceptDefaultAdminTransfer()`,
    );
    expect(handOver([eve], { ...rules, pending })).toContain(`beginDefaultAdminTransfer(${eve})`);
  });

  it('has one holder', () => {
    expect(handOver([ann, bob])).toBe('Name one holder of it: the contract allows no second one.');
  });

  it('does not stand in the way of other roles', () => {
    const wanted = [
      { role: adminRole, holders: [ann] },
      { role: minter, holders: [bob] },
    ];
    const plan = planRoles(wanted, listing(held, { adminRules: rules }), 'refuse');
    expect(plan).toMatchObject({ handOver: undefined, changes: [{ role: minter, account: bob }] });
  });
});

describe('roles that are described wrongly', () => {
  it.each([
    ['no address', wants('0x12'), /MINTER_ROLE: 0x12 is no address/],
    ['a wrong checksum', wants(ann.replace('a', 'A')), /checksum/],
    ['an account twice', wants(ann, ann.toLowerCase()), /named twice/],
    ['no admin', [{ role: adminRole, holders: [] }], /nobody can change roles ever again/],
    ['a role twice', [...wants(ann), ...wants(bob)], /described twice/],
  ] as const)('%s', (_, wanted, words) => {
    expect(roleProblems(wanted).join('\n')).toMatch(words);
  });

  it('is nothing that a right one is', () => {
    expect(roleProblems([...wants(ann), { role: adminRole, holders: [bob] }])).toEqual([]);
  });
});

describe('any roles', () => {
  const names = ['DEFAULT_ADMIN_ROLE', 'MINTER_ROLE', 'PAUSER_ROLE'] as const;
  type Held = Readonly<Record<(typeof names)[number], string[]>>;
  const people = ['1', '2', '3', '4', '5'].map((digit) => getAddress(`0x${digit.repeat(40)}`));
  const some = fc.subarray(people);
  const anyHeld = fc.record<Held>({ DEFAULT_ADMIN_ROLE: some, MINTER_ROLE: some, PAUSER_ROLE: some });
  const rolesOf = (held: Held): readonly WantedRole[] =>
    names.map((name) => ({ role: roleNamed(name), holders: held[name] }));

  it('are brought there by calls that the caller may make, and never lack a holder that both want', () => {
    fc.assert(
      fc.property(anyHeld, anyHeld, fc.constantFrom(...people), (from, to, caller) => {
        // Whoever makes the changes is an admin, and some admin stays.
        const before = { ...from, DEFAULT_ADMIN_ROLE: [...new Set([caller, ...from.DEFAULT_ADMIN_ROLE])] };
        fc.pre(to.DEFAULT_ADMIN_ROLE.length > 0);
        const { changes } = planRoles(rolesOf(to), listing(rolesOf(before), { caller }), 'revoke');
        const held = new Map<string, Set<string>>(names.map((name) => [name, new Set(before[name])]));
        for (const { kind, role, account } of changes) {
          expect(held.get('DEFAULT_ADMIN_ROLE')?.has(caller)).toBe(true);
          held.get(role.name)?.[kind === 'grant' ? 'add' : 'delete'](account);
          for (const name of names) {
            if (before[name].length > 0 && to[name].length > 0)
              expect(held.get(name)?.size).toBeGreaterThan(0);
          }
        }
        for (const name of names) expect([...(held.get(name) ?? [])].toSorted()).toEqual(to[name].toSorted());
        expect(planRoles(rolesOf(to), listing(rolesOf(to), { caller }), 'revoke').changes).toEqual([]);
      }),
    );
  });
});
