import { describe, expect, it } from 'vitest';
import { readSettings } from '../../services/kit/environment.ts';
import { readBeaconConfig } from '../../services/beacon/config.ts';
import { keptPassword, passwordIn } from '../../services/beacon/dependencies/database-password.ts';

const arn = 'arn:aws:secretsmanager:us-east-1:123456789012:secret:rds!db-1a2b-3c4d';

/** Somebody who keeps a password and counts how often he is asked. */
function keeper(first: string) {
  const keeper = {
    holds: first,
    asked: 0,
    answers: true,
    ask: async (): Promise<string> => {
      keeper.asked++;
      await Promise.resolve();
      if (!keeper.answers) throw new Error('nobody is there');
      return keeper.holds;
    },
  };
  return keeper;
}

describe('a password that somebody else keeps', () => {
  it('is asked for once by many at the same time, and kept for a while', async () => {
    const kept = keeper('monday');
    let now = 0;
    const password = keptPassword(kept.ask, 1000, () => now);
    expect(await Promise.all([password.read(), password.read(), password.read()])).toEqual(
      Array(3).fill('monday'),
    );
    now = 999;
    await password.read();
    expect(kept.asked).toBe(1);
    now = 1000;
    kept.holds = 'tuesday';
    expect(await password.read()).toBe('tuesday');
    expect(kept.asked).toBe(2);
  });

  it('is asked for anew when it was refused', async () => {
    const kept = keeper('monday');
    const password = keptPassword(kept.ask);
    await password.read();
    kept.holds = 'tuesday';
    expect(await password.read()).toBe('monday');
    password.refused();
    expect(await password.read()).toBe('tuesday');
  });

  it('serves on while its keeper does not answer, unless it was refused', async () => {
    const kept = keeper('monday');
    let now = 0;
    const password = keptPassword(kept.ask, 1000, () => now);
    await password.read();
    kept.answers = false;
    now = 5000;
    expect(await password.read()).toBe('monday');
    password.refused();
    await expect(password.read()).rejects.toThrow('nobody is there');
    kept.answers = true;
    expect(await password.read()).toBe('monday');
  });

  it('is none before it was ever read', async () => {
    const kept = keeper('monday');
    kept.answers = false;
    await expect(keptPassword(kept.ask).read()).rejects.toThrow('nobody is there');
  });
});

describe('the text of a secret', () => {
  it('has the password where RDS puts it', () => {
    expect(passwordIn('{"username":"owner","password":"p\\u0022w"}')).toBe('p"w');
  });

  it.each([
    '',
    'plain-Secret-1',
    'null',
    '"plain-Secret-1"',
    '{"password":7}',
    '{"password":""}',
    '{"passwort":"plain-Secret-1"}',
  ])('that is none of RDS is refused and not repeated: %s', (text) => {
    expect(() => passwordIn(text)).toThrow(/^the secret of the database is no JSON with a password$/);
  });
});

describe('a beacon that is told where the password is', () => {
  const url = { SYSTEM: 'coinestate', DATABASE_URL: 'postgres://owner@db:5432/coinestate' };

  it('reads it from there', () => {
    const { values, secrets } = readSettings({ ...url, DATABASE_PASSWORD_ARN: arn }, readBeaconConfig);
    expect(values.database).toMatchObject({ password: { kind: 'secretsManager', arn } });
    expect(secrets).not.toContain(arn);
  });

  it('takes the password itself as before', () => {
    const { values } = readSettings({ ...url, DATABASE_PASSWORD: 'pw-1' }, readBeaconConfig);
    expect(values.database).toMatchObject({ password: { kind: 'given', value: 'pw-1' } });
  });

  it('refuses both, and what is no ARN of a secret', () => {
    expect(() =>
      readSettings({ ...url, DATABASE_PASSWORD: 'pw-1', DATABASE_PASSWORD_ARN: arn }, readBeaconConfig),
    ).toThrow(/are both set/);
    for (const other of ['pw-1', 'arn:aws:ssm:us-east-1:123456789012:parameter/x', `${arn} x`])
      expect(() => readSettings({ ...url, DATABASE_PASSWORD_ARN: other }, readBeaconConfig)).toThrow(
        /^DATABASE_PASSWORD_ARN is no ARN of a secret in Secrets Manager$/,
      );
  });
});
