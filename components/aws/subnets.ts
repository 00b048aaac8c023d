import { CutoverError } from '@cutover/base/errors.ts';
import { aligned, contains, readCidr, showCidr, sizeOf, type AddressBlock } from './cidr.ts';

/** What may be reached from where. `data` has no way to the internet, in neither direction. */
export const subnetUses = ['private', 'public', 'data'] as const;
export type SubnetUse = (typeof subnetUses)[number];

/** One subnet as it will be made. */
export interface PlannedSubnet {
  readonly use: SubnetUse;
  /** `us-east-1a`. */
  readonly zone: string;
  /** The zone's last letter, by which its parts are named. */
  readonly letter: string;
  readonly cidr: string;
}

// Each zone has an eighth of the network. Half of that is private, where tasks take an address each; an eighth each
// for load balancers and for databases; a quarter stays free. Which eighth a zone has depends on its place in the list
// alone, so a zone more moves no subnet that is there.
const ZONE_BITS = 3;
const shares: Readonly<Record<SubnetUse, { readonly offset: number; readonly bits: number }>> = {
  private: { offset: 0, bits: 1 },
  public: { offset: 4 / 8, bits: 3 },
  data: { offset: 5 / 8, bits: 3 },
};
const LARGEST = 16;
const SMALLEST = 20;

// RFC 1918.
const privateRanges: readonly AddressBlock[] = [
  { first: 10 * 2 ** 24, prefix: 8 },
  { first: 172 * 2 ** 24 + 16 * 2 ** 16, prefix: 12 },
  { first: 192 * 2 ** 24 + 168 * 2 ** 16, prefix: 16 },
];

/**
 * Divides a network into public, private and data subnets, one of each for every zone. The same network with a zone
 * more keeps all subnets that it had; at least a quarter stays free.
 */
export function planSubnets(cidr: string, zones: readonly string[]): readonly PlannedSubnet[] {
  const network = checkedNetwork(cidr, zones);
  return zones.flatMap((zone, place) =>
    subnetUses.map((use) => {
      const slot = sizeOf(network) / 2 ** ZONE_BITS;
      const { offset, bits } = shares[use];
      const block = {
        first: network.first + slot * (place + offset),
        prefix: network.prefix + ZONE_BITS + bits,
      };
      return { use, zone, letter: zone.slice(-1), cidr: showCidr(block) };
    }),
  );
}

// New accounts get zones a, b and c almost everywhere; here they do not.
const unusualZones: Readonly<Record<string, string>> = { 'ap-northeast-1': 'acd', 'ca-central-1': 'abd' };
// Which two of its three zones an account sees in us-west-1 differs from account to account.
const unknowable: readonly string[] = ['us-west-1'];

// Elsewhere an account sees three.
const manyZones: Readonly<Record<string, number>> = { 'us-east-1': 6, 'us-west-2': 4, 'ap-northeast-2': 4 };

/** The first zones of a region. Where accounts see different ones, the letters must be given. */
export function zonesOf(region: string, wanted: number | readonly string[]): readonly string[] {
  if (typeof wanted !== 'number') return wanted.map((letter) => `${region}${letter}`);
  const refuse = (problem: string, fix: string): CutoverError =>
    new CutoverError('CUT-5401', { cidr: `in ${region}`, problem, fix });
  const named = `zones: ['a', 'c'] (aws ec2 describe-availability-zones --region ${region} lists yours).`;
  if (unknowable.includes(region))
    throw refuse('accounts see different zones there', `Name the zones: ${named}`);
  const most = manyZones[region] ?? 3;
  if (!Number.isInteger(wanted) || wanted < 2 || wanted > most)
    throw refuse(
      `it is to span ${wanted} ${wanted === 1 ? 'zone' : 'zones'}`,
      `Give it two to ${most}: a load balancer needs two, and ${region} has ${most} for everybody. Or name them: ${named}`,
    );
  const letters = new Set([...(unusualZones[region] ?? ''), ...'abcdef']);
  return [...letters].slice(0, wanted).map((letter) => `${region}${letter}`);
}

function checkedNetwork(cidr: string, zones: readonly string[]): AddressBlock {
  const refuse = (problem: string, fix: string): CutoverError =>
    new CutoverError('CUT-5401', { cidr, problem, fix });
  const network = readCidr(cidr);
  if (network === undefined)
    throw refuse('it is no block of IPv4 addresses', 'Write it as 10.20.0.0/16: four numbers and a prefix.');
  const straight = aligned(network);
  if (straight.first !== network.first)
    throw refuse('it does not begin where its prefix says', `Write ${showCidr(straight)}.`);
  if (!privateRanges.some((range) => contains(range, network)))
    throw refuse(
      'its addresses are public',
      `Take addresses from ${privateRanges.map(showCidr).join(', ')}.`,
    );
  if (network.prefix < LARGEST)
    throw refuse(
      'AWS takes no network larger than /16',
      `Write ${showCidr({ ...network, prefix: LARGEST })}.`,
    );
  if (network.prefix > SMALLEST)
    throw refuse(
      'its subnets would be too small for load balancers and endpoints',
      `Give it at least ${showCidr(aligned({ ...network, prefix: SMALLEST }))}; a /16 costs nothing more.`,
    );
  if (zones.length < 2 || zones.length > 6)
    throw refuse(
      `it is to span ${zones.length} ${zones.length === 1 ? 'zone' : 'zones'}`,
      'Give it two to six: a load balancer needs two, and no region has more than six.',
    );
  const twice = zones.find((zone, place) => zones.indexOf(zone) !== place);
  if (twice !== undefined) throw refuse(`zone ${twice} is named twice`, 'Name each zone once.');
  const odd = zones.find((zone) => !/^[a-z]{2}(-[a-z]+)+-\d[a-f]$/.test(zone));
  if (odd !== undefined)
    throw refuse(`${odd} is no zone`, "Name zones by their letters: zones: ['a', 'b', 'c'].");
  return network;
}
