import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  cidrText,
  contains,
  isIpv6Cidr,
  isNetwork,
  overlaps,
  parseCidr,
  sizeOf,
  startOf,
  type Cidr,
} from '../../../../../ops/twin/services/aws/cidr.ts';

const cidrs = fc.record<Cidr>({
  address: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  length: fc.integer({ min: 0, max: 32 }),
});

describe('blocks of addresses', () => {
  it.each(['10.0.0.0', '10.0.0.0/33', '256.0.0.0/8', '10.0.0/8', 'ten', '::/0', '10.0.0.0/16 '])(
    'does not read %j',
    (text) => {
      expect(parseCidr(text)).toBeUndefined();
    },
  );

  it('reads what it writes', () => {
    fc.assert(
      fc.property(cidrs, (cidr) => {
        const read = parseCidr(cidrText(cidr));
        expect(read).toEqual({ address: startOf(cidr), length: cidr.length });
        expect(read !== undefined && isNetwork(read)).toBe(true);
      }),
    );
  });

  it('overlap exactly when one has an address of the other', () => {
    fc.assert(
      fc.property(cidrs, cidrs, (one, other) => {
        const apart =
          startOf(one) + sizeOf(one) <= startOf(other) || startOf(other) + sizeOf(other) <= startOf(one);
        expect(overlaps(one, other)).toBe(!apart);
        expect(overlaps(one, other)).toBe(overlaps(other, one));
      }),
    );
  });

  it('hold smaller ones at the same place, and not larger ones', () => {
    fc.assert(
      fc.property(cidrs, fc.integer({ min: 0, max: 32 }), (cidr, length) => {
        expect(contains({ ...cidr, length }, cidr)).toBe(length <= cidr.length);
      }),
    );
  });

  it('knows IPv6 by its form', () => {
    expect(['::/0', '2001:db8::/32'].every(isIpv6Cidr)).toBe(true);
    expect(['::/129', '10.0.0.0/8', 'x::/64', '::'].some(isIpv6Cidr)).toBe(false);
  });
});
