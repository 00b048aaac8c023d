import { z } from 'zod';
import { explorersSchema } from './explorers.ts';
import { about, amount, named, oneOf, whole } from './fields.ts';
import { reference } from './reference.ts';

/** What an endpoint's URL says for the node that the dev stack runs itself; its port is in `cutover:local`. */
export const LOCAL_NODE = 'local';

const inlineUrl = about(
  z.string().regex(/^local$|^(https?|wss?):\/\/[^\s/?#]+/, {
    error: 'it must be an http://, https://, ws:// or wss:// URL',
  }),
  'The URL in plain text: for endpoints without a key in their URL. `local` is the node that dev runs itself.',
  'https://ethereum-rpc.publicnode.com',
);

const endpointSchema = z.strictObject({
  url: about(
    z.union([inlineUrl, reference('Where a URL with a key in it is kept.', '/cutover/prod/rpc/ethereum-1')], {
      error: 'it must be a URL, or { kind, name } of where one is kept',
    }),
    'The URL; one with a key in it is kept elsewhere and named by { kind, name }.',
    'https://ethereum-rpc.publicnode.com',
  ),
  weight: whole(
    1,
    100,
    'Share of the requests while it is healthy; the heaviest is asked first.',
    10,
  ).default(1),
});

const endpoints = about(
  z.array(endpointSchema).min(1, { error: 'at least one endpoint is needed' }),
  'Where the chain is asked, the heaviest first. Failing ones are passed over until they are healthy again.',
);

const gwei = (description: string, example: number) => amount(0, 100_000, description, example);

const evmSchema = about(
  z.strictObject({
    kind: z.literal('evm'),
    chainId: whole(1, Number.MAX_SAFE_INTEGER, 'The id that every endpoint must answer with.', 1),
    blockSeconds: amount(0, 600, 'Usual time between blocks; 0 is a local node that mines at once.', 12),
    confirmations: whole(1, 1000, 'Blocks, its own included, after which a transaction counts as done.', 12),
    fees: z.strictObject({
      fallbackGwei: about(
        z.strictObject({
          low: gwei('For what may wait.', 20),
          medium: gwei('For ordinary transactions.', 30),
          high: gwei('For what should not wait.', 50),
          urgent: gwei('For a pause or a rollback.', 80),
        }),
        'Gas price by urgency, for when no endpoint gives one.',
      ),
      ceilingGwei: gwei('No transaction is sent at a price above this.', 200),
    }),
    explorers: explorersSchema,
    quorum: whole(
      1,
      100,
      'How many endpoints must say the same of what is final or costs money. Left out: the majority of those that are well.',
      2,
    ).optional(),
    endpoints,
  }),
  'A chain that runs the Ethereum virtual machine.',
);

const clusters = ['localnet', 'devnet', 'testnet', 'mainnet-beta'] as const;

const solanaSchema = about(
  z.strictObject({
    kind: z.literal('solana'),
    cluster: oneOf(clusters, 'The Solana cluster.', 'mainnet-beta'),
    standsFor: oneOf(
      clusters,
      'Written by rehearsals beside localnet: the cluster that a node on this machine stands in for.',
      'mainnet-beta',
    ).optional(),
    commitment: oneOf(['confirmed', 'finalized'], 'When a transaction counts as done.', 'finalized'),
    endpoints,
  }),
  'A Solana cluster.',
);

/** The chains that systems of a stack may name. */
export const networksSchema = named(
  z.discriminatedUnion('kind', [evmSchema, solanaSchema]),
  'The chains of this stack, by name. A system says which one it uses.',
);

/** A URL, or where it is kept when it has a key in it, and its weight. */
export type Endpoint = z.output<typeof endpointSchema>;
export type EvmNetwork = z.output<typeof evmSchema>;
export type SolanaNetwork = z.output<typeof solanaSchema>;
export type Network = EvmNetwork | SolanaNetwork;
