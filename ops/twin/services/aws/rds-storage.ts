import type { Question, Refusal } from '../../kind.ts';
import { flagAt, isGiven, isUnknown, numberAt, refusal, textAt } from '../values.ts';
import { engineOf } from './rds-engines.ts';

/** What storage an instance gets where none is named. */
export function storageType(inputs: Question['inputs']): string {
  return textAt(inputs, 'storageType') ?? (numberAt(inputs, 'iops') === undefined ? 'gp2' : 'io1');
}

// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html, GiB
const sizes: Readonly<Record<string, readonly [number, number]>> = {
  gp2: [20, 65_536],
  gp3: [20, 65_536],
  io1: [100, 65_536],
  io2: [100, 65_536],
  standard: [5, 3072],
};
const striped = 400;

/** Size, IOPS and throughput must fit the kind of storage. */
export function storageProblems(question: Question): readonly Refusal[] {
  const { inputs, before } = question;
  const engine = engineOf(textAt(inputs, 'engine') ?? '')?.name ?? '';
  const type = storageType(inputs);
  const size = numberAt(inputs, 'allocatedStorage');
  const combination = (message: string, property: string): readonly Refusal[] => [
    refusal('InvalidParameterCombination', message, property),
  ];
  const range = sizes[type];
  if (range === undefined)
    return [refusal('InvalidParameterValue', `Invalid storage type: ${type}`, 'storageType')];
  if (size === undefined) {
    const copied = isGiven(question, 'replicateSourceDb') || isGiven(question, 'snapshotIdentifier');
    return copied || isUnknown(question, 'allocatedStorage') || isGiven(question, 'restoreToPointInTime')
      ? []
      : [
          refusal(
            'InvalidParameterValue',
            'The parameter AllocatedStorage must be provided and must not be null.',
            'allocatedStorage',
          ),
        ];
  }
  const smaller = before !== undefined && size < (numberAt(before.inputs, 'allocatedStorage') ?? 0);
  if (size < range[0] || size > range[1] || smaller)
    return combination(
      `Invalid storage size for engine name ${engine} and storage type ${type}: ${size}`,
      'allocatedStorage',
    );
  const max = numberAt(inputs, 'maxAllocatedStorage') ?? 0;
  if (max !== 0 && max < size)
    return combination('Max storage size must be greater than storage size', 'maxAllocatedStorage');
  if (max > range[1])
    return combination(
      `Invalid max storage size for engine name ${engine} and storage type ${type}: ${max}`,
      'maxAllocatedStorage',
    );
  return [...performanceProblems(inputs, type, engine, size), ...encryptionProblems(question)];
}

function performanceProblems(
  inputs: Question['inputs'],
  type: string,
  engine: string,
  size: number,
): readonly Refusal[] {
  const iops = numberAt(inputs, 'iops');
  const throughput = numberAt(inputs, 'storageThroughput');
  const combination = (message: string, property: string): readonly Refusal[] => [
    refusal('InvalidParameterCombination', message, property),
  ];
  if (type === 'gp3') {
    if (size < striped && (iops !== undefined || throughput !== undefined))
      return combination(
        `You can't specify IOPS or storage throughput for engine ${engine} and a storage size less than ${striped}.`,
        iops === undefined ? 'storageThroughput' : 'iops',
      );
    if (iops !== undefined && (iops < 12_000 || iops > 64_000))
      return combination(`Invalid iops for engine name ${engine} and storage type gp3: ${iops}`, 'iops');
    if (throughput !== undefined && (throughput < 500 || throughput > 4000))
      return combination(
        `Invalid storage throughput for engine name ${engine} and storage type gp3: ${throughput}`,
        'storageThroughput',
      );
    return throughput !== undefined && throughput > (iops ?? 12_000) / 4
      ? combination(
          `Invalid storage throughput to iops ratio for engine name ${engine} and storage type gp3`,
          'storageThroughput',
        )
      : [];
  }
  if (throughput !== undefined)
    return combination(`You can't specify storage throughput for storage type ${type}.`, 'storageThroughput');
  if (type === 'gp2' || type === 'standard')
    return iops === undefined || iops === 0
      ? []
      : combination(`You can't specify iops for storage type ${type}.`, 'iops');
  if (iops === undefined)
    return combination(`The storage type ${type} requires iops to be specified.`, 'iops');
  if (iops < 1000 || iops > 256_000)
    return combination(`Invalid iops for engine name ${engine} and storage type ${type}: ${iops}`, 'iops');
  const ratio = iops / size;
  return ratio < 0.5 || ratio > (type === 'io1' ? 50 : 1000)
    ? combination(
        `Invalid iops to storage (GB) ratio for engine name ${engine} and storage type ${type}: ${ratio.toFixed(4)}`,
        'iops',
      )
    : [];
}

// Replicas are encrypted as their source is.
function encryptionProblems(question: Question): readonly Refusal[] {
  const encrypted =
    flagAt(question.inputs, 'storageEncrypted') === true || isUnknown(question, 'storageEncrypted');
  return encrypted || !isGiven(question, 'kmsKeyId') || isGiven(question, 'replicateSourceDb')
    ? []
    : [
        refusal(
          'InvalidParameterCombination',
          'You must enable StorageEncrypted when you specify KmsKeyId',
          'storageEncrypted',
        ),
      ];
}
