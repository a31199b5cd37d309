/** Checks a call's arguments against the approved schema, which the server wrote and which is therefore bounded. */
import vm from 'node:vm';
import type { Ajv, ErrorObject, ValidateFunction } from 'ajv';
import type { ToolRecord } from '../approvals/index.ts';

export type ArgumentVerdict =
  | { readonly verdict: 'valid' }
  /** One sentence in terms of the agent's own arguments. */
  | { readonly verdict: 'invalid'; readonly problem: string }
  /** The schema could not be applied; the server itself has the last word. `why` goes into the trail. */
  | { readonly verdict: 'unchecked'; readonly why: string };

export interface ArgumentCheck {
  /** Loads the validator library at the first call: 14 MB and 50 ms that a start without calls does not pay. */
  ready(): Promise<void>;
  /** Needs `ready()` before. Compiled validators are kept per fingerprint. */
  check(tool: Pick<ToolRecord, 'fingerprint' | 'definition'>, args: unknown): ArgumentVerdict;
}

interface Compiled {
  readonly validate: ValidateFunction | null;
  /** True when a hostile schema or value could make validation slow; it then runs under a time limit. */
  readonly bounded: boolean;
  readonly why: string;
}

const MOST_VALIDATORS = 500;
const MOST_NODES = 5_000;
const DEEPEST = 64;
/** Milliseconds one validation may take when its cost is not obvious. */
const LONGEST_CHECK_MS = 50;

/**
 * Keywords whose cost is not linear in schema and value: regular expressions can backtrack for ever, references can
 * unfold exponentially, uniqueItems compares every pair.
 */
const COSTLY_KEYWORDS = new Set([
  'pattern',
  'patternProperties',
  'propertyNames',
  '$ref',
  '$dynamicRef',
  '$recursiveRef',
  'uniqueItems',
]);

export function createArgumentCheck(): ArgumentCheck {
  const compiled = new Map<string, Compiled>();
  const watchdog = createWatchdog();
  let dialects: Dialects | undefined;
  let loading: Promise<void> | undefined;

  const compile = (schema: Readonly<Record<string, unknown>>): Compiled => {
    const size = sizeOf(schema);
    if (size === null)
      return { validate: null, bounded: false, why: 'The schema is too large or too deep to be applied.' };
    if (!dialects) return { validate: null, bounded: false, why: 'The schema checker is not loaded.' };
    const ajv = isDraft07(schema) ? dialects.draft07 : dialects.draft2020;
    try {
      const validate = ajv.compile(schema);
      return { validate, bounded: size.costly, why: '' };
    } catch {
      // A schema that does not compile (an unknown reference, say) is the server's to apply. Nothing is ever fetched.
      return { validate: null, bounded: false, why: 'The schema cannot be compiled; the server checks the arguments.' };
    } finally {
      ajv.removeSchema(schema);
    }
  };

  const compiledFor = (fingerprint: string, schema: Readonly<Record<string, unknown>>): Compiled => {
    const known = compiled.get(fingerprint);
    if (known) return known;
    const made = compile(schema);
    if (compiled.size >= MOST_VALIDATORS) {
      const [oldest] = compiled.keys();
      if (oldest !== undefined) compiled.delete(oldest);
    }
    compiled.set(fingerprint, made);
    return made;
  };

  return {
    ready() {
      loading ??= loadDialects().then((loaded) => {
        dialects = loaded;
      });
      return dialects ? READY : loading;
    },
    check(tool, args) {
      const schema = tool.definition.inputSchema;
      if (!schema) return { verdict: 'unchecked', why: 'The tool has no input schema.' };
      const { validate, bounded, why } = compiledFor(tool.fingerprint, schema);
      if (!validate) return { verdict: 'unchecked', why };
      const value = args ?? {};
      const valid = applied(validate, value, bounded ? watchdog : (work) => work());
      if (valid === 'given-up') {
        return { verdict: 'unchecked', why: 'The schema takes too long to apply; the server checks the arguments.' };
      }
      return valid === true ? { verdict: 'valid' } : { verdict: 'invalid', problem: problemOf(validate.errors) };
    },
  };
}

