/**
 * Packages the built app with electron-builder against a dummy Electron made on the spot, and looks into the result.
 * Proves electron-builder.yml (keys, file filters, native modules, fuses) where no Electron can be downloaded, and that
 * what was packaged runs on Node. It does not prove icons, signing, installers or other platforms.
 *
 * node scripts/packaging-check.ts [--keep]
 */
import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { FuseV1Options, FuseVersion, getCurrentFuseWire } from '@electron/fuses';
import { z } from 'zod';

const run = promisify(execFile);
const root = resolve(import.meta.dirname, '..');

/** What `@electron/fuses` looks for in a binary, then the wire's version, its length, and one digit a fuse. */
const fuseSentinel = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
const fuseCount = 9;

/** The files electron-builder touches or requires in an unpacked Electron for Linux. */
async function makeDummyElectron(folder: string): Promise<void> {
  await mkdir(join(folder, 'locales'), { recursive: true });
  await mkdir(join(folder, 'resources'));
  const elf = Buffer.concat([Buffer.from([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1, 0]), Buffer.alloc(120)]);
  const wire = Buffer.concat([
    Buffer.from(fuseSentinel),
    Buffer.from([FuseVersion.V1.charCodeAt(0) - 48, fuseCount]),
    Buffer.from('1'.repeat(fuseCount)),
  ]);
  const { version } = z
    .object({ version: z.string() })
    .parse(JSON.parse(await readFile(join(root, 'node_modules/electron/package.json'), 'utf8')));
  const files: Readonly<Record<string, Buffer | string>> = {
    electron: Buffer.concat([elf, wire, elf]),
    'chrome-sandbox': elf,
    chrome_crashpad_handler: elf,
    LICENSE: '',
    'LICENSES.chromium.html': '',
    version,
    'locales/en-US.pak': '',
    'resources.pak': '',
    'icudtl.dat': '',
    'libffmpeg.so': elf,
    'snapshot_blob.bin': '',
    'v8_context_snapshot.bin': '',
  };
  for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
  for (const name of ['electron', 'chrome-sandbox', 'chrome_crashpad_handler']) await chmod(join(folder, name), 0o755);
}

interface AsarNode {
  /** Where its bytes begin, counted from the end of the header; decimal digits. */
  readonly offset?: string;
  readonly size?: number;
  readonly files?: Readonly<Record<string, AsarNode>>;
  readonly unpacked?: boolean;
  readonly integrity?: unknown;
}
const asarNodeSchema: z.ZodType<AsarNode> = z.lazy(() =>
  z.object({
    files: z.record(z.string(), asarNodeSchema).optional(),
    offset: z.string().optional(),
    size: z.number().optional(),
    unpacked: z.boolean().optional(),
    integrity: z.unknown().optional(),
  }),
);

interface Asar {
  readonly entries: ReadonlyMap<string, AsarNode>;
  bytesOf(entry: AsarNode): Buffer;
}

/** The archive's files by path. The header is two Chromium pickles: its size, then its JSON text. */
async function readAsar(file: string): Promise<Asar> {
  const bytes = await readFile(file);
  const length = bytes.readUInt32LE(12);
  const header = asarNodeSchema.parse(JSON.parse(bytes.subarray(16, 16 + length).toString('utf8')));
  const entries = new Map<string, AsarNode>();
  const walk = (node: AsarNode, path: string) => {
    if (!node.files) entries.set(path, node);
    else for (const [name, child] of Object.entries(node.files)) walk(child, path ? `${path}/${name}` : name);
  };
  walk(header, '');
  const start = 8 + bytes.readUInt32LE(4);
  return {
    entries,
    bytesOf({ offset = '0', size = 0 }) {
      const from = start + Number(offset);
      return bytes.subarray(from, from + size);
    },
  };
}

/** Unpacks the app, so that Node can run exactly what was packaged. */
async function extractApp(resources: string, folder: string): Promise<void> {
  const archive = await readAsar(join(resources, 'app.asar'));
  for (const [path, entry] of archive.entries) {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    if (entry.unpacked === true) await copyFile(join(resources, 'app.asar.unpacked', path), file);
    else await writeFile(file, archive.bytesOf(entry));
  }
}

