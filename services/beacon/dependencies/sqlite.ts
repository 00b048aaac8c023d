import { DatabaseSync } from 'node:sqlite';
import type { Dependency } from './dependency.ts';

/** An SQLite file. It is opened for each look: a handle that is kept would go on reading a file that was deleted. */
export function sqlite(file: string, cacheMs: number): Dependency {
  return {
    service: 'Database',
    cacheMs,
    look: () => {
      const database = new DatabaseSync(file, { readOnly: true, timeout: 250 });
      try {
        // Reads a page of the file, which opening alone does not.
        database.prepare('SELECT count(*) FROM sqlite_schema').get();
        return Promise.resolve({ connections: 1 });
      } finally {
        database.close();
      }
    },
  };
}
