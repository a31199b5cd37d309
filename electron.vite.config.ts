import { resolve } from 'node:path';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';

const root = import.meta.dirname;
const alias = { '@shared': resolve(root, 'src/shared') };

const bundled = [
  '@orpc/client',
  '@orpc/contract',
  '@orpc/server',
  'ajv',
  'chokidar',
  'commander',
  'conf',
  'jsonc-parser',
  'unhomoglyph',
  'zod',
];

export default defineConfig({
  main: {
    resolve: { alias },
    build: {
      outDir: 'out/main',
      target: 'node22',
      sourcemap: true,
      // Libraries of many small modules go into our files: reading them one by one was a third of the start.
      externalizeDeps: { exclude: bundled },
      rollupOptions: {
        input: {
          index: resolve(root, 'src/main/index.ts'),
          cli: resolve(root, 'src/main/cli.ts'),
          'discovery-worker': resolve(root, 'src/main/discovery/worker.ts'),
        },
        // All in one folder: code finds the worker and the renderer relative to its own file (import.meta.url).
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: '[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      outDir: 'out/preload',
      rollupOptions: {
        input: { index: resolve(root, 'src/preload/index.ts') },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: resolve(root, 'src/renderer'),
    base: './',
    resolve: { alias },
    plugins: [react(), tailwindcss()],
    build: {
      outDir: resolve(root, 'out/renderer'),
      target: 'chrome130',
      minify: true,
      rollupOptions: { input: resolve(root, 'src/renderer/index.html') },
    },
  },
});
