import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { systemProgram } from '@cutover/chain/plan/solana/address.ts';
import {
  planAccountState,
  type AccountFields,
  type AccountValue,
  type AccountWish,
} from '@cutover/chain/plan/solana/account-state.ts';
import { addressOf } from './kit.ts';

const owner = addressOf('program');
const wish: AccountWish = {
  title: 'market SOL-PERP',
  address: addressOf('market'),
  owner,
  fields: { symbol: 'SOL-PERP', maxLeverage: 20, limits: { users: 65n, phases: [10, 25, 50] }, live: true },
};
const found = (fields: AccountFields | undefined): Parameters<typeof planAccountState>[1] => ({
  owner,
  size: 200,
  fields,
});

describe('an account that is initialised once', () => {
  it('is initialised where nothing is, or where somebody only sent lamports', () => {
    expect(planAccountState(wish, undefined)).toEqual({ kind: 'send' });
    expect(planAccountState(wish, { owner: systemProgram, size: 0, fields: undefined })).toEqual({
      kind: 'send',
    });
  });

  it('is left alone where it holds what is wanted, whatever else it holds', () => {
    const fields = { ...wish.fields, maxLeverage: 20n, openInterest: 5n, extra: null };
    expect(planAccountState(wish, found(fields))).toEqual({ kind: 'nothing' });
  });

  it('is refused with the name of each field that holds something else', () => {
    const fields = {
      symbol: 'BTC-PERP',
      maxLeverage: 20,
      limits: { users: 64, phases: [10, 25, 51] },
      live: true,
    };
    const plan = planAccountState(wish, found(fields));
    expect(plan).toMatchObject({ kind: 'refuse', fields: ['symbol', 'limits.users', 'limits.phases[2]'] });
    const message = plan.kind === 'refuse' ? plan.error.message : '';
    expect(message).toContain('CUT-2432');
    expect(message).toContain('symbol is "BTC-PERP"; wanted is "SOL-PERP"');
    expect(message).toContain('limits.users is 64; wanted is 65');
  });

  it('is refused where a field is missing, a list is shorter, or a number is a text', () => {
    const fields = { symbol: 'SOL-PERP', maxLeverage: '20', limits: { users: 65, phases: [10] } };
    const plan = planAccountState(wish, found(fields));
    expect(plan).toMatchObject({ kind: 'refuse', fields: ['maxLeverage', 'limits.phases', 'live'] });
    expect(plan.kind === 'refuse' && plan.error.message).toContain('live is not there; wanted is true');
    expect(plan.kind === 'refuse' && plan.error.message).toContain('[10]; wanted is [10, 25, 50]');
  });

  it('is refused where the address is somebody else’s, or its bytes mean nothing', () => {
    const other = addressOf('other');
    const foreign = planAccountState(wish, { owner: other, size: 9, fields: undefined });
    expect(foreign).toMatchObject({ kind: 'refuse', fields: [] });
    expect(foreign.kind === 'refuse' && foreign.error.message).toContain(`it is an account of ${other}`);
    const unread = planAccountState(wish, found(undefined));
    expect(unread.kind === 'refuse' && unread.error.message).toContain('CUT-2433');
    // Data of the system program is a nonce, not an empty address.
    expect(planAccountState(wish, { owner: systemProgram, size: 80, fields: undefined }).kind).toBe('refuse');
  });

  it('never is sent twice: what is wanted, and is there, is nothing to do, and any change of it is named', () => {
    const value = fc.letrec<{ value: AccountValue; fields: AccountFields }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 2 },
        fc.string(),
        fc.integer(),
        fc.bigInt(),
        fc.boolean(),
        fc.array(tie('value'), { maxLength: 3 }),
        tie('fields'),
      ),
      fields: fc.dictionary(fc.stringMatching(/^[a-z]{1,6}$/), tie('value'), {
        maxKeys: 4,
        noNullPrototype: true,
      }),
    })).fields;
    fc.assert(
      fc.property(value, (fields) => {
        expect(planAccountState({ ...wish, fields }, found(fields))).toEqual({ kind: 'nothing' });
        const names = Object.keys(fields);
        for (const name of names) {
          const changed = { ...fields, [name]: { changed: 'to this' } };
          const plan = planAccountState({ ...wish, fields: { ...fields, [name]: 'wanted' } }, found(changed));
          expect(plan).toMatchObject({ kind: 'refuse', fields: [name] });
        }
      }),
    );
  });
});
