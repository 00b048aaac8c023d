const words = /^([a-z]{3,8} ){11,23}[a-z]{3,8}$/;
const hexKey = /^(0x)?[0-9a-f]{64}$/i;
// A Solana keypair: 64 bytes in base58.
const base58Key = /^[1-9A-HJ-NP-Za-km-z]{85,90}$/;
const privatePem = /-----BEGIN [A-Z ]*PRIVATE KEY-----/;
const awsKey = /\b(AKIA|ASIA)[0-9A-Z]{16}\b/;
const etherscanKey = /^(?=.*[0-9])[0-9A-Z]{34}$/;
const keyParameter = /^(api[-_]?key|apikey|key|token|access[-_]?token|auth|secret|password)$/i;

/** What a text seems to give away, in words; undefined when it seems harmless. It never repeats the text. */
export function findSecret(value: string): string | undefined {
  const text = value.trim();
  if (hexKey.test(text) || base58Key.test(text) || privatePem.test(text)) return 'a private key';
  if (words.test(text)) return 'a recovery phrase';
  if (awsKey.test(text)) return 'an AWS access key';
  if (etherscanKey.test(text)) return 'an API key';
  if (text.startsWith('[') && /^\[\s*\d{1,3}(\s*,\s*\d{1,3}){63}\s*\]$/.test(text)) return 'a private key';
  return /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? secretInUrl(text) : undefined;
}

/** A key in a URL: a user and password, a parameter called key or token, or a long part that no one would choose. */
function secretInUrl(text: string): string | undefined {
  if (!URL.canParse(text)) return /^[^/]*\/\/[^/]*:[^/]*@/.test(text) ? 'a password' : undefined;
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') return 'a user or password';
  for (const [name, value] of url.searchParams) if (value !== '' && keyParameter.test(name)) return 'a key';
  const parts = [...url.pathname.split('/'), ...url.searchParams.values(), ...url.hostname.split('.')];
  return parts.some(looksRandom) ? 'a key' : undefined;
}

/** Twenty letters and digits or more, well mixed: what providers give out, and no name. */
function looksRandom(part: string): boolean {
  return /^[\w-]{20,}$/.test(part) && /\d.*\d.*\d/.test(part) && /[a-z]/i.test(part);
}
