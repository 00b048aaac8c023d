import { describe, expect, it } from 'vitest';
import { readConfig } from '../../infra/config.ts';
import { edited, listOf, refusalOf, REMOVED, valuesOf, type Stack } from './config-kit.ts';

interface Case {
  readonly title: string;
  readonly stack: Stack;
  readonly edits: Readonly<Record<string, unknown>>;
  /** The lines that tell of it, all of them. */
  readonly told: readonly string[];
}

function kase(title: string, stack: Stack, edits: Case['edits'], ...told: readonly string[]): Case {
  return { title, stack, edits, told };
}

const godark = 'systems.godark';
const escrow = 'systems.metaAggregator.escrow';
const key = 'f'.repeat(64);
const everybodyHears = Object.fromEntries(
  ['on-call-lead', 'operations', 'security', 'development', 'product', 'business'].map((team) => [
    team,
    ['team@example.com'],
  ]),
);

const single: readonly Case[] = [
  kase(
    'a missing value',
    'prod',
    { 'gates.timeoutSeconds': REMOVED },
    'cutover:gates.timeoutSeconds',
    'is missing: How long a gate waits for good answers before the update stops',
    'for example   timeoutSeconds: 300',
  ),
  kase(
    'a missing block',
    'prod',
    { regions: REMOVED },
    'cutover:regions',
    'is missing: The AWS regions that systems of this stack may name. None on dev',
    'for example   cutover:regions: { us-east-1: { cidr: 10.20.0.0/16, zones: 3 } }',
  ),
  kase(
    'an account that is a number',
    'prod',
    { 'aws.account': 210987654321 },
    'cutover:aws.account',
    'is 210987654321; it must be a text',
    'for example   account: "123456789012"',
  ),
  kase(
    'an account on dev',
    'dev',
    { aws: { account: '123456789012', zones: {}, alarms: everybodyHears } },
    'cutover:aws',
    'names an account; dev runs on this machine only, leave the block out',
  ),
  kase(
    'a host in no zone of the account',
    'prod',
    { 'systems.coinestate.hosts.api': 'api.example.org' },
    'cutover:systems.coinestate.hosts.api',
    'is api.example.org, which is in no zone of cutover:aws.zones',
    'for example   zones: { example.org: {} }',
  ),
  kase(
    'an alarm that nobody hears',
    'prod',
    { 'aws.alarms.security': [] },
    'cutover:aws.alarms.security',
    'is an empty list; an alarm that nobody hears is none; name an address',
    'for example   security: [operations@example.com]',
  ),
  kase(
    'an image by its tag',
    'prod',
    { 'systems.coinestate.image': 'coinestate-api:latest' },
    'cutover:systems.coinestate.image',
    'is "coinestate-api:latest"; it must be the digest of an image, sha256: and 64 hexadecimal digits',
    `for example   image: sha256:${'0'.repeat(64)}`,
  ),
  kase(
    'an empty value',
    'prod',
    { [`${godark}.rateLimitPerMinute`]: null },
    'cutover:systems.godark.rateLimitPerMinute',
    'is empty',
    'for example   rateLimitPerMinute: 60',
  ),
  kase(
    'a number in quotes',
    'prod',
    { 'networks.ethereum.confirmations': '12' },
    'cutover:networks.ethereum.confirmations',
    'is "12", a text; it must be a number, written without quotes',
    'for example   confirmations: 12',
  ),
  kase(
    'a yes in quotes',
    'prod',
    { [`${godark}.enabled`]: 'true' },
    'cutover:systems.godark.enabled',
    'is "true", a text; it must be true or false, written without quotes',
    'for example   enabled: true',
  ),
  kase(
    'a yes as YAML 1.1 had it',
    'prod',
    { [`${godark}.enabled`]: 'on' },
    'cutover:systems.godark.enabled',
    'is "on", a text; it must be true or false',
    'for example   enabled: true',
  ),
  kase(
    'a fraction of a server',
    'prod',
    { [`${godark}.regions[0].api`]: 2.5 },
    'cutover:systems.godark.regions[0].api',
    'is 2.5; it must be a whole number',
    'for example   api: 3',
  ),
  kase(
    'too little',
    'prod',
    { 'networks.ethereum.endpoints[1].weight': -5 },
    'cutover:networks.ethereum.endpoints[1].weight',
    'is -5; the least is 1',
    'for example   weight: 10',
  ),
  kase(
    'too much',
    'prod',
    { [`${escrow}.emergencyDelayHours`]: 9000 },
    'cutover:systems.metaAggregator.escrow.emergencyDelayHours',
    'is 9000; the most is 720',
    'for example   emergencyDelayHours: 72',
  ),
  kase(
    'another word',
    'prod',
    { [`${godark}.beta.phase`]: 'launchd' },
    'cutover:systems.godark.beta.phase',
    'is "launchd"; did you mean launched? It must be one of internal, limited, expanded, launched',
    'for example   phase: launched',
  ),
  kase(
    'a kind of signer that there is not',
    'prod',
    { 'signers.escrow-arbiter.kind': 'ksm' },
    'cutover:signers.escrow-arbiter.kind',
    'is "ksm"; did you mean kms? It must be one of local, env, file, ssm, kms',
  ),
  kase(
    'a list in place of a block',
    'prod',
    { [`${godark}.cache`]: [1] },
    'cutover:systems.godark.cache',
    'is a list; it must be a block of keys',
    'for example   cache: { memoryGb: 4 }',
  ),
  kase(
    'a text in place of the whole block',
    'prod',
    { gates: 'quick' },
    'cutover:gates',
    'is "quick", a text; it must be a block of keys',
    'for example   cutover:gates: { timeoutSeconds: 300, holdSeconds: 30, intervalSeconds: 5, requestTimeoutSeconds: 5 }',
  ),
  kase(
    'no endpoint',
    'prod',
    { 'networks.ethereum.endpoints': [] },
    'cutover:networks.ethereum.endpoints',
    'is an empty list; at least one endpoint is needed',
    'for example   endpoints: [{ url: https://ethereum-rpc.publicnode.com, weight: 10 }]',
  ),
  kase(
    'Etherscan without a key',
    'prod',
    { 'networks.ethereum.explorers': [{ kind: 'etherscan' }] },
    'cutover:networks.ethereum.explorers[0]',
    'is a block of keys; Etherscan wants an apiKey; an explorer without one is named by its url',
    'for example   - { kind: etherscan, apiKey: { kind: ssm, name: /cutover/prod/explorers/etherscan }, …',
  ),
  kase(
    "an explorer's key in place of where it is kept",
    'prod',
    { 'networks.ethereum.explorers[0].apiKey': 'ABCDEFGH12345678IJKLMNOP12345678QR' },
    'cutover:networks.ethereum.explorers[0].apiKey',
    'holds an API key in plain text (not shown); keep it elsewhere, name it here, and have it changed',
    'for example   apiKey: { kind: ssm, name: /system/environment/area/name }',
  ),
  kase(
    'one explorer twice',
    'prod',
    { 'networks.ethereum.explorers': [{ kind: 'sourcify' }, { kind: 'sourcify' }] },
    'cutover:networks.ethereum.explorers',
    'is a list; two of them are the same explorer',
    'for example   explorers: [{ kind: etherscan, apiKey: { kind: ssm, name: /cutover/prod/explorers/etherscan } }, …',
  ),
  kase(
    'an explorer whose URL is not encrypted',
    'prod',
    { 'networks.ethereum.explorers[1].url': 'http://sourcify.example.org' },
    'cutover:networks.ethereum.explorers[1].url',
    'is "http://sourcify.example.org"; it must be an https:// URL without user, query and fragment',
    'for example   url: https://base.blockscout.com/api',
  ),
  kase(
    'an endpoint of another protocol',
    'prod',
    { 'networks.ethereum.endpoints[2].url': 'ftp://rpc.example.com' },
    'cutover:networks.ethereum.endpoints[2].url',
    'is "ftp://rpc.example.com"; it must be an http://, https://, ws:// or wss:// URL',
    'for example   url: https://ethereum-rpc.publicnode.com',
  ),
  kase(
    'an endpoint that is no text',
    'prod',
    { 'networks.ethereum.endpoints[2].url': 8545 },
    'cutover:networks.ethereum.endpoints[2].url',
    'is 8545; it must be a URL, or { kind, name } of where one is kept',
    'for example   url: https://ethereum-rpc.publicnode.com',
  ),
  kase(
    'a parameter whose path has another form',
    'prod',
    { 'networks.ethereum.endpoints[0].url.name': 'ethereum' },
    'cutover:networks.ethereum.endpoints[0].url.name',
    'is "ethereum"; it must be a path of the form /system/environment/area/name',
    'for example   name: /gemforce/prod/parse/master-key',
  ),
  kase(
    'a host with a scheme',
    'prod',
    { 'systems.gemforce.hosts.api': 'https://api.gemforce.com' },
    'cutover:systems.gemforce.hosts.api',
    'is "https://api.gemforce.com"; it must be a host name in small letters, without scheme, port or path',
    'for example   api: api.gemforce.com',
  ),
  // Keys that are not known, at any depth.
  kase(
    'a block that is not known',
    'prod',
    { netwroks: {}, networks: REMOVED },
    'cutover:netwroks',
    'is not a key that is known here; did you mean networks?',
    'for example   cutover:networks: { name: { kind: evm, chainId: 1, blockSeconds: 12, confirmations: 12, …',
  ),
  kase(
    'a deep key that is not known, and is not missing as well',
    'prod',
    { 'networks.ethereum.chain_id': 1, 'networks.ethereum.chainId': REMOVED },
    'cutover:networks.ethereum.chain_id',
    'is not a key that is known here; did you mean chainId?',
    'for example   chainId: 1',
  ),
  kase(
    'a key in a list that is not known',
    'prod',
    { [`${godark}.regions[1].cacheNode`]: 3 },
    'cutover:systems.godark.regions[1].cacheNode',
    'is not a key that is known here; the nearest, cacheNodes, is there already',
  ),
  kase(
    'a key that is near to none',
    'prod',
    { 'networks.ethereum.fees.surge': 3 },
    'cutover:networks.ethereum.fees.surge',
    'is not a key that is known here; known are fallbackGwei, ceilingGwei',
  ),
  kase(
    'a misspelt prefix',
    'prod',
    { 'cutovr:gates': {}, gates: REMOVED },
    'cutovr:gates',
    'is not a key that is known here; did you mean gates?',
    'for example   cutover:gates: { timeoutSeconds: 300, holdSeconds: 30, intervalSeconds: 5, requestTimeoutSeconds: 5 }',
  ),
  kase(
    'settings of a provider',
    'prod',
    { 'aws:region': 'us-east-1' },
    'aws:region',
    'is of another namespace, which nothing would read: providers are given their settings in code',
  ),
  // Values that do not fit to each other.
  kase(
    'ports on a stack that runs nothing here',
    'staging',
    { local: {} },
    'cutover:local',
    'is for dev only; staging runs nothing on this machine',
  ),
  kase(
    'two equal ports',
    'dev',
    { 'local.ports.coinestate': 3100 },
    'cutover:local.ports.coinestate',
    'is 3100, which cutover:local.ports.godark has already',
    'for example   coinestate: 3101',
  ),
  kase(
    'a port that is equal to a default',
    'dev',
    { 'local.ports': { postgres: 8545 } },
    'cutover:local.ports.postgres',
    'is 8545, which cutover:local.ports.evm has already',
    'for example   postgres: 8546',
  ),
  kase(
    'a port above the last one',
    'dev',
    { 'local.portOffset': 40_000 },
    'cutover:local.ports.mongo',
    'is 27117, with portOffset 67117; the highest port is 65535',
    'for example   portOffset: 38418 or less',
  ),
  kase(
    'a chain under the name of another',
    'staging',
    { 'networks.base-sepolia.chainId': 11_155_111 },
    'cutover:networks.base-sepolia.chainId',
    'is 11155111, but base-sepolia is chain 84532',
    'for example   chainId: 84532',
  ),
  kase(
    'a testnet on prod',
    'prod',
    {
      'networks.main': {
        ...(valuesOf('prod')['cutover:networks'] as Record<string, object>)['ethereum'],
        chainId: 80_002,
      },
    },
    'cutover:networks.main.chainId',
    'is 80002 (polygon-amoy), which is for staging; prod uses mainnets',
    'for example   chainId: 1 or 137 or 8453',
  ),
  kase(
    'a chain on dev that is not ours, and nothing that follows from it',
    'dev',
    { 'networks.local.chainId': 42_161 },
    'cutover:networks.local.chainId',
    'is 42161, but local is chain 31337',
    'for example   chainId: 31337',
  ),
  kase(
    'a chain on dev that is not known',
    'dev',
    {
      'networks.other': {
        ...(valuesOf('dev')['cutover:networks'] as Record<string, object>)['local'],
        chainId: 42_161,
      },
    },
    'cutover:networks.other.chainId',
    'is 42161; dev uses the local node',
    'for example   chainId: 31337',
  ),
  kase(
    'a chain on prod that mines at once',
    'prod',
    { 'networks.ethereum.blockSeconds': 0 },
    'cutover:networks.ethereum.blockSeconds',
    'is 0; only a local node mines at once',
    'for example   blockSeconds: 12',
  ),
  kase(
    'a mainnet cluster on staging',
    'staging',
    { 'networks.solana-devnet.cluster': 'mainnet-beta' },
    'cutover:networks.solana-devnet.cluster',
    'is mainnet-beta, which is for prod; staging uses testnets',
    'for example   cluster: devnet',
  ),
  kase(
    'a localnet on staging that stands for nothing',
    'staging',
    { 'networks.solana-devnet.cluster': 'localnet' },
    'cutover:networks.solana-devnet.cluster',
    'is localnet, which is for dev; staging uses testnets',
    'for example   cluster: devnet',
  ),
  kase(
    'a localnet on staging that stands for mainnet',
    'staging',
    {
      'networks.solana-devnet.cluster': 'localnet',
      'networks.solana-devnet.standsFor': 'mainnet-beta',
    },
    'cutover:networks.solana-devnet.cluster',
    'is localnet, which is for dev; staging uses testnets',
    'for example   cluster: devnet',
  ),
  kase(
    'the node of this machine on staging',
    'staging',
    { 'networks.sepolia.endpoints[1].url': 'local' },
    'cutover:networks.sepolia.endpoints[1].url',
    'is "local", this machine; only dev runs its own nodes',
    'for example   url: https://sepolia.base.org',
  ),
  ...['http://localhost:8545', 'ws://127.1:8545', 'http://[::1]', 'https://node.localhost/'].map((url) =>
    kase(
      `a loopback endpoint on prod: ${url}`,
      'prod',
      { 'networks.ethereum.endpoints[2].url': url },
      'cutover:networks.ethereum.endpoints[2].url',
      `is "${url}", this machine; only dev runs its own nodes`,
      'for example   url: https://sepolia.base.org',
    ),
  ),
  kase(
    'a URL that cannot be read',
    'prod',
    { 'networks.ethereum.endpoints[2].url': 'https://rpc.example.com:99999' },
    'cutover:networks.ethereum.endpoints[2].url',
    'is not a URL that can be read',
    'for example   url: https://sepolia.base.org',
  ),
  kase(
    'an endpoint given twice',
    'prod',
    { 'networks.solana-mainnet.endpoints[1].url': 'https://rpc-1.godark.internal' },
    'cutover:networks.solana-mainnet.endpoints[1].url',
    'is the same as endpoints[0]; one of them is enough',
  ),
  kase(
    'prices that fall with urgency',
    'prod',
    { 'networks.ethereum.fees.fallbackGwei.high': 25 },
    'cutover:networks.ethereum.fees.fallbackGwei',
    'falls with urgency: 20, 30, 25, 80',
    'for example   fallbackGwei: { low: 20, medium: 30, high: 50, urgent: 80 }',
  ),
  kase(
    'a ceiling below the fallback',
    'prod',
    { 'networks.ethereum.fees.ceilingGwei': 60 },
    'cutover:networks.ethereum.fees.ceilingGwei',
    'is 60, below the fallback of 80',
    'for example   ceilingGwei: 160',
  ),
  kase(
    'a network that is not described',
    'staging',
    { 'systems.metaAggregator.network': 'seplia' },
    'cutover:systems.metaAggregator.network',
    'is seplia, which cutover:networks does not describe; did you mean sepolia?',
    'for example   network: sepolia',
  ),
  kase(
    'a network of another kind',
    'staging',
    { [`${godark}.network`]: 'sepolia' },
    'cutover:systems.godark.network',
    'is sepolia, a network of kind evm; solana is needed',
    'for example   network: solana-devnet',
  ),
  kase(
    'a signer that is not described',
    'prod',
    { 'systems.sop138.deployer': 'somebody' },
    'cutover:systems.sop138.deployer',
    'is somebody, which cutover:signers does not describe; there: gemforce-deployer, gemforce-pauser, godark-deployer, godark-guardian, godark-perps, meta-aggregator-deployer, escrow-arbiter, escrow-pauser, sop-138-deployer, coinestate-deployer, sop-138-validator, sop-138-pauser, sop-138-guardian, coinestate-minter, coinestate-identity, coinestate-pauser',
    'for example   deployer: gemforce-deployer',
  ),
  kase(
    'an authority whose address has a digit mistyped',
    'prod',
    { 'authorities.gemforce-safe.address': '0x70997970C51812dc3A010C7d01b50e0d17dc79C9' },
    'cutover:authorities.gemforce-safe.address',
    'is "0x70997970C51812dc3A010C7d01b50e0d17dc79C9"; its checksum is wrong: a digit may be mistyped',
    'for example   address: "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"',
  ),
  kase(
    'an authority that is paid for by nobody',
    'prod',
    { 'authorities.gemforce-safe.gas': 'gemforce-deployr' },
    'cutover:authorities.gemforce-safe.gas',
    'is gemforce-deployr, which cutover:signers does not describe; did you mean gemforce-deployer?',
    'for example   gas: gemforce-deployer',
  ),
  kase(
    'a time lock in front of a time lock',
    'prod',
    { 'authorities.gemforce-timelock.proposer': 'sop-138-timelock' },
    'cutover:authorities.gemforce-timelock.proposer',
    'is sop-138-timelock, a time lock itself; a Safe or a signer proposes',
    'for example   proposer: gemforce-safe',
  ),
  kase(
    'a name that is a signer and an authority',
    'prod',
    { 'signers.gemforce-safe': { kind: 'kms', name: 'alias/gemforce', region: 'us-east-1' } },
    'cutover:authorities.gemforce-safe',
    'is a signer already; a name leads to one account',
  ),
  kase(
    'a right that is given to nobody',
    'prod',
    { 'systems.coinestate.token.accounts.minter': 'coinestate-mintr' },
    'cutover:systems.coinestate.token.accounts.minter',
    'is coinestate-mintr, which cutover:signers or cutover:authorities does not describe; did you mean coinestate-minter?',
    'for example   minter: coinestate-minter',
  ),
  kase(
    'an arbiter who is the admin too, under another name',
    'dev',
    { 'signers.escrow-arbiter.account': 2 },
    'cutover:systems.metaAggregator.escrow.arbiter',
    'is escrow-arbiter, the same account as the admin; the arbiter must be nobody else',
    'for example   arbiter: escrow-arbiter',
  ),
  kase(
    'a well-known account on prod',
    'prod',
    { 'signers.sop-138-deployer': { kind: 'local', account: 0 } },
    'cutover:signers.sop-138-deployer.kind',
    'is local, which is for dev only: its key is public',
    'for example   sop-138-deployer: { kind: kms, name: alias/sop-138-deployer, region: us-east-1 }',
  ),
  kase(
    'a secret in a file on staging',
    'staging',
    { [`${godark}.secrets.jwtSecret`]: { kind: 'file', name: 'jwt.txt' } },
    'cutover:systems.godark.secrets.jwtSecret.kind',
    'is file, which is for dev only: a file on one machine is no place for a shared secret',
    'for example   jwtSecret: { kind: ssm, name: /system/staging/area/name }',
  ),
  kase(
    'a cloud secret on dev',
    'dev',
    { [`${godark}.secrets.jwtSecret`]: { kind: 'ssm', name: '/godark/dev/jwt/secret' } },
    'cutover:systems.godark.secrets.jwtSecret.kind',
    'is ssm, which is for staging and prod only: dev works without a cloud account',
    'for example   jwtSecret: { kind: env, name: NAME_OF_A_VARIABLE }',
  ),
  kase(
    'a parameter of another environment',
    'staging',
    { 'systems.gemforce.secrets.masterKey.name': '/gemforce/prod/parse/master-key' },
    'cutover:systems.gemforce.secrets.masterKey.name',
    'is /gemforce/prod/parse/master-key, a path of prod; this is staging',
    'for example   name: /gemforce/staging/parse/master-key',
  ),
  kase(
    'a parameter of another system',
    'prod',
    { 'systems.gemforce.secrets.masterKey.name': '/godark/prod/parse/master-key' },
    'cutover:systems.gemforce.secrets.masterKey.name',
    'is /godark/prod/parse/master-key, which belongs to godark',
    'for example   name: /gemforce/prod/parse/master-key',
  ),
  kase(
    'a parameter of no system',
    'prod',
    { 'networks.ethereum.endpoints[0].url.name': '/alchemy/prod/rpc/key' },
    'cutover:networks.ethereum.endpoints[0].url.name',
    'is /alchemy/prod/rpc/key; no system is called alchemy: they are gemforce, godark, meta-aggregator, sop-138, coinestate, cutover',
  ),
  kase(
    'a key of a region that is not listed',
    'prod',
    { 'signers.escrow-arbiter.region': 'eu-central-1' },
    'cutover:signers.escrow-arbiter.region',
    'is eu-central-1, which cutover:regions does not list',
    'for example   region: us-east-1',
  ),
  kase(
    'regions on dev',
    'dev',
    { 'regions.us-east-1': { cidr: '10.0.0.0/16', zones: 2 } },
    'cutover:regions',
    'lists regions; dev runs on this machine only',
    'for example   cutover:regions: {}',
  ),
  kase(
    'two networks in the same place',
    'prod',
    { 'regions.eu-west-1.cidr': '10.10.0.0/16' },
    'cutover:regions.eu-west-1.cidr',
    'is 10.10.0.0/16, which cutover:regions.us-west-2.cidr has already',
    'for example   cidr: 10.20.0.0/16',
  ),
  kase(
    'an address that there is not',
    'prod',
    { 'regions.eu-west-1.cidr': '10.300.0.0/16' },
    'cutover:regions.eu-west-1.cidr',
    'is 10.300.0.0/16; no part of an address is above 255',
    'for example   cidr: 10.20.0.0/16',
  ),
  kase(
    'a region that is not listed',
    'prod',
    { 'systems.gemforce.region': 'us-east-2' },
    'cutover:systems.gemforce.region',
    'is us-east-2, which cutover:regions does not list',
    'for example   region: us-east-1',
  ),
  kase(
    'a cloud region on dev',
    'dev',
    { 'systems.sop138.region': 'us-east-1' },
    'cutover:systems.sop138.region',
    'is us-east-1; dev runs on this machine only',
    'for example   region: local',
  ),
  kase(
    'a region given twice',
    'prod',
    { 'systems.coinestate.regions[2].region': 'eu-west-1' },
    'cutover:systems.coinestate.regions[2].region',
    'is eu-west-1, which regions[1] is already',
  ),
  kase(
    'a role given twice',
    'prod',
    { 'systems.coinestate.regions[2].role': 'secondary' },
    'cutover:systems.coinestate.regions[2].role',
    'is secondary, which regions[1] is already; traffic moves from role to role',
    'for example   role: tertiary',
  ),
  kase(
    'no primary in front',
    'prod',
    { 'systems.coinestate.regions[0].role': 'tertiary', 'systems.coinestate.regions[2].role': 'primary' },
    'cutover:systems.coinestate.regions[0].role',
    'is tertiary; the primary comes first',
    'for example   role: primary',
  ),
  kase(
    'two matching engines at work',
    'prod',
    { [`${godark}.regions[1].matchingEngine.active`]: 1 },
    'cutover:systems.godark.regions[1].matchingEngine.active',
    'is 1 in the secondary region; one works, in the primary region',
    'for example   active: 0',
  ),
  kase(
    'this machine as a host on prod',
    'prod',
    { 'systems.gemforce.hosts.api': 'localhost' },
    'cutover:systems.gemforce.hosts.api',
    'is localhost; only dev is reached on this machine',
    'for example   api: api.example.com',
  ),
  kase(
    'a host of the internet on dev',
    'dev',
    { 'systems.gemforce.hosts.api': 'api.gemforce.com' },
    'cutover:systems.gemforce.hosts.api',
    'is api.gemforce.com; dev is reached on this machine only',
    'for example   api: localhost',
  ),
  kase(
    'one host for two systems',
    'prod',
    { 'systems.coinestate.hosts.web': 'metaaggregator.com' },
    'cutover:systems.coinestate.hosts.web',
    'is metaaggregator.com, which cutover:systems.metaAggregator.hosts.web has already',
  ),
  kase(
    'a least above the most',
    'prod',
    { 'systems.sop138.node.instances': { min: 6, max: 2 } },
    'cutover:systems.sop138.node.instances',
    'has min 6 above max 2',
    'for example   instances: { min: 2, max: 6 }',
  ),
  kase(
    'a beta that shrinks',
    'prod',
    { [`${godark}.beta.limited.tvlUsd`]: 5000 },
    'cutover:systems.godark.beta.limited.tvlUsd',
    'is 5000, below the 10000 of the phase before',
    'for example   tvlUsd: 10000',
  ),
  kase(
    'more testers in a phase than in all',
    'prod',
    { [`${godark}.beta.usersInAll`]: 40 },
    'cutover:systems.godark.beta.usersInAll',
    'is 40, below the 50 users of the last phase',
    'for example   usersInAll: 50',
  ),
  kase(
    'steps that end before all traffic has moved',
    'prod',
    { [`${godark}.release.trafficPercent`]: [10, 50] },
    'cutover:systems.godark.release.trafficPercent',
    'is [10, 50]; it must rise and end with 100',
    'for example   trafficPercent: [10, 50, 100]',
  ),
  kase(
    'backups that leave before they may',
    'prod',
    { [`${godark}.backups.warmDays`]: 3 },
    'cutover:systems.godark.backups.warmDays',
    'is 3, less than the 7 days before that',
    'for example   warmDays: 30',
  ),
  kase(
    'a hold longer than the wait',
    'prod',
    { 'gates.holdSeconds': 601 },
    'cutover:gates.holdSeconds',
    'is 601, longer than the whole wait of 600 s',
    'for example   holdSeconds: 600',
  ),
  kase(
    'another environment than the stack',
    'prod',
    { environment: 'production' },
    'cutover:environment',
    'is "production"; did you mean prod? It must be one of dev, staging, prod',
    'for example   cutover:environment: prod',
  ),
  kase(
    'a quorum that cannot be had',
    'prod',
    { 'networks.ethereum.quorum': 4 },
    'cutover:networks.ethereum.quorum',
    'is 4, but there are 3 endpoints; nothing would ever be final',
    'for example   quorum: 2',
  ),
  kase(
    'an event that nobody tells',
    'prod',
    { notifications: { webhook: { kind: 'ssm', name: '/cutover/prod/notify/webhook' }, events: ['stal'] } },
    'cutover:notifications.events[0]',
    'is "stal"; did you mean stalled? It must be one of stalled, bumped, stuck, orphaned, put-back, nonce-taken, gap-filled, chain-restarted, disagreed, proposed, announced',
    'for example   - stalled',
  ),
  kase(
    'a webhook in plain text',
    'prod',
    {
      notifications: {
        webhook: 'https://hooks.slack.com/services/T024BE7LD/B01ABCDEF12/4e2k1z9QwErTyUiOpAsDfGhJ',
      },
    },
    'cutover:notifications.webhook',
    'holds a key in plain text (not shown); keep it elsewhere, name it here, and have it changed',
    'for example   webhook: { kind: ssm, name: /system/environment/area/name }',
  ),
  // Secrets: told of, never shown.
  kase(
    'a private key in place of a name',
    'prod',
    { 'signers.escrow-admin': { kind: 'env', name: key } },
    'cutover:signers.escrow-admin.name',
    'holds a private key in plain text (not shown); keep it elsewhere, name it here, and have it changed',
    'for example   name: { kind: ssm, name: /system/environment/area/name }',
  ),
  kase(
    'a key in a URL',
    'prod',
    { 'networks.ethereum.endpoints[2].url': 'https://mainnet.infura.io/v3/0123456789abcdef0123456789abcdef' },
    'cutover:networks.ethereum.endpoints[2].url',
    'holds a key in plain text (not shown); keep it elsewhere, name it here, and have it changed',
    'for example   url: { kind: ssm, name: /system/environment/area/name }',
  ),
  kase(
    'an encrypted value',
    'prod',
    { [`${godark}.secrets.jwtSecret`]: { secure: 'v1:abcdef' } },
    'cutover:systems.godark.secrets.jwtSecret',
    'holds an encrypted value; the program would carry it in plain text, so secrets are only named',
    'for example   jwtSecret: { kind: ssm, name: /system/environment/area/name }',
  ),
];

