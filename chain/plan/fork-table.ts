/** An EVM by the name that the Solidity compiler has for it. */
export type EvmVersion =
  | 'homestead'
  | 'tangerineWhistle'
  | 'spuriousDragon'
  | 'byzantium'
  | 'constantinople'
  | 'petersburg'
  | 'istanbul'
  | 'berlin'
  | 'london'
  | 'paris'
  | 'shanghai'
  | 'cancun'
  | 'prague'
  | 'osaka'
  | 'amsterdam';

/** A change of a chain's rules, and when it comes into force. */
export interface Fork {
  readonly name: string;
  readonly at: { readonly block: number } | { readonly time: number };
  /** The EVM that the chain has from then on; undefined where the fork leaves it as it is. */
  readonly evm?: EvmVersion;
  /** What a transaction may use from then on. */
  readonly transactionGasCap?: bigint;
  /** For people: what changes for those who deploy. */
  readonly consequence?: string;
}

/** What is known of one chain. */
export interface ChainForks {
  /** Usual time between blocks, to tell when a block number will be reached. */
  readonly blockSeconds: number;
  /** In wei: nodes of the chain refuse what tips less. */
  readonly minimumTip?: bigint;
  /** In the order of their activation. */
  readonly forks: readonly Fork[];
}

const gwei = 1_000_000_000n;

// EIP-7825.
const osakaCap = 16_777_216n;
// From EIP-8037 on the cap of EIP-7825 is for execution alone; creating state comes on top, 2^32 - 1 for both.
export const amsterdamCap = 2n ** 32n - 1n;
// Polygon has its own figure for EIP-7825: https://github.com/0xPolygon/erigon/releases/tag/v3.3.0
const madhugiriCap = 33_554_432n;

const createsStateDearly = 'creating state, so deploying too, costs several times the gas (EIP-8037)';

/**
 * The forks of the chains that stacks use, by chain id. A chain that is not here is taken as its head block shows it.
 * A fork belongs here once its activation is published; `docs/networks.md` says how to add one.
 */
