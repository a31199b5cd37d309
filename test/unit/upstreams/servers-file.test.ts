import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseServersFile, withoutServer, withServer } from '../../../src/main/upstreams/servers-file.ts';

const parse = (text: string) => parseServersFile(text, 'servers.json');
const serversOf = (text: string) => {
  const read = parse(text);
  if (read.kind === 'broken') throw new Error(read.problem.message);
  return read;
};

describe('parseServersFile', () => {
  test('reads comments, trailing commas and unknown keys', () => {
    const { servers } = serversOf(`{
      // mine
      "mcpServers": { "fs": { "command": "x", "args": ["a",], /* why */ "note": 1, }, },
      "inputs": [],
    }`);
    expect(servers.get('fs')).toEqual({ command: 'x', args: ['a'] });
  });

  test.each(['', '  \n', '{}', '{"mcpServers":{}}', '// nothing yet'])('reads %j as no servers', (text) => {
    expect(serversOf(text).servers.size).toBe(0);
  });

  test('names the line and column of a syntax error', () => {
    const read = parse('{\n  "mcpServers": {\n    "a": { "command": }\n  }\n}');
    expect(read).toMatchObject({ kind: 'broken', problem: { line: 3, column: 23 } });
  });

  test.each(['[]', '"text"', '{"mcpServers": []}', '{"mcpServers":{},"mcpServers":{}}', '{"a":1} x'])(
    'takes %j for broken as a whole',
    (text) => {
      expect(parse(text).kind).toBe('broken');
    },
  );

  test('leaves one bad entry out, says where it is, and keeps the others', () => {
    const read = serversOf('{ "mcpServers": {\n  "a": { "command": "x" },\n  "b": { "command": 5 },\n  "c": {}\n} }');
    expect([...read.servers.keys()]).toEqual(['a']);
    expect(read.problems).toMatchObject([
      { line: 3, column: 21, message: expect.stringContaining('b is left out: command') },
      { line: 4, column: 8, message: expect.stringContaining('neither "command" nor "url"') },
    ]);
  });

  test('takes neither of two entries of one name', () => {
    const read = serversOf('{"mcpServers":{"a":{"command":"x"},"a":{"command":"y"},"b":{"command":"z"}}}');
    expect([...read.servers.keys()]).toEqual(['b']);
    expect(read.problems[0]?.message).toContain('twice');
  });

  test('refuses prototype names and keeps the prototype out of values', () => {
    const read = serversOf('{"mcpServers":{"__proto__":{"command":"x"},"a":{"command":"x","env":{"__proto__":"1"}}}}');
    expect([...read.servers.keys()]).toEqual(['a']);
    expect(({} as Record<string, unknown>).command).toBeUndefined();
    expect(read.problems).toHaveLength(1);
  });

  test('never throws, whatever the text', () => {
    fc.assert(fc.property(fc.string(), (text) => void parse(text)));
    fc.assert(fc.property(fc.json(), (text) => void parse(`{"mcpServers":${text}}`)));
  });
});

describe('withServer', () => {
  const file = `{
    // servers of the team
    "mcpServers": {
        "fs": {
            "command": "npx", // pinned
            "args": ["-y", "fs@1.0.0"],
            "env": { "A": "1", /* keep */ "B": "2" },
            "timeout": 5
        }, // last
    },
    "theme": "dark"
}
`;

  test('adds a server and keeps every comment, key and the indentation', () => {
    const edited = withServer(file, 'web', { url: 'https://a.example/mcp' });
    for (const kept of [
      '// servers of the team',
      '// pinned',
      '/* keep */',
      '// last',
      '"timeout": 5',
      '"theme": "dark"',
    ]) {
      expect(edited).toContain(kept);
    }
    expect(edited).toMatch(/\n {8}"web": \{\n {12}"url"/);
    expect([...serversOf(edited).servers.keys()]).toEqual(['fs', 'web']);
  });

  test('touches only what differs', () => {
    const edited = withServer(file, 'fs', { command: 'npx', args: ['-y', 'fs@1.0.1'], env: { A: '1', B: '3' } });
    expect(edited).toBe(
      file
        .replace('fs@1.0.0', 'fs@1.0.1')
        .replace('"B": "2"', '"B": "3"')
        .replace('["-y", ', '[\n                "-y",\n                ')
        .replace('fs@1.0.1"]', 'fs@1.0.1"\n            ]'),
    );
  });

  test('gives back the same text for the same config', () => {
    expect(withServer(file, 'fs', { command: 'npx', args: ['-y', 'fs@1.0.0'], env: { B: '2', A: '1' } })).toBe(file);
  });

  test('removes what the new config no longer has, but no key that is not ours', () => {
    const edited = withServer(file, 'fs', { url: 'https://a.example/mcp' });
    expect(serversOf(edited).servers.get('fs')).toEqual({ url: 'https://a.example/mcp' });
    expect(edited).toContain('"timeout": 5');
  });

  test('starts from an empty file', () => {
    expect(JSON.parse(withServer('', 'a', { command: 'x' }))).toEqual({ mcpServers: { a: { command: 'x' } } });
  });

  test.each([
    '{\r\n\t"mcpServers": {\r\n\t\t"a": { "command": "x" },\r\n\t},\r\n}',
    '{"mcpServers":{"a":{"command":"x"},},}',
  ])('adds and removes around trailing commas in %j', (text) => {
    const added = withServer(text, 'b', { command: 'y' });
    expect([...serversOf(added).servers.keys()]).toEqual(['a', 'b']);
    expect([...serversOf(withoutServer(added, 'b')).servers.keys()]).toEqual(['a']);
    expect([...serversOf(withoutServer(withoutServer(added, 'a'), 'b')).servers.keys()]).toEqual([]);
  });

  test('works with names that objects inherit', () => {
    const edited = withServer('{"mcpServers":{}}', 'constructor', { command: 'x' });
    expect(serversOf(edited).servers.get('constructor')).toEqual({ command: 'x' });
    expect(withoutServer('{"mcpServers":{}}', 'constructor')).toBe('{"mcpServers":{}}');
  });
});