/** Starts the packaged gateway on plain Node: a file the filters dropped by mistake shows here. */
async function checkThatItRuns(resources: string, work: string): Promise<void> {
  const folder = join(work, 'extracted');
  await extractApp(resources, folder);
  const args = ['serve', '--json', '--port', '0', '--data-dir', join(work, 'data')];
  const child = spawn(process.execPath, [join(folder, 'out/main/cli.js'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  const ready = Promise.withResolvers<void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (text) => {
      printed += String(text);
      if (printed.includes('"endpoint"')) ready.resolve();
    });
  }
  const ended = new Promise<number | null>((done) => child.once('exit', (code) => done(code)));
  await Promise.race([ready.promise, ended]);
  child.kill('SIGTERM');
  const code = await ended;
  check(
    printed.includes('"endpoint"') && code === 0,
    `The packaged app does not run (exit ${code}): ${printed.trim()}`,
  );
}

const manifestSchema = z.object({ dependencies: z.record(z.string(), z.string()).default({}) });

/** Every package the app needs while it runs, found from package.json on. */
async function runtimePackages(): Promise<Set<string>> {
  const found = new Set<string>();
  const follow = async (manifest: string): Promise<void> => {
    const { dependencies } = manifestSchema.parse(JSON.parse(await readFile(manifest, 'utf8')));
    for (const name of Object.keys(dependencies)) {
      const next = join(root, 'node_modules', name, 'package.json');
      if (found.has(name) || !existsSync(next)) continue;
      found.add(name);
      await follow(next);
    }
  };
  await follow(join(root, 'package.json'));
  return found;
}

const problems: string[] = [];
let checks = 0;

function check(isRight: boolean, what: string): void {
  checks += 1;
  if (!isRight) problems.push(what);
}

async function checkArchive(resources: string): Promise<void> {
  const archive = join(resources, 'app.asar');
  const { entries } = await readAsar(archive);
  const paths = [...entries.keys()];
  const own = paths.filter((path) => !path.startsWith('node_modules/'));

  for (const needed of [
    'package.json',
    'out/main/index.js',
    'out/main/cli.js',
    'out/main/discovery-worker.js',
    'out/preload/index.cjs',
    'out/renderer/index.html',
    'assets/icons/app-512.png',
    'assets/icons/tray/openTemplate.png',
    'assets/icons/tray/problem-onDark@2x.png',
    'node_modules/better-sqlite3/package.json',
    'node_modules/electron-updater/package.json',
  ]) {
    check(entries.has(needed), `app.asar lacks ${needed}`);
  }
  const allowed = /^(package\.json|out\/(main|preload|renderer)\/|assets\/icons\/)/;
  for (const path of own) check(allowed.test(path), `app.asar holds ${path}, which is not part of the app`);
  for (const path of paths) {
    check(!/\.(map|tsx?|mts|cts)$/.test(path), `app.asar holds ${path}, which only a developer needs`);
  }
  const developerOnly = /^node_modules\/(electron|electron-builder|vitest|typescript|vite|playwright-core|react)\//;
  check(!paths.some((path) => developerOnly.test(path)), 'app.asar holds development dependencies');

  // better-sqlite3 names what only its installation from source needs.
  const forBuildingOnly = new Set(['node-addon-api']);
  for (const name of await runtimePackages()) {
    if (forBuildingOnly.has(name)) continue;
    check(
      paths.some((path) => path.includes(`node_modules/${name}/package.json`)),
      `app.asar lacks the package ${name}`,
    );
  }

  const native = paths.filter((path) => path.endsWith('.node'));
  const expected = `node_modules/better-sqlite3/prebuilds/${process.platform}-${process.arch}.node`;
  check(native.includes(expected), `app.asar lacks ${expected}`);
  for (const path of native) {
    check(entries.get(path)?.unpacked === true, `${path} is not unpacked, so it cannot be loaded`);
    check(existsSync(join(resources, 'app.asar.unpacked', path)), `app.asar.unpacked lacks ${path}`);
    const foreign = /(darwin|win32|linuxmusl|linux-arm64)/.test(path) && path !== expected;
    check(!foreign, `${path} is for another platform`);
  }
  check(
    [...entries.values()].every((entry) => entry.unpacked === true || entry.integrity !== undefined),
    'app.asar has files without an integrity hash',
  );
  const { size } = await stat(archive);
  console.log(`app.asar: ${paths.length} files, ${(size / 1024 / 1024).toFixed(1)} MiB, native: ${native.join(', ')}`);
}

async function checkFuses(binary: string): Promise<void> {
  const wire = await getCurrentFuseWire(binary);
  const wanted: Readonly<Partial<Record<FuseV1Options, boolean>>> = {
    [FuseV1Options.RunAsNode]: true,
    [FuseV1Options.EnableCookieEncryption]: true,
    [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: false,
    [FuseV1Options.EnableNodeCliInspectArguments]: false,
    [FuseV1Options.EnableEmbeddedAsarIntegrityValidation]: true,
    [FuseV1Options.OnlyLoadAppFromAsar]: true,
    [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
    [FuseV1Options.GrantFileProtocolExtraPrivileges]: false,
  };
  const states = new Map(Object.entries(wire).map(([fuse, state]) => [fuse, Number(state)]));
  for (const [fuse, isOn] of Object.entries(wanted)) {
    const name = FuseV1Options[Number(fuse)];
    check(states.get(fuse) === (isOn ? 0x31 : 0x30), `The fuse ${name} is not ${isOn ? 'on' : 'off'}`);
  }
}

async function checkCommand(resources: string): Promise<void> {
  for (const name of ['gatehouse', 'gatehouse.cmd']) {
    check(existsSync(join(resources, 'bin', name)), `resources/bin lacks ${name}`);
  }
  const command = await stat(join(resources, 'bin', 'gatehouse'));
  check((command.mode & 0o111) === 0o111, 'resources/bin/gatehouse cannot be executed');
}

const { values } = parseArgs({ options: { keep: { type: 'boolean', default: false } } });
if (process.platform !== 'linux') {
  console.log('packaging:check not run: the dummy Electron is for Linux.');
  process.exit(0);
}
if (!existsSync(join(root, 'out/main/index.js'))) {
  console.error('There is no build. Run the build first.');
  process.exit(1);
}
const work = await mkdtemp(join(tmpdir(), 'gatehouse-packaging-'));
try {
  const electron = join(work, 'electron');
  await makeDummyElectron(electron);
  const started = performance.now();
  const output = join(work, 'dist');
  const builder = join(root, 'node_modules/electron-builder/cli.js');
  const args = ['--linux', 'dir', `--${process.arch}`, '--publish', 'never'];
  const overrides = [`-c.electronDist=${electron}`, `-c.directories.output=${output}`];
  const { stdout, stderr } = await run(process.execPath, [builder, ...args, ...overrides], {
    cwd: root,
    maxBuffer: 16 * 1024 * 1024,
  }).catch((error: { stdout?: string; stderr?: string }) => {
    console.error(`${error.stdout ?? ''}\n${error.stderr ?? ''}`);
    throw new Error('electron-builder failed.', { cause: error });
  });
  if (values.keep) console.log(stdout, stderr);
  const unpacked = join(output, process.arch === 'x64' ? 'linux-unpacked' : `linux-${process.arch}-unpacked`);
  const resources = join(unpacked, 'resources');
  await checkArchive(resources);
  await checkFuses(join(unpacked, 'gatehouse'));
  await checkCommand(resources);
  await checkThatItRuns(resources, work);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  if (problems.length > 0) {
    console.error(
      `Packaging check failed, ${problems.length} of ${checks} checks:\n- ${problems.slice(0, 40).join('\n- ')}`,
    );
    process.exitCode = 1;
  } else {
    console.log(`Packaging check passed: ${checks} checks in ${seconds} s.`);
  }
  if (values.keep) console.log(`Kept: ${work}`);
} finally {
  if (!values.keep) await rm(work, { recursive: true, force: true });
}
