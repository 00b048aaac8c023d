import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as x509 from '@peculiar/x509';
import { writeFileAtomic } from '@cutover/base/atomic-file.ts';
import { liveFolder } from './bodies.ts';
import type { Authority } from './body.ts';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const day = 86_400_000;
const validDays = 90;

interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

/**
 * The certificate authority of a twin: made once in its folder, trusted by nobody outside of it. Certificates are made
 * anew by each ground. SIDE EFFECTS: writes the folder.
 */
export async function openAuthority(twinFolder: string): Promise<Authority> {
  const folder = join(liveFolder(twinFolder), 'ca');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, 'ca.pem');
  const own = (await readAuthority(folder)) ?? (await makeAuthority(folder));
  const issuer = new x509.X509Certificate(own.certificate);
  const signingKey = await importKey(own.key);
  const issued = new Map<string, Promise<KeyPair>>();
  return {
    file,
    issue: (names) => {
      const known = [...new Set(names)].sort().join(' ');
      const there = issued.get(known);
      if (there !== undefined) return there;
      const made = makeCertificate(names, issuer, signingKey);
      issued.set(known, made);
      return made;
    },
  };
}

async function makeAuthority(folder: string): Promise<KeyPair> {
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      ...{ serialNumber: serialNumber(), name: 'CN=Cutover rehearsal, O=Nobody but this rehearsal' },
      ...lifetime(365),
      ...{ keys, signingAlgorithm: algorithm },
      extensions: [
        new x509.BasicConstraintsExtension(true, 0, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    },
    webcrypto,
  );
  const pair = { certificate: certificate.toString('pem'), key: await exportKey(keys) };
  // The key first: a certificate without its key would be taken for a whole authority.
  await writeFileAtomic(join(folder, 'ca.key'), pair.key, 0o600);
  await writeFileAtomic(join(folder, 'ca.pem'), `${pair.certificate}\n`, 0o644);
  return pair;
}

async function makeCertificate(
  names: readonly string[],
  issuer: x509.X509Certificate,
  signingKey: webcrypto.CryptoKey,
): Promise<KeyPair> {
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.create(
    {
      ...{ serialNumber: serialNumber(), subject: `CN=${commonName(names)}`, issuer: issuer.subject },
      ...lifetime(validDays),
      ...{ publicKey: keys.publicKey, signingKey, signingAlgorithm: algorithm },
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: 'dns', value }))),
        await x509.AuthorityKeyIdentifierExtension.create(issuer),
      ],
    },
    webcrypto,
  );
  return { certificate: certificate.toString('pem'), key: await exportKey(keys) };
}

/** 64 characters are what a common name may have; who checks looks at the alternative names. */
function commonName(names: readonly string[]): string {
  return (names.find((name) => name.length <= 64) ?? 'a name of the cloud').replaceAll(/[,+"\\<>;=]/g, '');
}

function lifetime(days: number): { readonly notBefore: Date; readonly notAfter: Date } {
  // A day back: clocks of machines differ.
  return { notBefore: new Date(Date.now() - day), notAfter: new Date(Date.now() + days * day) };
}

function serialNumber(): string {
  const bytes = webcrypto.getRandomValues(new Uint8Array(16));
  // A positive number without a zero in front, as RFC 5280 wants it.
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return Buffer.from(bytes).toString('hex');
}

function newKeys(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

async function exportKey({ privateKey }: webcrypto.CryptoKeyPair): Promise<string> {
  const bytes = await webcrypto.subtle.exportKey('pkcs8', privateKey);
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN PRIVATE KEY-----\n${lines.join('\n')}\n-----END PRIVATE KEY-----\n`;
}

function importKey(pem: string): Promise<webcrypto.CryptoKey> {
  const bytes = Buffer.from(pem.replaceAll(/-----[^-]+-----|\s/g, ''), 'base64');
  return webcrypto.subtle.importKey('pkcs8', bytes, algorithm, false, ['sign']);
}

async function readAuthority(folder: string): Promise<KeyPair | undefined> {
  const read = (file: string): Promise<string | undefined> =>
    readFile(join(folder, file), 'utf8').catch(() => undefined);
  const [certificate, key] = await Promise.all([read('ca.pem'), read('ca.key')]);
  return certificate === undefined || key === undefined ? undefined : { certificate, key };
}
