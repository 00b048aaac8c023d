import type { Refusal, Value } from '../../kind.ts';
import { refusal } from '../values.ts';

/** The protocol and the ports of a rule. */
export interface RulePorts {
  /** As EC2 names it: `tcp`, `udp`, `icmp`, `icmpv6`, `-1` for all, or another number. */
  readonly protocol: string;
  readonly from: Value | undefined;
  readonly to: Value | undefined;
}

const numbers: Readonly<Record<string, string>> = { 1: 'icmp', 6: 'tcp', 17: 'udp', 58: 'icmpv6', all: '-1' };

/** A protocol as EC2 names it, whichever way it was written. */
export function protocolName(text: string): string {
  const lower = text.toLowerCase();
  return numbers[lower] ?? lower;
}

/** A rule as EC2 writes it in its errors; two rules are the same when this is the same. */
export function ruleText(peer: string, { protocol, from, to }: RulePorts): string {
  if (protocol === '-1') return `peer: ${peer}, ALL, ALLOW`;
  if (/^\d+$/.test(protocol)) return `peer: ${peer}, protocol: ${protocol}, ALLOW`;
  return protocol.startsWith('icmp')
    ? `peer: ${peer}, ${protocol.toUpperCase()}, type: ${portText(from)}, code: ${portText(to)}, ALLOW`
    : `peer: ${peer}, ${protocol.toUpperCase()}, from port: ${portText(from)}, to port: ${portText(to)}, ALLOW`;
}

/** What is wrong with the protocol and the ports of a rule; `at` is the path before their names, or empty. */
export function portProblems({ protocol, from, to }: RulePorts, at = ''): Refusal[] {
  const path = (name: string) => (at === '' ? name : `${at}.${name}`);
  const wrong = (message: string, name: string) => [refusal('InvalidParameterValue', message, path(name))];
  // https://github.com/hashicorp/terraform-provider-aws/issues/1793
  if (!['tcp', 'udp', 'icmp', 'icmpv6', '-1'].includes(protocol) && !isProtocolNumber(protocol))
    return wrong(
      `Invalid value '${protocol}' for IP protocol. Unknown protocol.`,
      at === '' ? 'ipProtocol' : 'protocol',
    );
  if (protocol.startsWith('icmp')) {
    // https://github.com/terraform-aws-modules/terraform-aws-security-group/issues/7
    if (typeof from === 'number' && (from < -1 || from > 255))
      return wrong(`ICMP type (${from}) out of range`, 'fromPort');
    return typeof to === 'number' && (to < -1 || to > 255)
      ? wrong(`ICMP code (${to}) out of range`, 'toPort')
      : [];
  }
  // The provider's own check of rules that are written in a group; EC2 leaves out the ports of the others.
  if (protocol === '-1' && at !== '' && typeof from === 'number' && typeof to === 'number' && (from || to))
    return wrong(
      `from_port (${from}) and to_port (${to}) must both be 0 to use the 'ALL' "-1" protocol!`,
      'fromPort',
    );
  if (protocol !== 'tcp' && protocol !== 'udp') return [];
  // https://github.com/aws/aws-cli/issues/1066
  if (typeof from === 'number' && !isPort(from))
    return wrong(`TCP/UDP (from) port (${from}) out of range`, 'fromPort');
  if (typeof to === 'number' && !isPort(to)) return wrong(`TCP/UDP (to) port (${to}) out of range`, 'toPort');
  // A paraphrase: no report of the text was found.
  return typeof from === 'number' && typeof to === 'number' && from > to
    ? wrong(`Invalid TCP/UDP port range (${from}:${to})`, 'toPort')
    : [];
}

function portText(value: Value | undefined): string {
  return typeof value === 'number' || typeof value === 'string' ? `${value}` : '';
}

function isPort(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= 65_535;
}

function isProtocolNumber(text: string): boolean {
  return /^\d{1,3}$/.test(text) && Number(text) <= 255;
}
