import fc from 'fast-check';
import { compareMigrationFileNames } from 'node-pg-migrate/utils/comparators';
import { describe, expect, it } from 'vitest';
import { compareFileNames, numberInFront } from '@cutover/delivery/plan/migration-order.ts';

describe('the order of migrations', () => {
  it('is by the number in front, not by the characters', () => {
    const names = ['10_c.sql', '9_b.sql', '0008_a.sql', '1699999999999_initial_schema.ts'];
    expect(names.toSorted(compareFileNames('postgres'))).toEqual([
      '0008_a.sql',
      '9_b.sql',
      '10_c.sql',
      '1699999999999_initial_schema.ts',
    ]);
  });

  it('takes 17 digits for a date', () => {
    expect(numberInFront('20250615123456789_x')).toBe(Date.UTC(2025, 5, 15, 12, 34, 56, 789));
    expect(numberInFront('readme')).toBeUndefined();
  });

  it("is that of migrate-mongo's plain sort for MongoDB", () => {
    const names = ['20240101120000-b.js', '10-a.js', '9-z.js'];
    expect(names.toSorted(compareFileNames('mongo'))).toEqual(names.toSorted());
  });

  it("is node-pg-migrate's own, on any names", () => {
    const prefix = fc.oneof(
      fc.nat({ max: 9999 }).map(String),
      fc.nat({ max: 9999 }).map((number) => String(number).padStart(4, '0')),
      fc
        .date({ min: new Date(0), max: new Date('2099-01-01'), noInvalidDate: true })
        .map((date) => String(date.getTime())),
      fc
        .date({ min: new Date('2000-01-01'), max: new Date('2099-01-01'), noInvalidDate: true })
        .map((date) => date.toISOString().replace(/\D/g, '')),
    );
    const name = fc
      .tuple(prefix, fc.stringMatching(/^[a-z]{1,8}$/))
      .map(([digits, word]) => `${digits}_${word}.sql`);
    fc.assert(
      fc.property(name, name, (left, right) => {
        expect(Math.sign(compareFileNames('postgres')(left, right))).toBe(
          Math.sign(compareMigrationFileNames(left, right)),
        );
      }),
    );
  });
});
