#!/usr/bin/env node
/**
 * The `gatehouse` command. Everything is loaded after the check of Node's version: on an older one the database driver
 * crashes the process instead of saying what is wrong.
 */
import { existsSync } from 'node:fs';

const oldestNode = { major: 22, minor: 12 };
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const [first, ...rest] = process.argv.slice(2);

// npm runs a script in the project's folder; a relative path means the folder in which the person typed it.
const { INIT_CWD: typedIn, npm_lifecycle_event: npmScript } = process.env;
if (npmScript === 'gatehouse' && typedIn !== undefined && existsSync(typedIn)) process.chdir(typedIn);

if (major < oldestNode.major || (major === oldestNode.major && minor < oldestNode.minor)) {
  console.error(
    `gatehouse needs Node ${oldestNode.major}.${oldestNode.minor} or newer, and this is Node ${process.versions.node} (${process.execPath}).`,
  );
  process.exitCode = 1;
} else if (first === 'stdio' && !rest.includes('--help') && !rest.includes('-h')) {
  // One bridge runs for every app that is open. What V8's optimizing compilers leave in the memory of their threads is
  // more than all else the bridge adds to a bare Node, and carrying messages gains little from them.
  const { setFlagsFromString } = process.getBuiltinModule('node:v8');
  for (const flag of ['--no-opt', '--no-maglev', '--semi-space-growth-factor=1']) setFlagsFromString(flag);
  // Apps wait for the bridge at every start, so it does not load the command tree.
  const { runBridgeCommand } = await import('./cli/stdio/index.ts');
  await runBridgeCommand(rest);
} else {
  if (first === 'serve') {
    // Keeps V8's space for new objects at its first size (1 MiB) instead of letting it grow to 32 MB: a gateway holds
    // little between calls, so the collector loses nothing. It is what --max-semi-space-size does, which no program
    // can give itself; V8 reads this one whenever it would grow.
    process.getBuiltinModule('node:v8').setFlagsFromString('--semi-space-growth-factor=1');
  }
  const { runCommandLine } = await import('./cli/index.ts');
  await runCommandLine(process.argv.slice(2));
}
