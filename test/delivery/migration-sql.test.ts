import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foreignMark, psqlOnly, undoneByName } from '@cutover/delivery/plan/migration-foreign.ts';
import {
  makesFunction,
  offsetOfPosition,
  placeOf,
  printableStatement,
  reachesWholeServer,
  splitStatements,
  sqlSection,
  transactionControl,
  type SqlDialect,
} from '@cutover/delivery/plan/migration-sql.ts';

function texts(sql: string, dialect: SqlDialect = 'postgres'): string[] {
  return splitStatements(sql, dialect).map(({ text }) => text);
}

describe('sections of an SQL file', () => {
  const content =
    '-- made by hand\n-- Up Migration\nCREATE TABLE a ();\n\n-- Down Migration\nDROP TABLE a;\n';

  it('are found with their offsets', () => {
    const up = sqlSection(content, 'up');
    const down = sqlSection(content, 'down');
    expect(up?.text.trim()).toBe('-- Up Migration\nCREATE TABLE a ();');
    expect(down?.text.trim()).toBe('-- Down Migration\nDROP TABLE a;');
    expect(content.slice(down?.offset)).toBe(down?.text);
  });

  it('may come the other way round', () => {
    const turned = '-- down migration\nDROP TABLE a;\n-- up migration\nCREATE TABLE a ();';
    expect(sqlSection(turned, 'down')?.text).toContain('DROP');
    expect(sqlSection(turned, 'down')?.text).not.toContain('CREATE');
    expect(sqlSection(turned, 'up')?.text).toContain('CREATE');
  });

  it('without marks are all up, and no way back', () => {
    expect(sqlSection('CREATE TABLE a ();', 'up')).toEqual({ text: 'CREATE TABLE a ();', offset: 0 });
    expect(sqlSection('CREATE TABLE a ();', 'down')).toBeUndefined();
  });
});

