// Parse Server makes a folder for logs where the process was started, as soon as it is loaded and before it is told of
// a logger. Imported before it, this says that there is none.
process.env['PARSE_SERVER_LOGS_FOLDER'] = 'null';

export {};
