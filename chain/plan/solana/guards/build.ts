/** What makes the build of a program. Cutover runs none of them: compilers and containers are the owner's affair. */
export type BuildTool =
  /** Anchor, in a workspace. */
  | { readonly kind: 'anchor'; readonly program: string }
  /** The toolchain of Solana itself. */
  | { readonly kind: 'cargo-build-sbf'; readonly manifest: string }
  /** Anchor or cargo in the pinned container of `solana-verify`: the same bytes on every machine. */
  | { readonly kind: 'solana-verify'; readonly library: string }
  /** Anything else, as it is typed. */
  | { readonly kind: 'command'; readonly command: string };

/** The command that makes the build, for people. */
export function buildCommand(tool: BuildTool | undefined): string {
  switch (tool?.kind) {
    case 'anchor':
      return `anchor build --verifiable --program-name ${tool.program}`;
    case 'cargo-build-sbf':
      return `cargo build-sbf --manifest-path ${tool.manifest}`;
    case 'solana-verify':
      return `solana-verify build --library-name ${tool.library}`;
    case 'command':
      return tool.command;
    case undefined:
      return 'anchor build, or cargo build-sbf';
  }
}