describe('statements of a text', () => {
  it('end at semicolons, not at those in quotes and comments', () => {
    expect(
      texts(`
        -- first; really
        INSERT INTO a VALUES ('it''s; fine', "odd;name", E'back\\'slash;');
        /* a /* nested; */ comment; */ SELECT 1;;
        SELECT 2`),
    ).toEqual([`INSERT INTO a VALUES ('it''s; fine', "odd;name", E'back\\'slash;')`, 'SELECT 1', 'SELECT 2']);
  });

  it('keep dollar-quoted bodies whole, also one in another', () => {
    const body = `CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $outer$
      BEGIN EXECUTE $q$ SELECT 1; $q$; END; $outer$`;
    expect(texts(`${body}; SELECT $1; DO $$ BEGIN NULL; END $$;`)).toEqual([
      body,
      'SELECT $1',
      'DO $$ BEGIN NULL; END $$',
    ]);
  });

  it('keep an SQL body with BEGIN ATOMIC whole', () => {
    const body = `CREATE OR REPLACE FUNCTION f(x int) RETURNS int
      BEGIN ATOMIC SELECT CASE WHEN x > 0 THEN 1 ELSE 0 END; SELECT 2; END`;
    expect(texts(`${body}; SELECT 3;`)).toEqual([body, 'SELECT 3']);
  });

  it('keep a trigger of SQLite whole', () => {
    const trigger = `CREATE TEMP TRIGGER t AFTER INSERT ON a BEGIN
      UPDATE a SET b = CASE WHEN c THEN 1 ELSE 2 END; DELETE FROM d; END`;
    expect(texts(`${trigger}; BEGIN; END;`, 'sqlite')).toEqual([trigger, 'BEGIN', 'END']);
  });

  it('end where they do though begin and end are names of columns', () => {
    const made = 'CREATE FUNCTION f(begin date, fin date) RETURNS bool LANGUAGE sql AS $$ SELECT true $$';
    expect(texts(`${made}; COMMIT`)).toEqual([made, 'COMMIT']);
    const trigger = 'CREATE TRIGGER t AFTER INSERT ON a BEGIN UPDATE a SET b = end; DELETE FROM c; END';
    expect(texts(`${trigger}; COMMIT`, 'sqlite')).toEqual([trigger, 'COMMIT']);
  });

  it('stand behind a comment that ends with a lone carriage return, as the server has it', () => {
    expect(texts('-- made on an old Mac\rCOMMIT;\rSELECT 1')).toEqual(['COMMIT', 'SELECT 1']);
    expect(texts('-- one comment\rCOMMIT;', 'sqlite')).toEqual([]);
  });

  it('know the quotes of SQLite', () => {
    expect(texts('SELECT `a;b`, [c;d]; SELECT 2', 'sqlite')).toEqual(['SELECT `a;b`, [c;d]', 'SELECT 2']);
  });

  it('have values of any size, also of nothing but quotes', () => {
    const value = `'${"it''s ".repeat(1_000_000)}'`;
    expect(texts(`SELECT ${value}; SELECT E${value}; SELECT 3`)).toHaveLength(3);
  });

  it('end with the text where a quote is not finished', () => {
    expect(texts("SELECT 'a; b''")).toEqual(["SELECT 'a; b''"]);
    expect(texts("SELECT E'a\\'; b")).toEqual(["SELECT E'a\\'; b"]);
    expect(texts('SELECT [a;; b', 'sqlite')).toEqual(['SELECT [a;; b']);
  });

  it('are all there, whatever is put between semicolons', () => {
    const piece = fc.oneof(
      fc.constantFrom(
        'SELECT 1',
        'a',
        '(b, c)',
        "'x;y'",
        '"q;"',
        '$$ ; $$',
        '$t$ ; $x$ $t$',
        '-- c;\n',
        '/* ; */',
        '1.5e3',
      ),
      fc.stringMatching(/^[a-z ]{1,6}$/),
    );
    const statement = fc.array(piece, { minLength: 1, maxLength: 6 }).map((parts) => `s ${parts.join(' ')}`);
    fc.assert(
      fc.property(fc.array(statement, { maxLength: 5 }), (statements) => {
        const sql = statements.map((text) => `${text};`).join('\n');
        const found = splitStatements(sql, 'postgres');
        expect(found).toHaveLength(statements.length);
        for (const { text, offset } of found) expect(sql.slice(offset, offset + text.length)).toBe(text);
      }),
    );
  });
});

describe('places', () => {
  it('are lines and columns from 1', () => {
    expect(placeOf('ab\ncd', 0)).toEqual({ line: 1, column: 1 });
    expect(placeOf('ab\ncd', 4)).toEqual({ line: 2, column: 2 });
  });

  it('count characters as the server does, not UTF-16 units', () => {
    expect('🙂🙂x'.slice(offsetOfPosition('🙂🙂x', 3))).toBe('x');
  });
});

describe('statements with reach', () => {
  it('that end the transaction are seen, savepoints and bodies are not', () => {
    const sql = `SAVEPOINT a; ROLLBACK TO a; BEGIN; COMMIT WORK; DO $$ BEGIN COMMIT; END $$; START TRANSACTION`;
    expect(transactionControl(sql, 'postgres').map(({ text }) => text)).toEqual([
      'BEGIN',
      'COMMIT WORK',
      'START TRANSACTION',
    ]);
    expect(transactionControl('VACUUM; SELECT 1', 'sqlite')).toHaveLength(1);
  });

  it.each([
    ['CREATE ROLE reader', true],
    ['DO $$ BEGIN create  user x; END $$', true],
    ['ALTER SYSTEM SET work_mem = 1', true],
    ['GRANT SELECT ON a TO reader', false],
    ['CREATE TABLE users (role text)', false],
    ["INSERT INTO permissions VALUES ('Create User')", false],
    ['COMMENT ON TABLE a IS $$drop user, see the manual$$', false],
    ['SELECT 1 -- drop role later', false],
    ["SELECT dblink_exec('', 'CREATE ROLE x')", true],
    ["DO 'BEGIN CREATE ROLE x; END'", true],
    ["INSERT INTO a VALUES ('x'); DROP ROLE reader", true],
    ['-- roles\rCREATE ROLE reader', true],
  ])('%s: %s', (sql, expected) => {
    expect(reachesWholeServer(sql)).toBe(expected);
  });
});

