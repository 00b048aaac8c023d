// Stands in for fast-check in `./cutover test --long`: the same properties, many more times. What chance finds once in ten
// thousand histories is found here, and not by whoever happens to change something else that day.
import * as original from '../node_modules/fast-check/lib/fast-check.js';

// eslint-disable-next-line no-restricted-syntax -- it stands in for a module, with all that the module exports
export * from '../node_modules/fast-check/lib/fast-check.js';

/** Properties that ask a real node or server take their time; the others are pure. */
const times = { pure: 20, live: 5 } as const;
const usual = 100;

/** `fc.assert` with more runs; a run that is told its seed and path is replayed as it is. */
export function assert<T>(property: original.IRawProperty<T>, options: original.Parameters<T> = {}): unknown {
  const { numRuns = usual, path } = options;
  const more = numRuns * times[property.isAsync() ? 'live' : 'pure'];
  return original.assert(property, path === undefined ? { ...options, numRuns: more } : options);
}

// eslint-disable-next-line no-restricted-syntax -- the same
export default { ...original, assert };
