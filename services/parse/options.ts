import { pathToFileURL } from 'node:url';
import type { Logger } from 'pino';
import type { ParseConfig } from './config.ts';
import { folderOfFiles } from './files.ts';
import { logAdapter } from './log-adapter.ts';
import type { Storage } from './storage.ts';

/** The largest upload. */
export const maxUploadSize = '20mb';

// What Parse Server 9 warns that a later version will set by itself; each is the stricter of two.
const futureDefaults = {
  pages: { encodePageParamHeaders: true },
  requestComplexity: {
    includeDepth: 10,
    includeCount: 100,
    subqueryDepth: 10,
    queryDepth: 10,
    graphQLDepth: 20,
    graphQLFields: 200,
    batchRequestLimit: 100,
  },
  protectedFieldsOwnerExempt: false,
  protectedFieldsTriggerExempt: true,
  protectedFieldsSaveResponseExempt: false,
  installation: { duplicateDeviceTokenActionEnforceAuth: true },
  allowAggregationForReadOnlyMasterKey: false,
  enableProductPurchaseLegacyApi: false,
} as const;

/** What Parse Server is started with. Everything that it would leave open by default is closed here. */
export function parseServerOptions(
  config: ParseConfig,
  storage: Storage,
  log: Logger,
  isReadOnly: () => boolean,
): object {
  return {
    appId: config.appId,
    appName: config.system,
    masterKey: config.masterKey,
    masterKeyIps: [...config.masterKeyIps],
    // Never used, but its default is open to any address.
    maintenanceKeyIps: ['127.0.0.1', '::1'],
    readOnlyMasterKeyIps: ['127.0.0.1', '::1'],
    serverURL: config.serverUrl ?? `http://127.0.0.1:${config.port}/parse`,
    databaseAdapter: storage.adapter,
    filesAdapter: folderOfFiles(config.filesFolder, isReadOnly),
    loggerAdapter: logAdapter(log),
    logsFolder: null,
    cloud: async () => {
      await import(pathToFileURL(config.cloudCode).href);
    },
    allowClientClassCreation: false,
    enableAnonymousUsers: false,
    enforcePrivateUsers: true,
    allowExpiredAuthDataToken: false,
    maxUploadSize,
    fileUpload: {
      enableForPublic: false,
      enableForAnonymousUser: false,
      enableForAuthenticatedUser: true,
      // No file is stored that names another server's URL.
      allowedFileUrlDomains: [],
    },
    liveQuery: { classNames: [...config.liveQueryClasses] },
    // Cloud code reaches the server inside the process: not over a URL, where the master key would be refused.
    directAccess: true,
    ...futureDefaults,
  };
}
