import { describe, expect, it } from 'vitest';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { runtimeFolder } from '@cutover/base/project.ts';
import { pulumiEnvironment, stackOf, withSalt } from '../../ops/pulumi-environment.ts';

describe('the stack that a command line is about', () => {
  it.each([
    ['up -s dev', 'dev'],
    ['up --stack staging', 'staging'],
    ['-s prod preview', 'prod'],
    ['preview -sprod', 'prod'],
    ['preview --stack=staging --json', 'staging'],
    ['stack select staging', 'staging'],
    ['stack init prod --secrets-provider x', 'prod'],
    ['stack ls', 'dev'],
    ['stack output url', 'dev'],
    ['up', 'dev'],
  ])('%s: %s', (line, stack) => {
    expect(stackOf(line.split(' '), {})).toBe(stack);
  });

  it('is the one of PULUMI_STACK when none is named', () => {
    expect(stackOf(['up'], { PULUMI_STACK: 'staging' })).toBe('staging');
    expect(stackOf(['up', '-s', 'dev'], { PULUMI_STACK: 'staging' })).toBe('dev');
  });
});

describe('the environment of the CLI', () => {
  const outer = { HOME: '/root-that-is-not-there', PATH: '/usr/bin:/bin' };

  it('puts the brought tools first, once', () => {
    const tools = join(runtimeFolder, 'tools', 'bin');
    const once = pulumiEnvironment(['--stack', 'dev'], outer);
    expect(once['PATH']).toBe(`${tools}:/usr/bin:/bin`);
    expect(pulumiEnvironment(['--stack', 'dev'], { ...outer, PATH: once['PATH'] })['PATH']).toBe(
      once['PATH'],
    );
  });

  it('keeps the state and the passphrase of dev in the project, and downloads no plugins', () => {
    expect(pulumiEnvironment(['-s', 'dev'], outer)).toMatchObject({
      PULUMI_BACKEND_URL: `${pathToFileURL(join(runtimeFolder, 'state')).href}?create_dir=true&metadata=skip`,
      PULUMI_CONFIG_PASSPHRASE_FILE: join(runtimeFolder, 'dev', 'secrets', 'passphrase'),
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: 'true',
      PULUMI_SKIP_UPDATE_CHECK: 'true',
    });
  });

  it.each(['dev', 'staging'])(
    'keeps a shell set up for another PostgreSQL from steering that of %s',
    (stack) => {
      const shell = {
        PGOPTIONS: '-c search_path=mine',
        PGSSLMODE: 'require',
        PGSSLNEGOTIATION: 'direct',
        PGCLIENT_ENCODING: 'LATIN1',
        PGPASSWORD: 'may be named as a secret',
      };
      const env = pulumiEnvironment(['-s', stack], { ...outer, ...shell });
      expect(Object.keys(env).filter((name) => name.startsWith('PG'))).toEqual(['PGPASSWORD']);
    },
  );

  it('leaves what the user has set', () => {
    const set = {
      ...outer,
      PULUMI_BACKEND_URL: 's3://mine',
      PULUMI_CONFIG_PASSPHRASE: '',
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: 'false',
      PULUMI_HOME: '/somewhere',
    };
    const env = pulumiEnvironment(['-s', 'dev'], set);
    expect(env).toMatchObject(
      Object.fromEntries(Object.entries(set).filter(([name]) => name.startsWith('PULUMI_'))),
    );
    expect(env['PULUMI_CONFIG_PASSPHRASE_FILE']).toBeUndefined();
  });

  it.each(['staging', 'prod'])('leaves backend, secrets and plugins of %s to its user', (stack) => {
    const env = pulumiEnvironment(['-s', stack], outer);
    for (const name of ['BACKEND_URL', 'CONFIG_PASSPHRASE_FILE', 'DISABLE_AUTOMATIC_PLUGIN_ACQUISITION']) {
      expect(env[`PULUMI_${name}`], name).toBeUndefined();
    }
  });

  it('gives Pulumi a home in the project where the user has none that can be written to', () => {
    const env = pulumiEnvironment(['-s', 'dev'], { ...outer, HOME: '/dev/null' });
    expect(env['PULUMI_HOME']).toBe(join(runtimeFolder, 'pulumi-home'));
  });
});

describe('the copy of a stack file', () => {
  it.each([
    ['config:\n  a: 1\n', 'config:\n  a: 1\nencryptionsalt: v1:x\n'],
    ['config: {}', 'config: {}\nencryptionsalt: v1:x\n'],
    ['', 'encryptionsalt: v1:x\n'],
  ])('is the committed text with the salt below: %j', (text, copy) => {
    expect(withSalt(text, 'v1:x')).toBe(copy);
  });
});
