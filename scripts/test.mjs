/**
 * `npm test`: everything that must hold before a change is done, in the order from quick to slow. Installs what the
 * machine lacks where it can. Runs on Node 20; every step runs on the pinned Node.
 */
import { spawnSync } from 'node:child_process';
import { buildIfStale } from './setup-build.mjs';
import { chromiumProblem } from './setup-chromium.mjs';
import { displayProblem, electronBinary } from './setup-desktop.mjs';
import { installIfStale, root, toolchainEnv } from './setup-install.mjs';

const npmRun = (script) => () => run('npm', ['run', '--silent', script]);
const vitest = (project) => () => run('vitest', ['run', '--project', project]);

const steps = [
  ['Build', buildIfStale],
  ['Type check', npmRun('types')],
  ['Lint', npmRun('lint')],
  ['Import rules', npmRun('import-rules')],
  ['Dead code', npmRun('unused')],
  ['Catalog check', npmRun('catalog:check')],
  ['Unit tests', vitest('unit')],
  ['Integration tests', vitest('integration')],
  ['End-to-end tests', vitest('e2e')],
  ['Packaging check', npmRun('packaging:check')],
  ['Protocol conformance', npmRun('conformance')],
];

function run(program, args) {
  const isWindows = process.platform === 'win32';
  return spawnSync(program, args, { cwd: root, stdio: 'inherit', env: toolchainEnv(), shell: isWindows }).status === 0;
}

/** What this machine cannot show, with the reason; the rest of the tests do not depend on it. */
function notRunHere() {
  const missing = [];
  const binary = electronBinary();
  const display = displayProblem();
  if (!binary || display) {
    missing.push(
      `Tests in a real Electron (sandboxed preload, CSP, tray, safeStorage): ${binary ? display : 'no Electron binary'}.`,
    );
  }
  if (process.platform !== 'linux' || process.getuid?.() !== 0) {
    missing.push('Full and read-only disks: mounting a small one needs Linux and root.');
  }
  missing.push('Installers, code signing and updates: they need the release machines of each platform.');
  return missing;
}

installIfStale();
const problem = chromiumProblem();
if (problem) {
  console.error(problem);
  process.exit(1);
}

const done = [];
for (const [title, step] of steps) {
  console.log(`\n━━ ${title}`);
  const before = performance.now();
  const ok = step();
  const seconds = ((performance.now() - before) / 1000).toFixed(1);
  done.push({ title, ok, seconds });
  if (!ok) break;
}

console.log('\n━━ Summary');
for (const { title, ok, seconds } of done) console.log(`${ok ? 'ok    ' : 'FAILED'}  ${title} (${seconds} s)`);
for (const [title] of steps.slice(done.length)) console.log(`not run  ${title}`);
console.log('\nNot run here:');
for (const line of notRunHere()) console.log(`- ${line}`);
const failed = done.find(({ ok }) => !ok);
console.log(failed ? `\nStopped: ${failed.title} failed.` : '\nEverything that can be checked here holds.');
process.exit(failed ? 1 : 0);
