/** Makes sure that there is a Chromium for the end-to-end tests. Plain Node 20, no dependencies. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const programs = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Installs Chromium on Debian and Ubuntu as root. Returns what is missing as a sentence, or undefined. */
export function chromiumProblem() {
  if (programs.some((path) => existsSync(path))) return undefined;
  const canInstall = existsSync('/etc/debian_version') && process.getuid?.() === 0;
  if (!canInstall) {
    return 'Chromium is missing. Install it (Debian: sudo apt-get install chromium) and run npm test again.';
  }
  console.log('Installing Chromium for the end-to-end tests.');
  const apt = (...args) =>
    spawnSync('apt-get', args, { stdio: 'inherit', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } }).status;
  if (apt('update') !== 0 || apt('install', '-y', '--no-install-recommends', 'chromium') !== 0) {
    return 'Chromium could not be installed with apt-get. Install it by hand and run npm test again.';
  }
  return programs.some((path) => existsSync(path))
    ? undefined
    : 'apt-get installed Chromium, but it is not in /usr/bin.';
}