export const forkTable: Readonly<Record<number, ChainForks>> = {
  // https://github.com/ethereum/go-ethereum/blob/master/params/config.go (MainnetChainConfig); Paris is the first block
  // of proof of stake. No date for Amsterdam yet: https://eips.ethereum.org/EIPS/eip-7773
  1: {
    blockSeconds: 12,
    forks: [
      { name: 'Homestead', at: { block: 1_150_000 }, evm: 'homestead' },
      { name: 'Tangerine Whistle', at: { block: 2_463_000 }, evm: 'tangerineWhistle' },
      { name: 'Spurious Dragon', at: { block: 2_675_000 }, evm: 'spuriousDragon' },
      { name: 'Byzantium', at: { block: 4_370_000 }, evm: 'byzantium' },
      { name: 'Petersburg', at: { block: 7_280_000 }, evm: 'petersburg' },
      { name: 'Istanbul', at: { block: 9_069_000 }, evm: 'istanbul' },
      { name: 'Berlin', at: { block: 12_244_000 }, evm: 'berlin' },
      { name: 'London', at: { block: 12_965_000 }, evm: 'london' },
      { name: 'Paris', at: { block: 15_537_394 }, evm: 'paris' },
      { name: 'Shanghai', at: { time: 1_681_338_455 }, evm: 'shanghai' },
      { name: 'Cancun', at: { time: 1_710_338_135 }, evm: 'cancun' },
      { name: 'Prague', at: { time: 1_746_612_311 }, evm: 'prague' },
      { name: 'Osaka', at: { time: 1_764_798_551 }, evm: 'osaka', transactionGasCap: osakaCap },
      { name: 'BPO1', at: { time: 1_765_290_071 } },
      { name: 'BPO2', at: { time: 1_767_747_671 } },
    ],
  },

  // https://github.com/ethereum/go-ethereum/blob/master/params/config.go (SepoliaChainConfig); Amsterdam:
  // https://blog.ethereum.org/en/2026/09/17/glamsterdam-testnet-announcement
  11155111: {
    blockSeconds: 12,
    forks: [
      { name: 'London', at: { block: 0 }, evm: 'london' },
      { name: 'Paris', at: { block: 1_735_371 }, evm: 'paris' },
      { name: 'Shanghai', at: { time: 1_677_557_088 }, evm: 'shanghai' },
      { name: 'Cancun', at: { time: 1_706_655_072 }, evm: 'cancun' },
      { name: 'Prague', at: { time: 1_741_159_776 }, evm: 'prague' },
      { name: 'Osaka', at: { time: 1_760_427_360 }, evm: 'osaka', transactionGasCap: osakaCap },
      { name: 'BPO1', at: { time: 1_761_017_184 } },
      { name: 'BPO2', at: { time: 1_761_607_008 } },
      {
        name: 'Amsterdam',
        at: { time: 1_791_294_816 },
        evm: 'amsterdam',
        transactionGasCap: amsterdamCap,
        consequence: createsStateDearly,
      },
    ],
  },

  // https://docs.base.org/base-chain/specs/upgrades/ (a page with both times for each) and
  // https://github.com/ethereum-optimism/superchain-registry (superchain/configs/mainnet/base.toml)
  8453: {
    blockSeconds: 0.2,
    forks: [
      { name: 'Bedrock', at: { block: 0 }, evm: 'paris' },
      { name: 'Canyon', at: { time: 1_704_992_401 }, evm: 'shanghai' },
      { name: 'Delta', at: { time: 1_708_560_000 } },
      { name: 'Ecotone', at: { time: 1_710_374_401 }, evm: 'cancun' },
      { name: 'Fjord', at: { time: 1_720_627_201 } },
      { name: 'Granite', at: { time: 1_726_070_401 } },
      { name: 'Holocene', at: { time: 1_736_445_601 } },
      { name: 'Isthmus', at: { time: 1_746_806_401 }, evm: 'prague' },
      { name: 'Jovian', at: { time: 1_764_691_201 } },
      { name: 'Azul', at: { time: 1_779_991_200 }, evm: 'osaka', transactionGasCap: osakaCap },
      { name: 'Beryl', at: { time: 1_782_410_400 } },
      {
        name: 'Denim',
        at: { time: 1_793_901_600 },
        consequence: 'five blocks a second instead of one in two',
      },
    ],
  },
  84532: {
    blockSeconds: 0.2,
    forks: [
      { name: 'Bedrock', at: { block: 0 }, evm: 'paris' },
      { name: 'Canyon', at: { time: 1_699_981_200 }, evm: 'shanghai' },
      { name: 'Delta', at: { time: 1_703_203_200 } },
      { name: 'Ecotone', at: { time: 1_708_534_800 }, evm: 'cancun' },
      { name: 'Fjord', at: { time: 1_716_998_400 } },
      { name: 'Granite', at: { time: 1_723_478_400 } },
      { name: 'Holocene', at: { time: 1_732_633_200 } },
      { name: 'Isthmus', at: { time: 1_744_905_600 }, evm: 'prague' },
      { name: 'Jovian', at: { time: 1_763_568_001 } },
      { name: 'Azul', at: { time: 1_776_708_000 }, evm: 'osaka', transactionGasCap: osakaCap },
      { name: 'Beryl', at: { time: 1_781_805_600 } },
      {
        name: 'Denim',
        at: { time: 1_792_605_600 },
        consequence: 'five blocks a second instead of one in two',
      },
    ],
  },

  // https://github.com/0xPolygon/bor/blob/master/params/config.go and the release notes there; the tip is PIP-35,
  // https://github.com/0xPolygon/bor/pull/1285. Lisovo brings CLZ, not all of Osaka.
  137: {
    blockSeconds: 1,
    minimumTip: 25n * gwei,
    forks: [
      { name: 'Istanbul', at: { block: 3_395_000 }, evm: 'istanbul' },
      { name: 'Berlin', at: { block: 14_750_000 }, evm: 'berlin' },
      { name: 'London', at: { block: 23_850_000 }, evm: 'london' },
      { name: 'Agra', at: { block: 50_523_000 }, evm: 'shanghai' },
      { name: 'Napoli', at: { block: 54_876_000 }, evm: 'cancun' },
      { name: 'Ahmedabad', at: { block: 62_278_656 } },
      { name: 'Bhilai', at: { block: 73_440_256 }, evm: 'prague' },
      { name: 'Rio', at: { block: 77_414_656 } },
      { name: 'Madhugiri', at: { block: 80_084_800 }, transactionGasCap: madhugiriCap },
      { name: 'Dandeli', at: { block: 81_424_000 } },
      { name: 'Lisovo', at: { block: 83_756_500 }, evm: 'osaka' },
      { name: 'Chicago', at: { block: 87_218_600 } },
      { name: 'Valencia', at: { block: 89_531_000 } },
    ],
  },
  80002: {
    blockSeconds: 1,
    minimumTip: 25n * gwei,
    forks: [
      { name: 'London', at: { block: 73_100 }, evm: 'london' },
      { name: 'Agra', at: { block: 73_100 }, evm: 'shanghai' },
      { name: 'Napoli', at: { block: 5_423_600 }, evm: 'cancun' },
      { name: 'Ahmedabad', at: { block: 11_865_856 } },
      { name: 'Bhilai', at: { block: 22_765_056 }, evm: 'prague' },
      { name: 'Rio', at: { block: 26_272_256 } },
      { name: 'Madhugiri', at: { block: 28_899_616 }, transactionGasCap: madhugiriCap },
      { name: 'Dandeli', at: { block: 31_890_000 } },
      { name: 'Lisovo', at: { block: 33_634_700 }, evm: 'osaka' },
      { name: 'Chicago', at: { block: 38_358_000 } },
      { name: 'Valencia', at: { block: 40_776_000 } },
    ],
  },
};