const READY = Promise.resolve();

interface Dialects {
  readonly draft07: Ajv;
  readonly draft2020: Ajv;
}

async function loadDialects(): Promise<Dialects> {
  const [draft07, draft2020] = await Promise.all([import('ajv'), import('ajv/dist/2020.js')]);
  const options = {
    strict: false,
    ownProperties: true,
    validateSchema: false,
    addUsedSchema: false,
    // `format` is an annotation by default in JSON Schema 2020-12, and format patterns are one more hostile input.
    validateFormats: false,
    // Inlining references would let a small schema grow into a large program.
    inlineRefs: false,
    logger: false,
    code: { regExp: tolerantRegExp },
  } as const;
  return { draft07: new draft07.Ajv(options), draft2020: new draft2020.Ajv2020(options) };
}

/** JSON Schema asks for Unicode mode, but servers write patterns that only compile without it. */
function tolerantRegExp(pattern: string, flags: string): RegExp {
  try {
    return new RegExp(pattern, flags);
  } catch {
    return new RegExp(pattern);
  }
}
tolerantRegExp.code = 'new RegExp';

function isDraft07(schema: Readonly<Record<string, unknown>>): boolean {
  const dialect = schema.$schema;
  return typeof dialect === 'string' && /draft-0[4-7]/.test(dialect);
}

/** Walks a schema once; null when it is larger or deeper than a tool's arguments can need. */
function sizeOf(schema: unknown): { readonly costly: boolean } | null {
  let nodes = 0;
  let costly = false;
  const open: { readonly value: unknown; readonly depth: number }[] = [{ value: schema, depth: 0 }];
  for (let next = open.pop(); next; next = open.pop()) {
    const { value, depth } = next;
    if (typeof value !== 'object' || value === null) continue;
    nodes += 1;
    if (nodes > MOST_NODES || depth > DEEPEST) return null;
    for (const [key, child] of Object.entries(value)) {
      costly ||= COSTLY_KEYWORDS.has(key);
      open.push({ value: child, depth: depth + 1 });
    }
  }
  return { costly };
}

/** Runs work, or throws when it takes too long. */
type Runner = (work: () => boolean) => boolean;

function applied(validate: ValidateFunction, value: unknown, run: Runner): boolean | 'given-up' {
  try {
    return run(() => validate(value));
  } catch {
    // Out of time, or out of stack on a value nested as deep as a recursive schema allows.
    return 'given-up';
  }
}

/**
 * Runs a function under a time limit that reaches into regular expressions and loops. Costs about 0.2 ms, so it is used
 * only where a schema can be slow.
 */
function createWatchdog(): Runner {
  const script = new vm.Script('work()');
  const context = vm.createContext({ work: () => undefined });
  return (work) => {
    let result = false;
    context.work = () => {
      result = work();
    };
    try {
      script.runInContext(context, { timeout: LONGEST_CHECK_MS });
      return result;
    } finally {
      context.work = () => undefined;
    }
  };
}

/** The first thing that is wrong, without anything the schema says beyond names and types. */
function problemOf(errors: readonly ErrorObject[] | null | undefined): string {
  const [error] = errors ?? [];
  if (!error) return 'they are not valid.';
  const where = error.instancePath === '' ? '' : `${error.instancePath.slice(1).replaceAll('/', '.')} `;
  const allowed: unknown = error.params.allowedValues;
  const choices =
    error.keyword === 'enum' && Array.isArray(allowed) ? `: ${JSON.stringify(allowed).slice(0, 200)}` : '';
  const extra: unknown = error.params.additionalProperty;
  const name = error.keyword === 'additionalProperties' && typeof extra === 'string' ? ` (${extra.slice(0, 60)})` : '';
  return `${where}${error.message ?? 'is not valid'}${choices}${name}.`;
}
