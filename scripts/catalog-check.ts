/** `npm run catalog:check [file]`: is assets/catalog.json fit to ship? Prints what is wrong and exits 1. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { problemsOfCatalog } from '../src/main/catalog/check-catalog.ts';

const inRepository = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

const file = process.argv[2] ?? inRepository('assets/catalog.json');
const shapes = readFileSync(inRepository('src/renderer/components/icon/icon-shapes.tsx'), 'utf8');
const icons = new Set(Array.from(shapes.matchAll(/^ {2}'?([a-z][a-z-]*)'?: /gm), ([, name = '']) => name));

const content: unknown = JSON.parse(readFileSync(file, 'utf8'));
const problems = problemsOfCatalog(content, { icons });
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
else console.log(`${file} is fine (${icons.size} icons known).`);
