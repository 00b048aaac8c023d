import { findSecret } from './secret-looking.ts';

const secretWord =
  /((^|_|PG)PASSWORD|(^|_)(SECRETS?|PASSWD|PASSPHRASE|PRIVATE_?KEY|MNEMONIC|SEED_?PHRASE|TOKEN|API_?KEY|ACCESS_?KEY|CREDENTIALS?|(SECRET|ENCRYPTION|SIGNING|MASTER|SESSION|HMAC)_?KEY|SECRET_KEY_BASE)|_(PWD|PASS))$/i;

// What a name like TOKEN stands for as well: an address of a contract, a number, a switch, where a secret is kept.
const harmless =
  /^(0x[0-9a-f]{40}|-?\d+(\.\d+)?|true|false|arn:aws:(ssm|secretsmanager|kms):.*|alias\/.*|)$/i;
// And a token of a chain: its symbol, or its address on Solana.
const ofChain = /^([A-Z]{2,6}|[1-9A-HJ-NP-Za-km-z]{43,44})$/;
// A hash is as long as a private key, and is there to be seen.
const hashWord = /(^|_)(HASH|ROOT|TOPIC|DIGEST|ROLE|SALT|SEPARATOR|CHECKSUM|SHA256|COMMITMENT)$/i;
const hash = /^(0x)?[0-9a-f]{64}$/i;

const withUser = /^(postgres(ql)?|mysql|mongodb(\+srv)?|rediss?):/;

/** Whether a variable is one for a secret, by its name: DB_PASSWORD, dbPassword, db-password. */
export function isSecretName(name: string): boolean {
  return secretWord.test(inWords(name));
}

/** What a variable seems to give away, by its name or by its look; undefined when it seems harmless. It never repeats the value. */
export function findSecretVariable(name: string, value: string): string | undefined {
  if (hash.test(value) && hashWord.test(inWords(name))) return undefined;
  const found = findSecret(withoutUser(value));
  if (found !== undefined) return found;
  if (!isSecretName(name) || harmless.test(value)) return undefined;
  return /TOKEN$/i.test(name) && ofChain.test(value) ? undefined : 'a secret, by its name';
}

function inWords(name: string): string {
  return name.replaceAll(/([a-z\d])([A-Z])/g, '$1_$2').replaceAll(/[-.]/g, '_');
}

/** A URL of a database with a user and no password gives nothing away. */
function withoutUser(text: string): string {
  if (!withUser.test(text) || !URL.canParse(text)) return text;
  const url = new URL(text);
  if (url.password !== '') return text;
  url.username = '';
  return url.href;
}
