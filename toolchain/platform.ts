/** This machine as npm, Go and the pins name it: `linux-x64`, `darwin-arm64`. */
export const platform = `${process.platform}-${process.arch}`;

/** The machine in words, for people. */
export function describePlatform(key: string = platform): string {
  const [system, processor] = key.split('-');
  return `${system === 'darwin' ? 'macOS' : system === 'linux' ? 'Linux' : system} on ${processor}`;
}
