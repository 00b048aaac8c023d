import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rename, rm, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readOnlyError } from './read-only.ts';

/** What Parse Server calls to keep uploaded files. */
export interface FilesAdapter {
  createFile(name: string, data: Buffer): Promise<void>;
  deleteFile(name: string): Promise<void>;
  getFileData(name: string): Promise<Buffer>;
  getFileLocation(config: { readonly mount: string; readonly applicationId: string }, name: string): string;
}

/**
 * Uploaded files in a folder. Not @parse/fs-files-adapter: that one keeps them below whatever folder the process was
 * started in, and a full disk ends the process (its write stream has no error handler).
 */
export function folderOfFiles(folder: string, isReadOnly: () => boolean): FilesAdapter {
  // Encoded, a name has no slash and cannot lead out of the folder; and none of them is `.` or `..`.
  const pathOf = (name: string) => join(folder, `f-${encodeURIComponent(name)}`);
  const refuseReadOnly = () => {
    if (isReadOnly()) throw readOnlyError();
  };
  return {
    createFile: async (name, data) => {
      refuseReadOnly();
      await mkdir(folder, { recursive: true });
      const temporary = join(folder, `.${randomBytes(8).toString('hex')}.tmp`);
      try {
        await writeFile(temporary, data, { flush: true, mode: 0o600 });
        await rename(temporary, pathOf(name));
      } catch (error) {
        await rm(temporary, { force: true });
        throw error;
      }
    },
    deleteFile: async (name) => {
      refuseReadOnly();
      await unlink(pathOf(name));
    },
    getFileData: (name) => readFile(pathOf(name)),
    getFileLocation: ({ mount, applicationId }, name) =>
      `${mount}/files/${applicationId}/${encodeURIComponent(name)}`,
  };
}
