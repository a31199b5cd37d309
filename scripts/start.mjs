/**
 * `npm start`: installs and builds what is needed, then starts the desktop app, or where that cannot be, the same gateway
 * headless. Runs on Node 20, because npm starts it with whatever Node the person has.
 */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { buildIfStale } from './setup-build.mjs';
import { displayProblem, electronBinary } from './setup-desktop.mjs';
import { installIfStale, pinnedNode, root, toolchainEnv } from './setup-install.mjs';

installIfStale();
if (!buildIfStale()) {
  console.error('The build failed; see above.');
  process.exit(1);
}

const args = process.argv.slice(2);
const binary = electronBinary();
const problem = displayProblem() ?? (binary ? undefined : 'Electron itself is not installed (npx install-electron)');
if (problem) console.log(`Starting Gatehouse headless, because ${problem}.`);
const [program, programArgs] = problem
  ? [pinnedNode, [join(root, 'out', 'main', 'cli.js'), 'serve', ...args]]
  : [binary, [root, ...args]];

const child = spawn(program, programArgs, { stdio: 'inherit', env: toolchainEnv() });
child.once('error', (error) => {
  console.error(`${program} could not be started: ${error.message}`);
  process.exit(1);
});
// Ctrl+C in a terminal reaches the child by itself; a signal sent to this process alone is handed on.
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
process.on('SIGINT', () => {
  if (!process.stdin.isTTY) child.kill('SIGINT');
});
// npm hands a signal to the shell it runs this with, and that shell dies of it without handing it on.
const parent = process.ppid;
const watching = setInterval(() => {
  if (process.ppid === parent) return;
  clearInterval(watching);
  child.kill('SIGTERM');
}, 300);
watching.unref();
child.once('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
