import { describe, expect, it } from 'vitest';
import { accessRules, leftOut, serverSettings } from '../../../../ops/twin/live/rds/settings.ts';
import { instanceDigest, wantedInstance, type WantedInstance } from '../../../../ops/twin/live/rds/wanted.ts';
import type { CloudView, Thing, Values } from '../../../../ops/twin/kind.ts';

const place = { account: '111111111111', region: 'us-east-1' };
const instanceType = 'aws:rds/instance:Instance';
const group: Thing = {
  ...{ ...place, type: 'aws:rds/parameterGroup:ParameterGroup', id: 'p-18', createdMs: 0, readyMs: 0 },
  inputs: {
    family: 'postgres18',
    parameters: [
      { name: 'rds.force_ssl', value: '0' },
      { name: 'work_mem', value: '8192' },
    ],
  },
  outputs: {},
};

function instance(inputs: Values, id = 'db-A', outputs: Values = {}): Thing {
  return {
    ...{ ...place, type: instanceType, id, createdMs: 0, readyMs: 0 },
    inputs: { engine: 'postgres', engineVersion: '18', identifier: id.toLowerCase(), ...inputs },
    outputs: { address: `${id}.rds`, arn: `arn:aws:rds:us-east-1:111111111111:db:${id}`, ...outputs },
  };
}

function viewOf(...things: readonly Thing[]): CloudView {
  const all: CloudView['all'] = (type) => things.filter((each) => each.type === type);
  return {
    ...{ now: 0, all },
    get: (type, id) => things.find((each) => each.type === type && each.id === id),
    byArn: (arn) => things.find(({ outputs }) => outputs['arn'] === arn),
  };
}

describe('what an instance is to be', () => {
  it('takes the parameters of its group, and TLS is forced by default since 15', () => {
    const wanted = wantedInstance(instance({ parameterGroupName: 'p-18' }), viewOf(group));
    expect(wanted).toMatchObject({ forcesTls: false, parameters: { work_mem: '8192' } });
    const plain = (version: string): boolean =>
      wantedInstance(instance({ engineVersion: version }), viewOf()).forcesTls;
    expect([plain('14.9'), plain('15'), plain('18.1')]).toEqual([false, true, true]);
  });

  it('leaves out the parameters of a group that is of another major version', () => {
    const old = instance({ parameterGroupName: 'p-18', engineVersion: '16' });
    expect(wantedInstance(old, viewOf(group)).parameters).toEqual({});
  });

  it('knows where its data comes from', () => {
    const source = instance({}, 'db-S');
    const view = viewOf(source);
    const origin = (inputs: Values): WantedInstance['origin'] =>
      wantedInstance(instance(inputs), view).origin;
    const arn = 'arn:aws:rds:us-east-1:111111111111:snapshot:last-one';
    expect(origin({})).toEqual({ kind: 'empty' });
    expect(origin({ snapshotIdentifier: arn })).toEqual({ kind: 'snapshot', identifier: 'last-one' });
    expect(origin({ replicateSourceDb: source.outputs['arn'] ?? '' })).toEqual({
      kind: 'replica',
      source: 'db-S',
    });
    const restore = { sourceDbInstanceIdentifier: 'db-s', restoreTime: '2026-01-01T00:00:00Z' };
    expect(origin({ restoreToPointInTime: restore })).toEqual({
      ...{ kind: 'time', source: 'db-S', at: '2026-01-01T00:00:00Z' },
    });
    expect(origin({ restoreToPointInTime: { sourceDbiResourceId: 'db-S' } })).toMatchObject({
      source: 'db-S',
    });
  });

  it('has a digest that changes with the password and does not hold it', () => {
    const digest = (password: string): string => instanceDigest(instance({ password }), viewOf());
    expect(digest('first-password')).not.toContain('first-password');
    expect(digest('first-password')).not.toBe(digest('other-password'));
    expect(digest('first-password')).toBe(digest('first-password'));
  });
});

const known = {
  known: new Set(['work_mem', 'shared_preload_libraries', 'archive_mode']),
  libraries: new Set(['pg_stat_statements']),
};
const at = { port: 5000, walFolder: "/tmp/it's 50%", ...known };

function wantedWith(parameters: Record<string, string>, keepsBackups = true): WantedInstance {
  return {
    ...{ ...wantedInstance(instance({}), viewOf()), parameters, keepsBackups },
  };
}

describe('the settings of a server', () => {
  it('take what this PostgreSQL knows, and neither what is of a machine nor what is ours', () => {
    const parameters = {
      work_mem: '8192',
      made_up: '1',
      shared_buffers: '{DBInstanceClassMemory/32768}',
      archive_mode: 'off',
      'pg_stat_statements.max': '10',
      'rds.force_ssl': '1',
      shared_preload_libraries: 'pg_stat_statements, pg_tle',
    };
    const text = serverSettings(wantedWith(parameters), at);
    expect(text).toContain("work_mem = '8192'");
    expect(text).toContain("pg_stat_statements.max = '10'");
    expect(text).toContain("shared_preload_libraries = 'pg_stat_statements'\n");
    expect(text).toContain("archive_mode = 'on'");
    expect(text).not.toMatch(/made_up|shared_buffers|rds\./);
    expect(leftOut({ parameters }, at)).toEqual([
      'made_up',
      'shared_buffers',
      'archive_mode',
      'rds.force_ssl',
    ]);
  });

  it('keep values inside their quotes, and paths inside those of the shell', () => {
    const text = serverSettings(wantedWith({ work_mem: "1'\nport = '1" }), at);
    expect(text).toContain("work_mem = '1''\\nport = ''1'");
    expect(text).toContain(String.raw`'cp %p ''/tmp/it''\\''''s 50%%/''%f.part`);
  });

  it('keep no log where no backups are kept', () => {
    expect(serverSettings(wantedWith({}, false), at)).toContain("archive_command = 'true'");
  });

  it('let in only with TLS where it is forced', () => {
    expect(accessRules({ forcesTls: true })).toContain('hostssl all all');
    expect(accessRules({ forcesTls: true })).not.toMatch(/^host all all/m);
    expect(accessRules({ forcesTls: false })).toMatch(/^host all all/m);
  });
});
