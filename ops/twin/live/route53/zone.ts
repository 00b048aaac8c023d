import { zoneType } from '../../services/aws/route53.ts';
import { hexOf } from '../../services/values.ts';
import type { BodyKind, Ground } from '../body.ts';
import { computeOf, isServed } from '../compute.ts';
import { addressesOfZone } from './names.ts';
import { startNameServer } from './server.ts';

/** Zones that stand, each with the ground that answers for it: where a name leads changes without a call of the cloud. */
const standing = new Map<string, Ground>();

/** Zones of Route 53: names that a server of the ground answers for, and that processes of the cloud reach. */
export const zoneBody: BodyKind = {
  type: zoneType,
  seconds: 60,
  digest: (thing) => {
    const ground = standing.get(thing.id);
    return ground === undefined ? 'names' : hexOf(JSON.stringify(addressesOfZone(ground, thing)), 16);
  },
  bring: async (thing, ground, before) => {
    const compute = computeOf(ground);
    const usual = Number(before?.notes['port'] ?? 0);
    compute.nameServer ??= startNameServer(ground, usual);
    const { port } = await compute.nameServer;
    standing.set(thing.id, ground);
    return {
      processes: [],
      addresses: addressesOfZone(ground, thing),
      notes: { run: compute.run, port },
    };
  },
  remove: ({ id }) => Promise.resolve(void standing.delete(id)),
  alive: (record) => Promise.resolve(isServed(record)),
};
