/** `npm run import-rules`: checks DESIGN §4's boundaries over src/. Prints what breaks them and exits 1. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { importsOf } from './import-rules/imports-of.ts';
import { type SourceFile, violationsIn } from './import-rules/rules.ts';

const root = resolve(import.meta.dirname, '..');

const files: SourceFile[] = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name) && !entry.name.endsWith('.d.ts'))
  .map((entry) => join(entry.parentPath, entry.name))
  .sort()
  .map((file) => ({
    path: relative(root, file).split(sep).join('/'),
    imports: importsOf(file, readFileSync(file, 'utf8')),
  }));

const violations = violationsIn(files);
for (const { rule, path, line, message } of violations) console.error(`${path}:${line}  ${message}  [${rule}]`);
if (violations.length > 0) {
  console.error(`\n${violations.length} imports break the rules of the house (DESIGN §4).`);
  process.exitCode = 1;
} else console.log(`${files.length} files keep the import rules.`);
