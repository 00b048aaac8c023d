/** What to do about a file that tools have damaged. */
export const rebuild = 'Build it again with `cargo build-sbf`, and change nothing in the file afterwards.';

/** What to say of a file that ends too early. */
export const truncated = 'it is truncated. Copy it again from target/deploy.';

/** What to say of a program that cannot be begun. */
export function entryProblem(entry: number): string {
  return `Its entry point, 0x${entry.toString(16)}, is no instruction of its code. Export \`entrypoint\` (the macro entrypoint! does) and build it again.`;
}
