import { describe, expect, it } from 'vitest';
import { zoneNameOf } from '../../infra/config/zones.ts';

describe('the zone of a host', () => {
  it.each([
    ['app.coinestate.io', 'coinestate.io'],
    ['api.coinestate.io', 'api.coinestate.io'],
    ['coinestate.io', 'coinestate.io'],
    ['eu.api.coinestate.io', 'api.coinestate.io'],
    ['notcoinestate.io', undefined],
    ['api.gemforce.com', undefined],
  ])('%s is in %s', (host, zone) => {
    expect(zoneNameOf(host, ['coinestate.io', 'api.coinestate.io'])).toBe(zone);
  });
});
