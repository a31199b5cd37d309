/** `gatehouse scan`: a file without a running instance, or a server of the running one. */
import { createReadStream, existsSync } from 'node:fs';
import { relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Finding } from '@shared/contract/findings.ts';
import { toolDefinitionSchema } from '@shared/contract/tools.ts';
import { findNodeAtLocation, type Node, parseTree } from 'jsonc-parser';
import { contradictionOf } from '../approvals/index.ts';
import {
  readScanFile,
  type SarifRegion,
  ScanFileError,
  type ScanSubject,
  sarifOf,
  scanDefinition,
  scanInstructions,
} from '../scanner/index.ts';
import { type AdminOptions, withInstance } from './admin.ts';
import { CliError } from './exit.ts';
import { printJson, printLine } from './output.ts';
import { printable } from './printable.ts';
import { printFinding } from './tool.ts';
import { version } from './version.ts';

export interface ScanOptions extends AdminOptions {
  readonly format?: 'text' | 'json' | 'sarif';
}

/** What was found in one thing: a tool, prompt, resource or the instructions. */
interface Scanned {
  readonly id: string;
  /** Where its definition is in the file; empty for a server. */
  readonly pointer: string;
  readonly findings: readonly Finding[];
}

/** Bytes of a file that is scanned. */
const LARGEST_FILE = 64 * 1024 * 1024;

/** Prints what was found; the exit code is 1 when something is serious. */
export async function scan(target: string, options: ScanOptions): Promise<void> {
  const isFile = target === '-' || existsSync(target) || /[\\/]|\.json$/.test(target);
  const format = options.json ? 'json' : (options.format ?? 'text');
  if (isFile) {
    const text = await readInput(target);
    const scanned = scanText(text, target);
    report(scanned, format, (one, finding) => regionIn(text, one, finding), artifactOf(target));
  } else {
    await withInstance({ ...options, json: format !== 'text' }, async (client) => {
      const offers = await client.tools.list({ server: target });
      const { instructions, instructionsFindings } = await client.servers.get({ name: target });
      const scanned: Scanned[] =
        instructions === null ? [] : [{ id: `${target} (instructions)`, pointer: '', findings: instructionsFindings }];
      for (const { id, findingCounts } of offers) {
        const isClean = findingCounts.serious + findingCounts.note === 0;
        const findings = isClean ? [] : (await client.tools.get({ id })).findings;
        scanned.push({ id, pointer: '', findings });
      }
      report(scanned, format, () => null, null);
    });
  }
}

async function readInput(target: string): Promise<string> {
  const stream = target === '-' ? process.stdin : createReadStream(target);
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of stream) {
      const bytes = Buffer.from(chunk);
      size += bytes.length;
      if (size > LARGEST_FILE) throw new CliError('failed', `${target} is larger than 64 MiB. Scan its parts.`);
      chunks.push(bytes);
    }
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw new CliError('failed', `${target} cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
  return Buffer.concat(chunks)
    .toString('utf8')
    .replace(/^\ufeff/, '');
}

function scanText(text: string, target: string): Scanned[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new CliError('failed', `${target} is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  try {
    const { subjects, instructions } = readScanFile(value);
    const scanned = subjects.map(scanSubject);
    if (!instructions) return scanned;
    const { findings } = scanInstructions(instructions.text);
    return [{ id: 'instructions', pointer: instructions.pointer, findings }, ...scanned];
  } catch (error) {
    if (error instanceof ScanFileError) throw new CliError('failed', error.message);
    throw error;
  }
}

function scanSubject({ kind, name, definition, pointer }: ScanSubject): Scanned {
  const checked = toolDefinitionSchema.safeParse(definition);
  const contradiction = kind === 'tool' && checked.success ? contradictionOf(checked.data) : null;
  return { id: name, pointer, findings: scanDefinition(kind, definition, contradiction).findings };
}

function report(
  scanned: readonly Scanned[],
  format: 'text' | 'json' | 'sarif',
  regionOf: (one: Scanned, finding: Finding) => SarifRegion | null,
  artifact: string | null,
): void {
  const all = scanned.flatMap((one) => one.findings.map((finding) => ({ one, finding })));
  const serious = all.filter(({ finding }) => finding.severity === 'serious').length;
  if (format === 'json') printJson(scanned);
  else if (format === 'sarif') {
    const located = all.map(({ one, finding }) => ({
      finding,
      subject: one.id,
      pointer: `${one.pointer}${finding.pointer}`,
      region: regionOf(one, finding),
    }));
    printJson(sarifOf(located, artifact, version));
  } else {
    for (const { id, findings } of scanned) {
      if (findings.length === 0) continue;
      printLine(printable(id));
      for (const finding of findings) printFinding(finding);
    }
    const notes = all.length - serious;
    printLine(`${scanned.length} scanned: ${serious} serious, ${notes} ${notes === 1 ? 'note' : 'notes'}.`);
  }
  if (serious > 0) process.exitCode = 1;
}

function artifactOf(target: string): string | null {
  if (target === '-') return null;
  const here = relative(process.cwd(), target);
  return here.startsWith('..') ? pathToFileURL(target).href : here.split('\\').map(encodeURI).join('/');
}

let parsed: { readonly text: string; readonly tree: Node | undefined; readonly lines: readonly number[] } | undefined;

/** Where the member a finding is about stands in the file. */
function regionIn(text: string, { pointer }: Scanned, finding: Finding): SarifRegion | null {
  if (parsed?.text !== text) {
    const lines = [0];
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lines.push(at + 1);
    parsed = { text, tree: parseTree(text), lines };
  }
  const { tree, lines } = parsed;
  if (!tree) return null;
  const steps = `${pointer}${finding.pointer}`.split('/').slice(1);
  let node: Node | undefined = tree;
  for (const step of steps) {
    const key = step.replaceAll('~1', '/').replaceAll('~0', '~');
    node = node && findNodeAtLocation(node, [node.type === 'array' ? Number(key) : key]);
  }
  if (!node) return null;
  const shown = finding.inKey ? (node.parent?.children?.[0] ?? node) : node;
  const from = placeIn(lines, shown.offset);
  const to = placeIn(lines, shown.offset + shown.length);
  return { startLine: from.line, startColumn: from.column, endLine: to.line, endColumn: to.column };
}

function placeIn(lines: readonly number[], offset: number): { line: number; column: number } {
  let low = 0;
  let high = lines.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((lines[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: offset - (lines[low] ?? 0) + 1 };
}
