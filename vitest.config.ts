import { defineConfig } from 'vitest/config';

const isLong = process.env['CUTOVER_LONG'] === '1';
/** In the long run every property runs many more times, and may take as long. */
const properties = isLong
  ? { alias: [{ find: /^fast-check$/, replacement: `${import.meta.dirname}/test/long-properties.ts` }] }
  : {};
const patience = isLong ? 20 : 1;

// Levels of `./cutover test`: pure functions; real nodes, databases and services; the real engine; faults in it.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/**/*.live.test.ts', 'test/engine/**', 'test/faults/**'],
          // Properties of a thousand histories take a second; a busy machine takes ten.
          testTimeout: 30_000 * patience,
          ...properties,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'chain',
          include: ['test/**/*.live.test.ts'],
          exclude: ['test/engine/**', 'test/faults/**'],
          testTimeout: 180_000 * patience,
          ...properties,
          hookTimeout: 120_000,
          // They wait for blocks, limits and processes more than they compute.
          maxWorkers: 4,
        },
      },
      {
        test: {
          name: 'engine',
          include: ['test/engine/**/*.test.ts'],
          testTimeout: 300_000,
          hookTimeout: 300_000,
          maxWorkers: 3,
        },
      },
      {
        test: {
          name: 'faults',
          include: ['test/faults/**/*.test.ts'],
          testTimeout: 900_000,
          hookTimeout: 300_000,
          maxWorkers: 3,
        },
      },
    ],
  },
});