describe('a stack file with one mistake is refused', () => {
  it.each(single)('$title', ({ stack, edits, told }) => {
    const message = refusalOf(edited(stack, edits), stack);
    expect(
      listOf(message)
        .split('\n')
        .map((line) => line.trim()),
    ).toEqual(told);
    expect(message).toContain(`CUT-1000 Pulumi.${stack}.yaml has 1 error. Nothing was changed.`);
  });
});

describe('names that cannot be used', () => {
  it.each([
    ['networks["Main Net"]', 'cutover:networks', 'Main Net', 'small letters, digits and single hyphens'],
    ['signers.-x', 'cutover:signers', '-x', 'small letters, digits and single hyphens'],
    ['regions.us-east1', 'cutover:regions', 'us-east1', 'it must be an AWS region'],
  ])('%s', (shown, block, name, wrong) => {
    const values = valuesOf('prod');
    const blocks = values[block] as Record<string, unknown>;
    blocks[name] = Object.values(blocks)[0];
    const list = listOf(refusalOf(values, 'prod'));
    expect(list).toContain(`  cutover:${shown}\n      has a name that cannot be used; `);
    expect(list).toContain(wrong);
  });
});

describe('the name of a stack', () => {
  it.each([
    ['prod', 'is staging, but the stack is called prod', 'for example   cutover:environment: prod'],
    ['production', 'is staging, but the stack is called production; a name begins with its environment', ''],
    ['stagingx', 'is staging, but the stack is called stagingx; a name begins with its environment', ''],
  ])('%s does not go with another environment', (stack, wrong, example) => {
    const list = listOf(refusalOf(valuesOf('staging'), stack));
    expect(list).toContain(wrong);
    expect(list).toContain(example);
  });
});

