import { Server, ServerCredentials, status, type handleUnaryCall } from '@grpc/grpc-js';
import empties from 'google-protobuf/google/protobuf/empty_pb.js';
import plugins from '@pulumi/pulumi/proto/plugin_pb.js';
import services from '@pulumi/pulumi/proto/provider_grpc_pb.js';
import messages from '@pulumi/pulumi/proto/provider_pb.js';
import type { CheckAnswer } from '../check-resource.ts';
import type { Change, Difference } from '../diff.ts';
import type { PlayedProvider } from '../provider.ts';
import { toServiceError } from './errors.ts';
import { fromStruct, toStruct } from './values.ts';

/** What the engine is told of a plugin. */
export interface PluginFacts {
  readonly name: string;
  readonly version: string;
  /** The engine gives up: what waits ends. */
  readonly cancel: () => void;
}

/** Serves a provider over the engine's protocol on a free port of this machine. SIDE EFFECTS: listens. */
export async function serve(provider: PlayedProvider, facts: PluginFacts): Promise<number> {
  const server = new Server({ 'grpc.max_receive_message_length': 400 << 20 });
  server.addService(services.ResourceProviderService, { ...unimplemented(), ...answers(provider, facts) });
  return new Promise((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, port) => {
      if (error === null) resolve(port);
      else reject(error);
    });
  });
}

function answers(provider: PlayedProvider, { name, version, cancel }: PluginFacts) {
  return {
    handshake: unary(() => {
      const answer = new messages.ProviderHandshakeResponse();
      answer.setAcceptSecrets(true);
      return answer;
    }),
    attach: unary(() => new empties.Empty()),
    getPluginInfo: unary(() => {
      const answer = new plugins.PluginInfo();
      answer.setVersion(version);
      return answer;
    }),
    getSchema: unary(() => {
      const answer = new messages.GetSchemaResponse();
      answer.setSchema(JSON.stringify({ name, version, resources: {}, functions: {} }));
      return answer;
    }),
    getMapping: unary(() => new messages.GetMappingResponse()),
    getMappings: unary(() => new messages.GetMappingsResponse()),
    checkConfig: unary((request: InstanceType<typeof messages.CheckRequest>) =>
      checked(provider.checkConfig(fromStruct(request.getOlds()), fromStruct(request.getNews()))),
    ),
    diffConfig: unary((request: InstanceType<typeof messages.DiffRequest>) =>
      different(provider.diffConfig(fromStruct(request.getOldInputs()), fromStruct(request.getNews()))),
    ),
    configure: unary((request: InstanceType<typeof messages.ConfigureRequest>) => {
      provider.configure(fromStruct(request.getArgs()), request.getUrn() ?? '');
      const answer = new messages.ConfigureResponse();
      answer.setAcceptsecrets(true);
      answer.setSupportspreview(true);
      return answer;
    }),
    check: unary((request: InstanceType<typeof messages.CheckRequest>) =>
      checked(
        provider.check({
          ...named(request),
          olds: fromStruct(request.getOlds()),
          news: fromStruct(request.getNews()),
          seed: request.getRandomseed_asU8(),
        }),
      ),
    ),
    diff: unary((request: InstanceType<typeof messages.DiffRequest>) =>
      different(
        provider.diff({
          ...named(request),
          id: request.getId(),
          olds: fromStruct(request.getOlds()),
          oldInputs: fromStruct(request.getOldInputs()),
          news: fromStruct(request.getNews()),
          ignoreChanges: request.getIgnorechangesList(),
        }),
      ),
    ),
    create: unary(async (request: InstanceType<typeof messages.CreateRequest>) => {
      const { id, properties } = await provider.create({
        ...named(request),
        inputs: fromStruct(request.getProperties()),
        preview: request.getPreview(),
        timeoutSeconds: request.getTimeout(),
      });
      const answer = new messages.CreateResponse();
      answer.setId(id);
      answer.setProperties(toStruct(properties));
      return answer;
    }),
    read: unary(async (request: InstanceType<typeof messages.ReadRequest>) => {
      const found = await provider.read({
        ...named(request),
        id: request.getId(),
        olds: fromStruct(request.getProperties()),
        oldInputs: fromStruct(request.getInputs()),
      });
      // Without an id it is gone.
      const answer = new messages.ReadResponse();
      if (found === undefined) return answer;
      answer.setId(found.id);
      answer.setProperties(toStruct(found.properties));
      answer.setInputs(toStruct(found.inputs));
      return answer;
    }),
    update: unary(async (request: InstanceType<typeof messages.UpdateRequest>) => {
      const properties = await provider.update({
        ...named(request),
        id: request.getId(),
        olds: fromStruct(request.getOlds()),
        oldInputs: fromStruct(request.getOldInputs()),
        news: fromStruct(request.getNews()),
        preview: request.getPreview(),
        timeoutSeconds: request.getTimeout(),
      });
      const answer = new messages.UpdateResponse();
      answer.setProperties(toStruct(properties));
      return answer;
    }),
    delete: unary(async (request: InstanceType<typeof messages.DeleteRequest>) => {
      await provider.delete({
        ...named(request),
        id: request.getId(),
        olds: fromStruct(request.getProperties()),
        timeoutSeconds: request.getTimeout(),
      });
      return new empties.Empty();
    }),
    invoke: unary((request: InstanceType<typeof messages.InvokeRequest>) => {
      const answer = new messages.InvokeResponse();
      answer.setReturn(toStruct(provider.invoke(request.getTok(), fromStruct(request.getArgs()))));
      return answer;
    }),
    cancel: unary(() => {
      cancel();
      return new empties.Empty();
    }),
  };
}

