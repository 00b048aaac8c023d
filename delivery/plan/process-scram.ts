import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';

/**
 * What PostgreSQL keeps of a password (RFC 5803). Sent in place of the password, so that no statement, and no log of
 * one that failed, holds it.
 */
export function scramVerifier(password: string, salt: Buffer, iterations = 4096): string {
  const salted = pbkdf2Sync(password, salt, iterations, 32, 'sha256');
  const hmac = (text: string): Buffer => createHmac('sha256', salted).update(text).digest();
  const stored = createHash('sha256').update(hmac('Client Key')).digest('base64');
  const server = hmac('Server Key').toString('base64');
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${stored}:${server}`;
}
