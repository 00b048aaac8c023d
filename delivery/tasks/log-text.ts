import { findSecret } from '@cutover/base/secret-looking.ts';

/** A line of a log without what looks like a secret: passwords in URLs, keys. */
export function maskSecrets(line: string): string {
  return line
    .replaceAll(/\/\/[^\s/@]+@/g, '//***@')
    .replaceAll(/\b(password|secret|token)(["']?\s*[=:]\s*["']?)[^\s"',;]+/gi, '$1$2***')
    .replaceAll(/[^\s"'`,;()]+/g, (word) => (findSecret(word) === undefined ? word : '***'));
}

/** The last lines, indented as part of a message. */
export function endOfLog(lines: readonly string[], most = 30): string {
  if (lines.length === 0) return '  (it is empty)';
  return lines
    .slice(-most)
    .flatMap((line) => line.split('\n'))
    .map((line) => `  ${line}`)
    .join('\n');
}
