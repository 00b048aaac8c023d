import type { Value } from './values.ts';

// The internet in two or in a hundred halves is the internet: no partner has an eighth of all addresses.
/** Whether a network is so wide that it is nobody's. */
export function isInternet(network: Value): boolean {
  const [, address = '', bits = ''] =
    typeof network === 'string' ? (/^([^/]+)\/(\d+)$/.exec(network) ?? []) : [];
  return bits !== '' && Number(bits) < (address.includes(':') ? 16 : 8);
}
