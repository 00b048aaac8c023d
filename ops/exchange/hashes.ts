import type { ExchangeKey } from '../../infra/exchanges.ts';

/** What each release is on the chain. A build that is not the reviewed one is refused. SIDE EFFECTS: reads files. */
export async function hashesOf({
  releases,
  what,
}: Pick<ExchangeKey, 'releases' | 'what'>): Promise<Readonly<Record<string, string>>> {
  const [{ readReviewed }, { programHash }] = await Promise.all([
    import('@cutover/chain/solana/prepare-program.ts'),
    import('@cutover/chain/plan/solana/program-hash.ts'),
  ]);
  const hashes = Object.entries(releases).map(async ([name, { artifact, sha256 }]) => {
    const bytes = await readReviewed({ title: `release ${name} of ${what}`, artifact, sha256 });
    return [name, programHash(bytes)] as const;
  });
  return Object.fromEntries(await Promise.all(hashes));
}
