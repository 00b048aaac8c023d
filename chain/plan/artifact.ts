import type { JsonFragment } from 'ethers/abi';
import type { CompactLayout } from './layout/compact.ts';

/** A contract's interface, as compilers write it. */
export type Abi = readonly JsonFragment[];

/** A stretch of code, in bytes. */
export interface ByteRange {
  readonly start: number;
  readonly length: number;
}

/** Where addresses of libraries go into code: source name -> library -> places. */
export type LinkReferences = Readonly<Record<string, Readonly<Record<string, readonly ByteRange[]>>>>;

/** Where the constructor writes immutable values: the compiler's number of the variable -> places. */
export type ImmutableReferences = Readonly<Record<string, readonly ByteRange[]>>;

/**
 * Where what the compiler was given can be found again, to verify the contract with an explorer later.
 * - `standard-json`: a file that holds the whole standard JSON input.
 * - `metadata`: only the compiler's metadata is there; it names the sources with their hashes.
 */
export interface CompilerInput {
  readonly kind: 'standard-json' | 'metadata';
  /** The file, relative to the project where it lies inside. */
  readonly path: string;
  /** For example 0.8.37+commit.f401782d. */
  readonly compilerVersion?: string;
}

/** A compiled contract, whoever compiled it. Code is hex with 0x; places of unlinked libraries hold placeholders. */
export interface Artifact {
  readonly contractName: string;
  /** The source's name as the compiler knew it, for example contracts/escrow/Escrow.sol. */
  readonly sourceName: string;
  readonly abi: Abi;
  readonly creationCode: string;
  readonly runtimeCode: string;
  /** Undefined where the artefact has no such table: code can then not be compared where immutables may be. */
  readonly immutableReferences: ImmutableReferences | undefined;
  /** Names of immutables by the compiler's number, as far as the compiler's syntax tree is at hand. */
  readonly immutableNames: Readonly<Record<string, string>>;
  readonly linkReferences: LinkReferences;
  readonly runtimeLinkReferences: LinkReferences;
  readonly compilerInput: CompilerInput | undefined;
  /** The EVM that it was compiled for, by the compiler's name; missing where the artefact does not tell. */
  readonly evmVersion?: string;
  /** Where the contract keeps what; missing where the artefact does not tell. */
  readonly storageLayout?: CompactLayout;
}
