import { withHelp } from './strange-certificate.mjs';

/** What every run of npm here is told. */
export const npmManners = [
  // What a package may do to this machine is decided here, not by npm's version or the user's settings.
  '--ignore-scripts',
  '--no-audit',
  '--no-fund',
  '--loglevel=error',
  // Three tries within half a minute, not within two minutes.
  '--fetch-retry-maxtimeout=10000',
];

/** What npm complained of, without the list of options that it prints below some complaints, and what helps if known. */
export function complaintOf(said: string): string {
  const lines = said.split('\n').filter((line) => !/^npm error\s*$|complete log of this run/.test(line));
  const usage = lines.findIndex((line) => /^npm error (Clean install a project|Usage:)/.test(line));
  return withHelp(lines.slice(0, usage === -1 ? undefined : usage).join('\n'))
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n');
}
