import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '@cutover/base/atomic-file.ts';
import { liveFolder } from '../bodies.ts';

/** One version of an object, or the mark that it was deleted. */
export interface ObjectVersion {
  /** `null` in a bucket that keeps no versions, as S3 calls it. */
  readonly id: string;
  readonly deleted: boolean;
  readonly size: number;
  /** MD5 of the content in quotes. */
  readonly etag: string;
  readonly modifiedMs: number;
  /** content-type, cache-control and the like, and metadata of the user. */
  readonly headers: Readonly<Record<string, string>>;
}

/** An object with its versions, the newest first. */
export interface StoredObject {
  readonly key: string;
  readonly versions: readonly ObjectVersion[];
}

/** What is in a bucket: files of the twin's folder. */
export interface Bucket {
  find(key: string): Promise<StoredObject | undefined>;
  /** In the order of their keys. */
  list(): Promise<readonly StoredObject[]>;
  content(key: string, version: ObjectVersion): Promise<Buffer>;
  /** SIDE EFFECTS: writes files. */
  put(
    key: string,
    content: Buffer,
    headers: ObjectVersion['headers'],
    versioned: boolean,
  ): Promise<ObjectVersion>;
  /** Marks it as deleted, or takes a version away for good. SIDE EFFECTS: writes and removes files. */
  remove(key: string, version: string | undefined, versioned: boolean): Promise<ObjectVersion | undefined>;
}

/** Opens a bucket's objects. */
export function openBucket(folder: string, name: string): Bucket {
  const place = join(liveFolder(folder), 's3', name);
  const folderOf = (key: string): string => join(place, createHash('sha256').update(key).digest('hex'));
  const read = async (path: string): Promise<StoredObject | undefined> => {
    const text = await readFile(join(path, 'object.json'), 'utf8').catch(() => undefined);
    return text === undefined ? undefined : (JSON.parse(text) as StoredObject);
  };
  const find = async (key: string): Promise<StoredObject | undefined> => read(folderOf(key));
  const write = async (object: StoredObject): Promise<void> => {
    const path = folderOf(object.key);
    if (object.versions.length === 0) await rm(path, { recursive: true, force: true });
    else await writeFileAtomic(join(path, 'object.json'), JSON.stringify(object), 0o600);
  };
  const add = async (key: string, version: ObjectVersion): Promise<void> => {
    const others = ((await find(key))?.versions ?? []).filter(({ id }) => id !== version.id);
    await write({ key, versions: [version, ...others] });
  };
  return {
    find,
    list: async () => {
      const names = await readdir(place).catch(() => []);
      const found = await Promise.all(names.map((each) => read(join(place, each))));
      // By the bytes of the keys, as S3 does it.
      return found
        .flatMap((each) => each ?? [])
        .toSorted((one, other) => Buffer.compare(Buffer.from(one.key), Buffer.from(other.key)));
    },
    content: (key, { id }) => readFile(join(folderOf(key), id)),
    put: async (key, content, headers, versioned) => {
      const version: ObjectVersion = {
        ...{ id: versioned ? newVersion() : 'null', deleted: false, size: content.length, headers },
        etag: `"${createHash('md5').update(content).digest('hex')}"`,
        modifiedMs: Date.now(),
      };
      await mkdir(folderOf(key), { recursive: true, mode: 0o700 });
      // The content first: what is listed can be read.
      await writeFile(join(folderOf(key), version.id), content, { mode: 0o600 });
      await add(key, version);
      return version;
    },
    remove: async (key, version, versioned) => {
      const object = await find(key);
      if (version === undefined && versioned) {
        const mark = {
          id: newVersion(),
          deleted: true,
          size: 0,
          etag: '',
          modifiedMs: Date.now(),
          headers: {},
        };
        await add(key, mark);
        return mark;
      }
      const id = version ?? 'null';
      const gone = object?.versions.find((each) => each.id === id);
      if (object === undefined || gone === undefined) return undefined;
      await write({ key, versions: object.versions.filter((each) => each !== gone) });
      await rm(join(folderOf(key), id), { force: true });
      return gone;
    },
  };
}

function newVersion(): string {
  return randomBytes(24).toString('base64url');
}
