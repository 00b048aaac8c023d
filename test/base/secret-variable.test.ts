import { describe, expect, it } from 'vitest';
import { findSecretVariable, isSecretName } from '@cutover/base/secret-variable.ts';

const hash = `0x${'ab'.repeat(32)}`;
const mint = 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v';

describe('a variable', () => {
  it.each(['PGPASSWORD', 'DB_PASS', 'MYSQL_PWD', 'dbPassword', 'smtp.password', 'SECRET_KEY_BASE', 'apiKey'])(
    'called %s is one for a secret',
    (name) => {
      expect(isSecretName(name)).toBe(true);
      expect(findSecretVariable(name, 'hunter2')).toBe('a secret, by its name');
    },
  );

  it.each(['PWD', 'BYPASS', 'COMPASS', 'PASSWORD_FILE', 'TOKEN_TTL', 'PUBLIC_KEY', 'MONKEY', 'SECRETARY'])(
    'called %s is none',
    (name) => {
      expect(findSecretVariable(name, 'hunter2')).toBeUndefined();
    },
  );

  it.each([
    ['MERKLE_ROOT', hash],
    ['MINTER_ROLE', hash],
    ['codeHash', hash],
    ['PROPERTY_TOKEN', mint],
    ['PAYMENT_TOKEN', 'USDC'],
    ['ENCRYPTION_KEY', 'arn:aws:kms:us-east-1:123456789012:key/1'],
    ['DATABASE_URL', 'postgres://owner@db.example:5432/orders'],
  ])('%s=%s gives nothing away', (name, value) => {
    expect(findSecretVariable(name, value)).toBeUndefined();
  });

  it.each([
    ['OWNER', hash],
    ['ROOT_KEY', hash],
    ['API_KEY', mint],
    ['DATABASE_URL', 'postgres://owner:hunter2@db.example:5432/orders'],
  ])('%s=%s does, and is never repeated', (name, value) => {
    expect(findSecretVariable(name, value)).not.toContain(value);
  });
});