describe('what is written for other tools', () => {
  it('is seen where the way back would run on the way up', () => {
    expect(foreignMark('-- +goose Up\nSELECT 1;\n\n--  +goose Down\nSELECT 2;')).toBe('--  +goose Down');
    expect(foreignMark('-- +migrate Up\nSELECT 1;')).toBeUndefined();
    expect(foreignMark('-- Up Migration\n-- Down Migration\n-- was: -- +goose Down\n')).toBeUndefined();
  });

  it.each([
    ['-- Up\nCREATE TABLE a ();\n------\n-- Down\n------\nDROP TABLE a;', '-- Down'],
    ['CREATE TABLE a ();\r\n-- DOWN:\r\nDROP TABLE a;\r\n', '-- DOWN:'],
    ['-- !Ups\nCREATE TABLE a ();\n-- !Downs\nDROP TABLE a;', '-- !Downs'],
    ['CREATE TABLE a ();\n--//@UNDO\nDROP TABLE a;', '--//@UNDO'],
    ['-- rambler up\nSELECT 1;\n-- rambler down\nSELECT 2;', '-- rambler down'],
    [
      'CREATE TABLE a ();\n---- create above / drop below ----\nDROP TABLE a;',
      '---- create above / drop below',
    ],
    ['CREATE TABLE a ();\n-- Rollback:\n-- DROP TABLE a;\n', undefined],
    ['-- down the road this goes away\nCREATE TABLE a ();', undefined],
    ['-- +goose Up\nSELECT 1;\n-- +goose Down\n-- nothing to do', undefined],
  ])('%j: %s', (content, mark) => {
    expect(foreignMark(content)).toBe(mark);
  });

  it.each([
    ['20200101-a-down.sql', '20200101-a-up.sql'],
    ['001.undo.users.sql', '001.do.users.sql'],
    ['0001.a.rollback.sql', '0001.a.sql'],
    ['1_a_down.sql', '1_a_up.sql'],
  ])('and by the name of the file: %s undoes %s', (name, other) => {
    expect(undoneByName(name, [name, other])).toBe(other);
    expect(undoneByName(name, [name, `9${other}`])).toBeUndefined();
    expect(undoneByName(other, [name, other])).toBeUndefined();
  });

  it('and for psql, up to the first: what follows may be rows', () => {
    const dump = 'CREATE TABLE a (b text);\nCOPY public.a (b) FROM stdin;\n\\N\nrow; \\x\n\\.\n';
    expect(psqlOnly(dump).map(({ text }) => text)).toEqual(['COPY public.a (b) FROM stdin']);
    expect(psqlOnly('-- dump\n\\restrict abc\nSELECT 1;')).toMatchObject([{ offset: 8 }]);
    expect(psqlOnly("COPY a FROM '/tmp/x'; COPY a TO STDOUT; SELECT '\\'; COPY (SELECT 1) TO '/x'")).toEqual(
      [],
    );
  });

  it('a function is made, not run', () => {
    expect(makesFunction('create or replace function f()')).toBe(true);
    expect(makesFunction('CREATE TABLE function_of ()')).toBe(false);
  });
});

describe('a statement that is printed', () => {
  it('has no passwords', () => {
    const printed = printableStatement("ALTER ROLE a WITH PASSWORD 'geheim''1' VALID UNTIL 'infinity'");
    expect(printed).toBe("ALTER ROLE a WITH PASSWORD '***' VALID UNTIL 'infinity'");
    expect(printableStatement("CREATE USER a password E'x\\'y'")).not.toContain('x');
    expect(printableStatement("SELECT dblink('host=a password=geheim'), 'postgres://u:geheim@h/d'")).toBe(
      "SELECT dblink('host=a password=***'), 'postgres://u:***@h/d'",
    );
  });

  it('is cut when it is long', () => {
    expect(printableStatement('x'.repeat(1000))).toMatch(/^x{400} … \(1000 characters\)$/);
  });
});
