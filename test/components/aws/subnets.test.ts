import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contains, overlap, readCidr, showCidr, sizeOf } from '../../../components/aws/cidr.ts';
import { planSubnets, zonesOf } from '../../../components/aws/subnets.ts';
import { refusal } from './described.ts';

const zones = (count: number): readonly string[] => zonesOf('us-east-1', count);
const block = (cidr: string) => readCidr(cidr) ?? { first: -1, prefix: -1 };

/** A private network that AWS takes, aligned. */
const networks = fc
  .tuple(fc.integer({ min: 16, max: 20 }), fc.integer({ min: 0, max: 255 }), fc.integer({ min: 0, max: 15 }))
  .map(([prefix, second, part]) => {
    const first = 10 * 2 ** 24 + second * 2 ** 16 + part * 2 ** 12;
    return showCidr({ first: first - (first % 2 ** (32 - prefix)), prefix });
  });

describe('the plan of subnets', () => {
  it('gives each zone of a /16 a private, a public and a data subnet', () => {
    expect(
      planSubnets('10.20.0.0/16', zones(3)).map(({ use, zone, cidr }) => `${use} ${zone} ${cidr}`),
    ).toEqual([
      'private us-east-1a 10.20.0.0/20',
      'public us-east-1a 10.20.16.0/22',
      'data us-east-1a 10.20.20.0/22',
      'private us-east-1b 10.20.32.0/20',
      'public us-east-1b 10.20.48.0/22',
      'data us-east-1b 10.20.52.0/22',
      'private us-east-1c 10.20.64.0/20',
      'public us-east-1c 10.20.80.0/22',
      'data us-east-1c 10.20.84.0/22',
    ]);
  });

  it.each([
    ['10.20.0.0/20', '10.20.0.0/24', '10.20.1.0/26', '10.20.1.64/26'],
    ['172.31.0.0/16', '172.31.0.0/20', '172.31.16.0/22', '172.31.20.0/22'],
    ['192.168.128.0/18', '192.168.128.0/22', '192.168.132.0/24', '192.168.133.0/24'],
  ])('divides %s into private %s, public %s, data %s', (cidr, ...first) => {
    expect(
      planSubnets(cidr, zones(2))
        .slice(0, 3)
        .map((each) => each.cidr),
    ).toEqual(first);
  });

  it('never lets subnets overlap or leave the network, and keeps a quarter free', () => {
    fc.assert(
      fc.property(networks, fc.integer({ min: 2, max: 6 }), (cidr, count) => {
        const network = block(cidr);
        const subnets = planSubnets(cidr, zones(count)).map((each) => block(each.cidr));
        expect(subnets).toHaveLength(count * 3);
        for (const [place, subnet] of subnets.entries()) {
          expect(contains(network, subnet)).toBe(true);
          // AWS takes subnets of /16 to /28, on their own boundaries.
          expect(subnet.prefix).toBeLessThanOrEqual(28);
          expect(subnet.first % sizeOf(subnet)).toBe(0);
          expect(subnets.slice(place + 1).some((other) => overlap(subnet, other))).toBe(false);
        }
        const used = subnets.reduce((sum, subnet) => sum + sizeOf(subnet), 0);
        expect(used).toBeLessThanOrEqual(sizeOf(network) * 0.75);
      }),
    );
  });

  it('moves no subnet when a zone is added', () => {
    fc.assert(
      fc.property(networks, fc.integer({ min: 2, max: 5 }), (cidr, count) => {
        const more = planSubnets(cidr, zones(count + 1));
        expect(more.slice(0, count * 3)).toEqual(planSubnets(cidr, zones(count)));
      }),
    );
  });

  it.each([
    ['10.20.0.0', 'it is no block of IPv4 addresses', 'Write it as 10.20.0.0/16'],
    ['10.20.0.300/16', 'it is no block of IPv4 addresses', '10.20.0.0/16'],
    ['10.20.1.0/16', 'it does not begin where its prefix says', 'Write 10.20.0.0/16.'],
    ['11.20.0.0/16', 'its addresses are public', '10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16'],
    ['172.32.0.0/16', 'its addresses are public', '172.16.0.0/12'],
    ['10.0.0.0/12', 'AWS takes no network larger than /16', 'Write 10.0.0.0/16.'],
    ['10.20.3.0/24', 'too small', 'at least 10.20.0.0/20'],
  ])('refuses %s: %s, and says what to write', (cidr, problem, fix) => {
    const message = refusal('CUT-5401', () => planSubnets(cidr, zones(3)));
    expect(message).toContain(problem);
    expect(message).toContain(fix);
  });

  it.each([
    [['us-east-1a'], 'it is to span 1 zone'],
    [zones(6).concat('us-east-1f'), 'it is to span 7 zones'],
    [['us-east-1a', 'us-east-1a'], 'zone us-east-1a is named twice'],
    [['us-east-1a', 'us-east-1'], 'us-east-1 is no zone'],
  ])('refuses the zones %j: %s', (given, problem) => {
    expect(refusal('CUT-5401', () => planSubnets('10.20.0.0/16', given))).toContain(problem);
  });
});

describe('the zones of a region', () => {
  it.each([
    ['us-east-1', 3, ['us-east-1a', 'us-east-1b', 'us-east-1c']],
    ['ap-northeast-1', 3, ['ap-northeast-1a', 'ap-northeast-1c', 'ap-northeast-1d']],
    ['ca-central-1', 2, ['ca-central-1a', 'ca-central-1b']],
    ['us-west-1', ['a', 'c'], ['us-west-1a', 'us-west-1c']],
  ] as const)('of %s, %j, are %j', (region, wanted, expected) => {
    expect(zonesOf(region, wanted)).toEqual(expected);
  });

  it('must be named where accounts see different ones', () => {
    expect(refusal('CUT-5401', () => zonesOf('us-west-1', 2))).toContain("zones: ['a', 'c']");
  });
});

describe('a block of addresses', () => {
  it('reads what it wrote', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 32 - 1), fc.integer({ min: 0, max: 32 }), (first, prefix) => {
        expect(readCidr(showCidr({ first, prefix }))).toEqual({ first, prefix });
      }),
    );
  });
});