describe('mistakes at once', () => {
  it('are all told, each with its place and what would be right', () => {
    const values = edited('staging', {
      'networks.base-sepolia.chainId': '84532',
      'networks.sepolia.endpoints[1].weight': -5,
      'systems.sop138.netwrok': 'polygon-amoy',
      'systems.sop138.network': REMOVED,
      'systems.metaAggregator.network': 'seplia',
      'signers.escrow-admin': { kind: 'local', account: 0 },
    });
    expect(refusalOf(values, 'staging')).toMatchInlineSnapshot(`
      "CUT-1000 Pulumi.staging.yaml has 5 errors. Nothing was changed.
        cutover:networks.base-sepolia.chainId
            is "84532", a text; it must be a number, written without quotes
            for example   chainId: 84532
        cutover:networks.sepolia.endpoints[1].weight
            is -5; the least is 1
            for example   weight: 10
        cutover:systems.sop138.netwrok
            is not a key that is known here; did you mean network?
            for example   network: polygon-amoy
        cutover:signers.escrow-admin.kind
            is local, which is for dev only: its key is public
            for example   escrow-admin: { kind: kms, name: alias/escrow-admin, region: us-east-1 }
        cutover:systems.metaAggregator.network
            is seplia, which cutover:networks does not describe; did you mean sepolia?
            for example   network: sepolia
        fix: Correct the lines above and run the same command again."
    `);
  });

  it('in one block do not hide those between blocks', () => {
    const values = edited('prod', {
      'networks.ethereum.endpoints[0].weight': 'ten',
      'systems.coinestate.regions[1].tasks': { min: 5, max: 2 },
      'systems.coinestate.regions[2].tasks.min': 'two',
      'signers.godark-deployer': { kind: 'smm', name: 'x' },
      'systems.godark.network': 'solana',
      'systems.godark.deployer': 'godark-deploye',
    });
    const paths = listOf(refusalOf(values, 'prod'))
      .split('\n')
      .filter((line) => /^ {2}\S/.test(line))
      .map((line) => line.trim());
    expect(paths.sort()).toEqual([
      'cutover:networks.ethereum.endpoints[0].weight',
      'cutover:signers.godark-deployer.kind',
      'cutover:systems.coinestate.regions[1].tasks',
      'cutover:systems.coinestate.regions[2].tasks.min',
      'cutover:systems.godark.deployer',
      'cutover:systems.godark.network',
    ]);
  });

  it('and secrets among them are never shown', () => {
    const phrase = 'test test test test test test test test test test test junk';
    const url = 'https://user:hunter2@rpc.example.com/';
    const values = edited('prod', {
      'signers.escrow-admin': { kind: 'env', name: key, region: 5 },
      'signers.escrow-pauser': phrase,
      'systems.godark.beta.phase': key,
      'networks.ethereum.endpoints[2].url': url,
      'systems.godark.secrets': { secure: 'v1:c2VjcmV0' },
      nonsense: { deep: [key] },
      [key]: 1,
    });
    const message = refusalOf(values, 'prod');
    for (const secret of [key, phrase, 'hunter2', 'v1:c2VjcmV0']) expect(message).not.toContain(secret);
    expect(message.match(/\(not shown\)/g)?.length).toBe(6);
    expect(message).toContain('holds an encrypted value');
  });
});

describe('values that the engine keeps encrypted', () => {
  it('are refused by their key, whatever they hold', () => {
    const read = () => readConfig(valuesOf('prod'), { stack: 'prod', encrypted: ['cutover:signers'] });
    expect(read).toThrow(/cutover:signers\n {6}holds an encrypted value/);
  });
});
