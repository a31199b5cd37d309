/**
 * Runs a built main process with the double in Electron's place:
 *
 * node test/doubles/run-electron.ts out/main/index.js [arguments of the app]
 */
import { registerHooks } from 'node:module';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const double = new URL('./electron.ts', import.meta.url).href;
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'electron' ? { url: double, shortCircuit: true } : next(specifier, context),
});

const [node = '', runner = '', main, ...args] = process.argv;
if (main === undefined) throw new Error(`Usage: ${node} ${runner} MAIN [ARGUMENTS]`);
// An Electron app's own arguments follow its program and path.
process.argv = [node, main, ...args];

const { appDouble } = await import('./electron.ts');
const { listenForCommands } = await import('./electron-control.ts');
listenForCommands();
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => appDouble.quit());

// As in Electron: a main module that awaits readiness while it is evaluated waits for ever.
await import(pathToFileURL(resolve(main)).href);
appDouble.markReady();
