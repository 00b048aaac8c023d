import * as pulumi from '@pulumi/pulumi';
import { ThinResource } from '@cutover/base/dynamic.ts';
import { CutoverError } from '@cutover/base/errors.ts';
import {
  checkProgramAuthority,
  signersOfProgramAuthority,
  type ProgramAuthorityRef,
} from '../plan/solana/authority.ts';
import { describeSolanaNetwork } from '../plan/solana/network.ts';
import { checkImmutable, type Immutable, type PreparedProgram } from '../plan/solana/prepared-program.ts';
import { checkSolanaSigner, type SolanaSignerRef } from '../plan/solana/signer.ts';
import { prepareProgram, type PrepareProgramArgs } from '../solana/prepare-program.ts';
import type { SolanaNetworkArgs } from './solana-network.ts';

export interface ProgramArgs {
  /** From `prepare`: its build checked, its address known. */
  readonly program: PreparedProgram;
  readonly network: SolanaNetworkArgs;
  /** Deploys, pays, and has the authority until it is handed over. */
  readonly signer: SolanaSignerRef;
  /**
   * Who may change it. A key upgrades at once. Of a multisig or time lock only the first deployment is made here; what
   * comes after is a `ProgramUpgrade`.
   */
  readonly authority: ProgramAuthorityRef;
  /**
   * `later`: the signer keeps the authority until a `ProgramAuthority` hands it over, when what only the authority can
   * set up is there.
   * @default 'at once'
   */
  readonly handOver?: 'at once' | 'later';
  /** Must be said where the authority is `none`. */
  readonly immutable?: Immutable;
  /** Bytes to make room for when it is deployed. @default as many as the build has; it is extended when it needs more */
  readonly room?: number;
  /**
   * `allowed`: deleting the resource closes the program and takes its SOL back. Its id can never be used again.
   * @default it stays on the cluster
   */
  readonly close?: 'allowed';
}

/**
 * A program on Solana. Where it is not there yet it is deployed; where its build is another than what runs, a key
 * upgrades it at once. An update that was killed goes on with the buffer that it had begun, and no lamport is paid twice.
 *
 * @example
 * const perps = await Program.prepare({
 *   title: 'perps',
 *   artifact: 'target/deploy/godark_perps.so',
 *   sha256: '2f0c…',
 *   key: { kind: 'file', name: 'target/deploy/godark_perps-keypair.json' },
 * });
 * new Program('perps', { program: perps, network, signer, authority: { kind: 'key', signer } });
 */
export class Program extends ThinResource {
  /** The program's id. */
  declare readonly program: pulumi.Output<string>;
  /** Hash of what it runs. */
  declare readonly runs: pulumi.Output<string>;
  /** Who has the authority; undefined: nobody, for ever. */
  declare readonly heldBy: pulumi.Output<string | undefined>;
  /** When it was last deployed, upgraded or extended. */
  declare readonly slot: pulumi.Output<number>;
  /** How many bytes it has room for. */
  declare readonly space: pulumi.Output<number>;
  /** Signatures of the transactions of the last update that changed it; writes are not among them. */
  declare readonly transactions: pulumi.Output<readonly string[]>;
  /** What is otherwise than it was left, one sentence each. */
  declare readonly drift: pulumi.Output<readonly string[]>;

  /** Reads and checks a build and finds its program's address, before anything is registered or sent. */
  static prepare(args: PrepareProgramArgs): Promise<PreparedProgram> {
    return prepareProgram(args);
  }

  constructor(name: string, args: ProgramArgs, opts?: pulumi.CustomResourceOptions) {
    const { network, signer, authority } = args;
    const { title, artifact, program, key, hash, fileHash, size } = args.program;
    checkProgramAuthority(authority);
    checkImmutable(title, authority, args.immutable);
    for (const each of [
      signer,
      ...signersOfProgramAuthority(authority),
      ...(key === undefined ? [] : [key]),
    ]) {
      checkSolanaSigner(each, network);
    }
    refuseSecond(name, args);
    super(
      '@cutover/chain/solana/program-handler.ts',
      name,
      {
        ...{ title, artifact, program, hash, fileHash, size, network, signer, authority },
        ...(key === undefined ? {} : { key }),
        ...(args.handOver === 'later' ? { handOver: 'later' } : {}),
        ...(args.room === undefined ? {} : { room: args.room }),
        ...(args.close === undefined ? {} : { close: args.close }),
        runs: undefined,
        heldBy: undefined,
        slot: undefined,
        space: undefined,
        transactions: undefined,
        drift: undefined,
      },
      opts,
      'Program',
    );
  }
}

const registered = new Map<string, string>();

/** Two resources of one program would each undo what the other does. */
function refuseSecond(name: string, { program: { program }, network }: ProgramArgs): void {
  const key = [pulumi.getProject(), pulumi.getStack(), network.name, program].join('/');
  const first = registered.get(key) ?? name;
  registered.set(key, first);
  if (first === name) return;
  throw new CutoverError('CUT-2526', {
    first,
    second: name,
    program,
    network: describeSolanaNetwork(network),
  });
}
