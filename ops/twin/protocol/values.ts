import structs from 'google-protobuf/google/protobuf/struct_pb.js';
import type { Struct } from 'google-protobuf/google/protobuf/struct_pb.js';
import {
  isList,
  isMap,
  isSecret,
  isUnknown,
  secret,
  signature,
  unknownText,
  unknownValue,
  type Held,
  type HeldMap,
} from '../held.ts';

// sdk/go/common/resource/sig and plugin/rpc.go of pulumi/pulumi.
const secretSignature = '1b47061264138c4ac30d75fd1eb44270';
// One for each type that the value will have.
const unknownTexts = new Set([
  unknownText,
  '1c4a061d-8072-4f0a-a4cb-0ff528b18fe7',
  '3eeb2bf0-c639-47a8-9e75-3b44932eb421',
  '6a19a0b0-7e62-4c92-b797-7f8e31da9cc2',
  '030794c1-ac77-496b-92df-f27374a8bd58',
  'e48ece36-62e2-4504-bad9-02848725956a',
  'dd056dcd-154b-4c76-9bd3-c8f88648b5ff',
]);

/** Reads a message's values: marks become marks, never text. Properties that are null are absent. */
export function fromStruct(struct: Struct | undefined): HeldMap {
  return struct === undefined ? {} : (hold(struct.toJavaScript()) as HeldMap);
}

/** Writes values into a message. */
export function toStruct(values: HeldMap): Struct {
  return structs.Struct.fromJavaScript(wire(values) as Parameters<typeof structs.Struct.fromJavaScript>[0]);
}

/** Gives values as JSON has them their marks. */
export function hold(value: unknown): Held {
  if (typeof value === 'string') return unknownTexts.has(value) ? unknownValue : value;
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  if (Array.isArray(value)) return value.map(hold);
  if (typeof value !== 'object' || value === null) return null;
  const map = value as Readonly<Record<string, unknown>>;
  if (map[signature] === secretSignature) return secret(hold(map['value']));
  const entries = Object.entries(map).filter(([, each]) => each !== null && each !== undefined);
  return Object.fromEntries(entries.map(([name, each]) => [name, hold(each)]));
}

function wire(value: Held): unknown {
  if (isUnknown(value)) return unknownText;
  if (isSecret(value)) return { [signature]: secretSignature, value: wire(value.value) };
  if (isList(value)) return value.map(wire);
  if (isMap(value))
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, wire(each)]));
  return value;
}
