/** The zone that a host is in: the longest of the domains that it ends with. */
export function zoneNameOf(host: string, domains: readonly string[]): string | undefined {
  return domains
    .filter((domain) => host === domain || host.endsWith(`.${domain}`))
    .toSorted((a, b) => b.length - a.length)[0];
}
