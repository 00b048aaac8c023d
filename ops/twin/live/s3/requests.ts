import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import type { Cloud } from '../../cloud.ts';
import { bucketNamed, isVersioned } from '../../services/aws/s3-buckets.ts';
import { openBucket, type Bucket, type ObjectVersion, type StoredObject } from './objects.ts';

/** Whether a request is meant for S3: its signature says so. */
export function isS3({ headers }: IncomingMessage): boolean {
  return /^AWS4-HMAC-SHA256 Credential=[^/]+\/\d{8}\/[a-z0-9-]+\/s3\//.test(headers.authorization ?? '');
}

interface Call {
  readonly bucket: Bucket;
  readonly name: string;
  readonly key: string;
  readonly query: URLSearchParams;
  readonly versioned: boolean;
  readonly request: IncomingMessage;
}

interface Given {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/**
 * Answers what processes ask of buckets that are there, path style: GetObject, HeadObject, PutObject, DeleteObject with
 * versions, ListObjectsV2. SIDE EFFECTS: reads and writes the twin's folder.
 */
export async function answerS3(
  folder: string,
  cloud: Cloud,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://any');
  const [, name = '', ...rest] = url.pathname.split('/').map(decodeURIComponent);
  const place = { account: cloud.settings.account, region: 'us-east-1' };
  const there = bucketNamed({ cloud: cloud.view(), place }, name) !== undefined;
  const given = !there
    ? wrong(404, 'NoSuchBucket', 'The specified bucket does not exist')
    : await answer({
        ...{ bucket: openBucket(folder, name), name, key: rest.join('/'), query: url.searchParams, request },
        versioned: isVersioned({ cloud: cloud.view(), place }, name),
      });
  const { status, headers = {}, body = '' } = given;
  const type = typeof body === 'string' && body !== '' ? { 'content-type': 'application/xml' } : {};
  response.writeHead(status, { 'content-length': Buffer.byteLength(body), ...type, ...headers });
  response.end(request.method === 'HEAD' ? undefined : body);
}

async function answer(call: Call): Promise<Given> {
  const { request, key, query } = call;
  const unknown = [...query.keys()].find((name) => !known.has(name));
  if (unknown === undefined && key === '' && request.method === 'GET') return list(call);
  if (unknown === undefined && key !== '') {
    const { method = '', headers } = request;
    if (method === 'GET' || method === 'HEAD') return read(call);
    if (method === 'DELETE') return remove(call);
    // What is copied from another object comes without its content.
    if (method === 'PUT' && headers['x-amz-copy-source'] === undefined) return put(call);
  }
  await buffer(request);
  const asked = `${request.method} ${unknown === undefined ? '' : `?${unknown}`}`.trim();
  return wrong(501, 'NotImplemented', `The twin does not answer ${asked} of S3.`);
}

const known = new Set([
  ...['list-type', 'prefix', 'delimiter', 'max-keys', 'continuation-token', 'start-after', 'encoding-type'],
  ...['versionId', 'x-id', 'fetch-owner'],
]);

async function read({ bucket, key, query, request }: Call): Promise<Given> {
  const wanted = query.get('versionId');
  const object = await bucket.find(key);
  const version = wanted === null ? object?.versions[0] : object?.versions.find(({ id }) => id === wanted);
  if (version === undefined && wanted !== null && object !== undefined) {
    return wrong(404, 'NoSuchVersion', 'The specified version does not exist.');
  }
  if (version === undefined || version.deleted)
    return wrong(404, 'NoSuchKey', 'The specified key does not exist.');
  const headers = headersOf(version);
  const content = await bucket.content(key, version);
  const [, from = '', to = ''] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') ?? [];
  if (from === '') return { status: 200, headers: sized(headers, content), body: content };
  const end = to === '' ? content.length : Math.min(Number(to) + 1, content.length);
  const part = content.subarray(Number(from), end);
  const range = `bytes ${from}-${end - 1}/${content.length}`;
  return { status: 206, headers: { ...sized(headers, part), 'content-range': range }, body: part };
}

function sized(headers: Readonly<Record<string, string>>, content: Buffer): Readonly<Record<string, string>> {
  return { ...headers, 'content-length': String(content.length), 'accept-ranges': 'bytes' };
}

async function put({ bucket, key, versioned, request }: Call): Promise<Given> {
  const content = plain(await buffer(request), request);
  const kept = Object.entries(request.headers).flatMap(([name, value]) =>
    keptHeaders.has(name) || name.startsWith('x-amz-meta-') ? [[name, String(value)] as const] : [],
  );
  const headers = Object.fromEntries(kept.filter(([, value]) => value !== 'aws-chunked'));
  const version = await bucket.put(key, content, headers, versioned);
  return { status: 200, headers: { etag: version.etag, ...versionHeader(version) } };
}

async function remove({ bucket, key, query, versioned }: Call): Promise<Given> {
  const gone = await bucket.remove(key, query.get('versionId') ?? undefined, versioned);
  const marked = gone?.deleted === true ? { 'x-amz-delete-marker': 'true' } : {};
  return { status: 204, headers: gone === undefined ? {} : { ...versionHeader(gone), ...marked } };
}

async function list({ bucket, name, query }: Call): Promise<Given> {
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const most = Math.min(Number(query.get('max-keys') ?? 1000), 1000);
  const token = query.get('continuation-token');
  const after =
    token === null ? (query.get('start-after') ?? '') : Buffer.from(token, 'base64url').toString();
  const all = (await bucket.list()).filter(
    ({ key, versions }) => key.startsWith(prefix) && key > after && versions[0]?.deleted === false,
  );
  const folderOf = ({ key }: StoredObject): string | undefined => {
    const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    return end < 0 ? undefined : key.slice(0, end + delimiter.length);
  };
  const page = all.slice(0, most);
  const folders = [...new Set(page.flatMap((each) => folderOf(each) ?? []))];
  const objects = page.filter((each) => folderOf(each) === undefined);
  const last = page.at(-1)?.key;
  const next =
    all.length > page.length && last !== undefined ? Buffer.from(last).toString('base64url') : undefined;
  const encoded = query.get('encoding-type') === 'url' ? encodeURIComponent : escape;
  const contents = objects.map(({ key, versions: [version] }) =>
    version === undefined
      ? ''
      : `<Contents><Key>${encoded(key)}</Key><LastModified>${new Date(version.modifiedMs).toISOString()}</LastModified>` +
        `<ETag>${escape(version.etag)}</ETag><Size>${version.size}</Size><StorageClass>STANDARD</StorageClass></Contents>`,
  );
  return {
    status: 200,
    body: xml(
      `<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>${escape(name)}</Name>` +
        `<Prefix>${encoded(prefix)}</Prefix><MaxKeys>${most}</MaxKeys>` +
        `<KeyCount>${objects.length + folders.length}</KeyCount><IsTruncated>${next !== undefined}</IsTruncated>` +
        (next === undefined ? '' : `<NextContinuationToken>${next}</NextContinuationToken>`) +
        contents.join('') +
        folders.map((each) => `<CommonPrefixes><Prefix>${encoded(each)}</Prefix></CommonPrefixes>`).join('') +
        '</ListBucketResult>',
    ),
  };
}

const keptHeaders = new Set([
  ...[
    'content-type',
    'cache-control',
    'content-disposition',
    'content-language',
    'content-encoding',
    'expires',
  ],
]);

function headersOf(version: ObjectVersion): Readonly<Record<string, string>> {
  return {
    ...{ 'content-type': 'application/octet-stream', ...version.headers, etag: version.etag },
    'last-modified': new Date(version.modifiedMs).toUTCString(),
    ...versionHeader(version),
  };
}

function versionHeader({ id }: ObjectVersion): Readonly<Record<string, string>> {
  return id === 'null' ? {} : { 'x-amz-version-id': id };
}

function wrong(status: number, code: string, message: string): Given {
  return { status, body: xml(`<Error><Code>${code}</Code><Message>${escape(message)}</Message></Error>`) };
}

function xml(text: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${text}`;
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** The content without the signatures that the SDK puts between its chunks when it streams. */
function plain(body: Buffer, { headers }: IncomingMessage): Buffer {
  if (!String(headers['x-amz-content-sha256'] ?? '').startsWith('STREAMING-')) return body;
  const parts: Buffer[] = [];
  for (let at = 0; at < body.length;) {
    const end = body.indexOf('\r\n', at);
    const size = Number.parseInt(body.subarray(at, end).toString(), 16);
    if (!(size > 0)) break;
    parts.push(body.subarray(end + 2, end + 2 + size));
    at = end + 2 + size + 2;
  }
  return Buffer.concat(parts);
}
