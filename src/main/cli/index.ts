/** Entry of the command line: runs one command line and turns what it throws into a message and an exit code. */
import { CommanderError } from 'commander';
import { CliError, exitCodes } from './exit.ts';
import { printJson, printNote } from './output.ts';
import { printableBlock } from './printable.ts';
import { buildProgram } from './program.ts';

/** @param args the arguments after the program's name */
export async function runCommandLine(args: readonly string[]): Promise<void> {
  // A reader that has seen enough, as in `gatehouse log | head`, is no failure. `serve` outlives its reader.
  if (args[0] !== 'serve') process.stdout.on('error', () => process.exit());
  try {
    await buildProgram().parseAsync(args, { from: 'user' });
  } catch (error) {
    process.exitCode = reported(error, args);
  }
}

function reported(error: unknown, args: readonly string[]): number {
  if (error instanceof CommanderError) {
    // Commander has printed its own message or the help by now.
    if (error.exitCode === 0) return exitCodes.ok;
    if (wantsJson(args)) printJson({ error: { code: 'usage', message: error.message.replace(/^error: /, '') } });
    return exitCodes.usage;
  }
  const failure =
    error instanceof CliError ? error : new CliError('failed', error instanceof Error ? error.message : String(error));
  printNote(`gatehouse: ${printableBlock(failure.message)}`);
  if (wantsJson(args)) {
    printJson({ error: { code: failure.ending, message: failure.message, ...failure.facts } });
  }
  return exitCodes[failure.ending];
}

function wantsJson(args: readonly string[]): boolean {
  // What follows -- belongs to the server's command line, not to us.
  const own = args.includes('--') ? args.slice(0, args.indexOf('--')) : args;
  return own.includes('--json');
}
