/**
 * Draws the PNG files of the app and tray icons from their SVG sources with the Chromium of this machine.
 *
 * node scripts/icons.ts [--chromium /usr/bin/chromium]
 */
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { type Browser, chromium } from 'playwright-core';

const { values } = parseArgs({ options: { chromium: { type: 'string', default: '/usr/bin/chromium' } } });
const icons = resolve(import.meta.dirname, '../assets/icons');

/** Tray images are 16 px, and 32 px for dense screens under the name Electron looks for. */
const traySizes = [
  { size: 16, suffix: '' },
  { size: 32, suffix: '@2x' },
];
const appSizes = [512, 1024];

async function draw(browser: Browser, source: string, size: number, file: string): Promise<void> {
  const svg = await readFile(source, 'utf8');
  const page = await browser.newPage({ viewport: { width: size, height: size } });
  try {
    const image = `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`;
    await page.setContent(
      `<body style="margin:0"><img src="${image}" width="${size}" height="${size}" style="display:block">`,
    );
    await page.locator('img').evaluate((img: HTMLImageElement) => img.decode());
    await page.screenshot({ path: file, omitBackground: true });
    console.log(`${file} ${size}x${size}`);
  } finally {
    await page.close();
  }
}

const browser = await chromium.launch({
  executablePath: values.chromium,
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
});
try {
  const traySources = join(icons, 'source', 'tray');
  await mkdir(join(icons, 'tray'), { recursive: true });
  for (const name of (await readdir(traySources)).filter((file) => file.endsWith('.svg'))) {
    for (const { size, suffix } of traySizes) {
      const file = join(icons, 'tray', `${basename(name, '.svg')}${suffix}.png`);
      await draw(browser, join(traySources, name), size, file);
    }
  }
  for (const size of appSizes)
    await draw(browser, join(icons, 'source', 'app.svg'), size, join(icons, `app-${size}.png`));
} finally {
  await browser.close();
}
