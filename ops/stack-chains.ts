import type { Endpoint, NetworkRef } from '@cutover/chain/plan/network.ts';
import type { SignerRef } from '@cutover/chain/plan/signer.ts';
import { CutoverError } from '@cutover/base/errors.ts';
import type { CutoverConfig } from '../infra/config.ts';

/** The EVM chains of a stack by their ids, with the endpoints that this machine can ask. */
export function chainsOf({ networks }: Pick<CutoverConfig, 'networks'>): ReadonlyMap<number, NetworkRef> {
  const chains = new Map<number, NetworkRef>();
  for (const [name, network] of Object.entries(networks)) {
    if (network.kind !== 'evm') continue;
    const { chainId, confirmations } = network;
    const endpoints = network.endpoints.flatMap(({ url, weight }): Endpoint[] => {
      if (typeof url === 'string') return [{ url, weight }];
      // What is kept in AWS is for machines there.
      return url.kind === 'env' || url.kind === 'file'
        ? [{ url: { kind: url.kind, name: url.name }, weight }]
        : [];
    });
    chains.set(chainId, { name, chainId, confirmations, endpoints });
  }
  return chains;
}

/** A signer of the stack file, as far as this machine can sign with it. */
export function signerNamed(
  stack: string,
  { signers }: Pick<CutoverConfig, 'signers'>,
  name: string,
): SignerRef {
  const signer = Object.hasOwn(signers, name) ? signers[name] : undefined;
  switch (signer?.kind) {
    case 'local':
    case 'env':
    case 'file':
      return signer;
    case 'kms':
      return { kind: 'kms', key: signer.name, region: signer.region };
    case 'ssm':
    case undefined:
      throw new CutoverError('CUT-2286', {
        ...{ stack, what: `signer ${name} that this machine can sign with` },
        known: Object.keys(signers).join(', ') || 'none',
        fix: 'Name a signer of cutover:signers of the kind kms, env, file or, on dev, local.',
      });
  }
}
