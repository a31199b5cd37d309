#!/usr/bin/env node
/**
 * The `gatehouse` command. Everything is loaded after the check of Node's version: on an older one the database driver
 * crashes the process instead of saying what is wrong.
 */
const oldestNode = { major: 22, minor: 12 };
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const [first, ...rest] = process.argv.slice(2);

if (major < oldestNode.major || (major === oldestNode.major && minor < oldestNode.minor)) {
  console.error(
    `gatehouse needs Node ${oldestNode.major}.${oldestNode.minor} or newer, and this is Node ${process.versions.node} (${process.execPath}).`,
  );
  process.exitCode = 1;
} else if (first === 'stdio' && !rest.includes('--help') && !rest.includes('-h')) {
  // Apps wait for the bridge at every start, so it does not load the command tree.
  const { runBridgeCommand } = await import('./cli/stdio/index.ts');
  await runBridgeCommand(rest);
} else {
  const { runCommandLine } = await import('./cli/index.ts');
  await runCommandLine(process.argv.slice(2));
}

export {};
