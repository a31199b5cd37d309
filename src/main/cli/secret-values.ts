/** Where secret values come from: the environment, standard input, or a hidden prompt. Never the command line. */
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { CliError } from './exit.ts';

const namePattern = /^[A-Za-z_][A-Za-z0-9_.-]{0,127}$/;

/**
 * Reads the value of each named secret: from the environment variable of that name, else on a terminal from a hidden
 * prompt, else from standard input, one line each in the order asked for.
 */
export async function readSecretValues(names: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const values = new Map<string, string>();
  const missing: string[] = [];
  for (const name of names) {
    if (!namePattern.test(name)) throw new CliError('usage', `${JSON.stringify(name)} cannot be a secret's name.`);
    const fromEnvironment = process.env[name];
    if (fromEnvironment) values.set(name, fromEnvironment);
    else missing.push(name);
  }
  if (missing.length === 0) return values;
  const answers = process.stdin.isTTY ? await promptHidden(missing) : await linesOfStdin();
  for (const [i, name] of missing.entries()) {
    const value = answers[i];
    if (!value) {
      throw new CliError(
        'usage',
        `No value for the secret ${name}. Set the environment variable ${name}, or give it on standard input.`,
      );
    }
    values.set(name, value);
  }
  return values;
}

async function linesOfStdin(): Promise<string[]> {
  return (await text(process.stdin)).split(/\r?\n/);
}

async function promptHidden(names: readonly string[]): Promise<string[]> {
  // The prompt goes to stderr by hand; what is typed is echoed into nothing.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  try {
    const answers: string[] = [];
    for (const name of names) {
      process.stderr.write(`${name} (not shown): `);
      answers.push(await reader.question(''));
      process.stderr.write('\n');
    }
    return answers;
  } finally {
    reader.close();
  }
}