/** Everything else of the protocol: the engine is told that it is not there. */
function unimplemented() {
  const refuse = (operation: string): handleUnaryCall<unknown, unknown> => {
    return (_call, reply) =>
      reply({ code: status.UNIMPLEMENTED, details: `the twin does not do ${operation}` });
  };
  const operations = Object.keys(services.ResourceProviderService).filter(
    (operation) => operation !== 'list',
  );
  return {
    ...Object.fromEntries(operations.map((operation) => [operation, refuse(operation)])),
    list: (call: { destroy(error: Error): void }) =>
      call.destroy(Object.assign(new Error('the twin does not do list'), { code: status.UNIMPLEMENTED })),
  };
}

function unary<Request, Answer>(
  work: (request: Request) => Answer | Promise<Answer>,
): handleUnaryCall<Request, Answer> {
  return (call, reply) => {
    // Work that throws at once and work that rejects end alike.
    Promise.resolve(call.request)
      .then(work)
      .then(
        (answer) => reply(null, answer),
        (error: unknown) => reply(toServiceError(error)),
      );
  };
}

function named(request: { getUrn(): string }): { urn: string; type: string; name: string } {
  const urn = request.getUrn();
  // urn:pulumi:STACK::PROJECT::PARENT$TYPE::NAME
  const [, , types = '', ...name] = urn.split('::');
  return { urn, type: types.split('$').at(-1) ?? '', name: name.join('::') };
}

function checked({ inputs, failures }: CheckAnswer): InstanceType<typeof messages.CheckResponse> {
  const answer = new messages.CheckResponse();
  answer.setInputs(toStruct(inputs));
  answer.setFailuresList(
    failures.map(({ property, reason }) => {
      const failure = new messages.CheckFailure();
      failure.setProperty(property);
      failure.setReason(reason);
      return failure;
    }),
  );
  return answer;
}

const { Kind } = messages.PropertyDiff;
const kinds: Readonly<Record<Change, readonly [changes: number, replaces: number]>> = {
  add: [Kind.ADD, Kind.ADD_REPLACE],
  delete: [Kind.DELETE, Kind.DELETE_REPLACE],
  update: [Kind.UPDATE, Kind.UPDATE_REPLACE],
};

function different({
  changes,
  replaces,
  deleteBeforeReplace,
}: Difference): InstanceType<typeof messages.DiffResponse> {
  const { DIFF_NONE, DIFF_SOME } = messages.DiffResponse.DiffChanges;
  const answer = new messages.DiffResponse();
  const topLevel = (paths: Iterable<string>): string[] => [
    ...new Set([...paths].map((path) => path.split(/[.[]/)[0] ?? path)),
  ];
  answer.setChanges(changes.size === 0 ? DIFF_NONE : DIFF_SOME);
  answer.setDiffsList(topLevel(changes.keys()));
  answer.setReplacesList(topLevel(replaces));
  answer.setDeletebeforereplace(deleteBeforeReplace);
  answer.setHasdetaileddiff(true);
  for (const [path, each] of changes) {
    const detail = new messages.PropertyDiff();
    detail.setKind(kinds[each.change][each.replaces ? 1 : 0]);
    detail.setInputdiff(true);
    answer.getDetaileddiffMap().set(path, detail);
  }
  return answer;
}
