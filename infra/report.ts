/** What a system tells its operator when it is up. Kept in the stack's outputs; printed by `up` and `status`. */
export interface SystemReport {
  /** The system's name as people write it. */
  readonly title: string;
  /** One sentence: what of it runs here. */
  readonly summary: string;
  /** Where to look, the page for people first. */
  readonly urls: readonly { readonly name: string; readonly url: string }[];
  readonly contracts: readonly {
    readonly name: string;
    readonly address: string;
    readonly chainId: number;
    /** Where the chain can be asked without a key; left out where every endpoint wants one. */
    readonly rpcUrl?: string;
  }[];
  /** Programs on Solana. */
  readonly programs?: readonly {
    readonly name: string;
    readonly program: string;
    readonly cluster: string;
    /** Where the cluster can be asked without a key; left out where every endpoint wants one. */
    readonly rpcUrl?: string;
  }[];
  /** What is not as wanted yet, and whom or what it waits for, one line each. */
  readonly waits?: readonly string[];
  /** Commands worth trying next. */
  readonly try: readonly string[];
}
