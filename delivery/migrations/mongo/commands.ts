/** A command as it may be printed: what was asked of which collection, without the documents. */
export function describeCommand(name: string, command: Readonly<Record<string, unknown>>): string {
  const collection = typeof command[name] === 'string' ? ` on ${command[name]}` : '';
  const indexes = command['indexes'];
  if (name === 'createIndexes' && Array.isArray(indexes))
    return `createIndexes${collection}: ${JSON.stringify(indexes, withMaps)}`;
  if (name === 'dropIndexes') return `dropIndexes${collection}: ${JSON.stringify(command['index'])}`;
  const many = [command['documents'], command['updates'], command['deletes']].find(Array.isArray);
  return `${name}${collection}${many === undefined ? '' : ` (${many.length} in one)`}`;
}

/** The driver keeps the keys of an index in a map, for their order. */
function withMaps(_: string, value: unknown): unknown {
  return value instanceof Map ? Object.fromEntries(value) : value;
}

/** A message of the server without the values of documents that it quotes. */
export function withoutValues(message: string): string {
  return message.replaceAll(/dup key: \{.*?\}/gs, 'dup key: {…}');
}
