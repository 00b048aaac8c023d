import { Metadata, status, type ServiceError } from '@grpc/grpc-js';
import any from 'google-protobuf/google/protobuf/any_pb.js';
import providers from '@pulumi/pulumi/proto/provider_pb.js';
import statuses from '@pulumi/pulumi/proto/status_pb.js';
import { messageOf } from '@cutover/base/errors.ts';
import { ApiError, type Partly } from '../api-error.ts';
import { toStruct } from './values.ts';

/** An error as the engine reads it. What is there although the call failed goes along, and the engine keeps it. */
export function toServiceError(error: unknown): ServiceError {
  const message = messageOf(error);
  const metadata = new Metadata();
  if (error instanceof ApiError && error.partly !== undefined) {
    metadata.set('grpc-status-details-bin', partlyDone(message, error.partly));
  }
  return Object.assign(new Error(message), { code: status.UNKNOWN, details: message, metadata });
}

/** The protocol's message for a resource that exists and is not well. */
function partlyDone(message: string, { id, properties, inputs }: Partly): Buffer {
  const detail = new providers.ErrorResourceInitFailed();
  detail.setId(id);
  detail.setProperties(toStruct(properties));
  detail.setInputs(toStruct(inputs));
  detail.setReasonsList([message]);
  const packed = new any.Any();
  packed.pack(detail.serializeBinary(), 'pulumirpc.ErrorResourceInitFailed');
  const whole = new statuses.Status();
  whole.setCode(status.UNKNOWN);
  whole.setMessage(message);
  whole.setDetailsList([packed]);
  return Buffer.from(whole.serializeBinary());
}
