/** One field of an input or output schema, as a row. All texts come from the server. */
export interface Parameter {
  /** Place in the schema, unique: `/options/depth`. */
  path: string;
  /** JSON Pointer from the root of the schema; not through a `$ref`. */
  pointer: string;
  name: string;
  /** How deep it is nested; 0 is the outermost. */
  depth: number;
  isRequired: boolean;
  type: string;
  description: string;
  /** Limits and defaults in words: "default true", "one of a, b". */
  notes: string[];
}

type Schema = Readonly<Record<string, unknown>>;

const deepest = 4;
const most = 200;

const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Follows a local `$ref`; anything else, and cycles, stay as they are. */
function resolved(schema: Schema, root: Schema, seen: readonly string[] = []): Schema {
  const ref = schema.$ref;
  if (typeof ref !== 'string' || !/^#(?:\/|$)/.test(ref) || seen.includes(ref)) return schema;
  let target: unknown = root;
  for (const step of ref.split('/').slice(1)) {
    const key = step.replaceAll('~1', '/').replaceAll('~0', '~');
    target = isSchema(target) && Object.hasOwn(target, key) ? target[key] : undefined;
  }
  if (!isSchema(target)) return schema;
  const { $ref: _, ...rest } = schema;
  return { ...resolved(target, root, [...seen, ref]), ...rest };
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}

function typeOf(given: Schema, root: Schema, depth = 0): string {
  const schema = resolved(given, root);
  if ('const' in schema) return shown(schema.const);
  const variants = schema.anyOf ?? schema.oneOf;
  if (Array.isArray(variants) && depth < 3) {
    const names = variants.filter(isSchema).map((variant) => typeOf(variant, root, depth + 1));
    return [...new Set(names)].join(' or ') || 'anything';
  }
  const { type } = schema;
  if (Array.isArray(type)) return type.join(' or ');
  if (type === 'array') {
    return isSchema(schema.items) && depth < 3 ? `list of ${typeOf(schema.items, root, depth + 1)}` : 'list';
  }
  if (typeof type === 'string') return type;
  if (Array.isArray(schema.enum)) return 'choice';
  return isSchema(schema.properties) ? 'object' : 'anything';
}

const limits: readonly [keyword: string, word: string][] = [
  ['minimum', 'at least'],
  ['exclusiveMinimum', 'more than'],
  ['maximum', 'at most'],
  ['exclusiveMaximum', 'less than'],
  ['minLength', 'shortest'],
  ['maxLength', 'longest'],
  ['minItems', 'fewest'],
  ['maxItems', 'most'],
  ['pattern', 'like'],
  ['format', 'format'],
];

function notesOf(schema: Schema): string[] {
  const notes: string[] = [];
  if ('default' in schema) notes.push(`default ${shown(schema.default)}`);
  if (Array.isArray(schema.enum)) {
    const values = schema.enum.slice(0, 12).map((value) => (typeof value === 'string' ? value : shown(value)));
    notes.push(`one of ${values.join(', ')}${schema.enum.length > 12 ? ` and ${schema.enum.length - 12} more` : ''}`);
  }
  for (const [keyword, word] of limits) if (keyword in schema) notes.push(`${word} ${shown(schema[keyword])}`);
  return notes;
}

/** The object whose fields are the children: the schema itself, or the items of a list of objects. */
function fieldsOf(schema: Schema, root: Schema): Schema | null {
  if (isSchema(schema.properties)) return schema;
  if (!isSchema(schema.items)) return null;
  const items = resolved(schema.items, root);
  return isSchema(items.properties) ? items : null;
}

/** A schema as rows, outermost first, at most 200 and four levels deep; the whole text is always one tab away. */
export function parametersOf(root: Schema | undefined): { rows: Parameter[]; isCut: boolean } {
  const rows: Parameter[] = [];
  let isCut = false;
  const add = (owner: Schema, path: string, pointer: string, depth: number): void => {
    const required = Array.isArray(owner.required) ? owner.required : [];
    for (const [name, value] of Object.entries(isSchema(owner.properties) ? owner.properties : {})) {
      if (rows.length >= most) {
        isCut = true;
        return;
      }
      const schema = isSchema(value) ? resolved(value, root ?? {}) : {};
      const here = `${path}/${name}`;
      const place = `${pointer}/properties/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
      rows.push({
        path: here,
        pointer: place,
        name,
        depth,
        isRequired: required.includes(name),
        type: isSchema(value) ? typeOf(value, root ?? {}) : shown(value),
        description: typeof schema.description === 'string' ? schema.description : '',
        notes: notesOf(schema),
      });
      const fields = fieldsOf(schema, root ?? {});
      if (!fields) continue;
      if (depth + 1 < deepest) add(fields, here, fields === schema ? place : `${place}/items`, depth + 1);
      else isCut = true;
    }
  };
  if (root) add(resolved(root, root), '', '', 0);
  return { rows, isCut };
}
