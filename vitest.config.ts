import { resolve } from 'node:path';
import { defineConfig } from 'vitest/config';

const root = import.meta.dirname;
const alias = { '@shared': resolve(root, 'src/shared') };
const project = (name: string, extra: object = {}) => ({
  resolve: { alias },
  test: { name, include: [`test/${name}/**/*.test.{ts,tsx}`], testTimeout: 30_000, hookTimeout: 60_000, ...extra },
});

export default defineConfig({
  resolve: { alias },
  test: {
    projects: [
      project('unit'),
      project('integration', { testTimeout: 60_000, hookTimeout: 120_000 }),
      // Each file has processes, ports and folders of its own, and mostly waits for them.
      project('e2e', { testTimeout: 120_000, hookTimeout: 180_000, maxWorkers: 2 }),
    ],
  },
});
