import { namesSecret } from '../../model/leaks.js';
import { meanings, type Modules, type Where } from './modules.js';
import type { Field, PythonClass, PythonModule } from './python-module.js';
import { argument, literal, type Expression } from './syntax.js';

/** A variable that an application reads. */
export interface Variable {
  readonly name: string;
  readonly required: boolean;
  readonly secret: boolean;
  /** Annotation of the field; empty where none is written. */
  readonly type: string;
  /** Default that is written as a text. */
  readonly standard: string | undefined;
  readonly from: string;
}

/** Variables of the settings classes (pydantic-settings), then those that are read from `os.environ`; each once. */
export function variablesOf(modules: Modules, files: readonly PythonModule[]): Variable[] {
  const all = [
    ...files.flatMap((module) => module.classes.flatMap((one) => ofClass(modules, one, module))),
    ...files.flatMap(ofEnvironment),
  ];
  const names = [...new Set(all.map(({ name }) => name))];
  return names.flatMap((name) => {
    const same = all.filter((one) => one.name === name);
    const [first] = same;
    return first ? [{ ...first, required: same.some(({ required }) => required) }] : [];
  });
}

function ofClass(modules: Modules, one: PythonClass, module: PythonModule): Variable[] {
  const family = familyOf(modules, one, { module });
  if (family === undefined) return [];
  const said = (word: string) => family.map(({ of }) => configOf(of, word)).find((text) => text !== undefined);
  const prefix = said('env_prefix') ?? '';
  const delimiter = said('env_nested_delimiter');
  return family.flatMap(({ of, module: own }) =>
    of.fields.flatMap(
      (field) =>
        nestedIn(modules, field, { prefix, delimiter, module: own }) ??
        variableOf(field, { prefix, path: own.path, text: module.text }),
    ),
  );
}

interface NestedPlace {
  readonly prefix: string;
  /** `env_nested_delimiter`; without one a field of another class is read as JSON. */
  readonly delimiter: string | undefined;
  readonly module: PythonModule;
}

/** The variables of a field that is a class of its own, `DB__HOST`; undefined for any other field. */
function nestedIn(modules: Modules, field: Field, place: NestedPlace, depth = 0): Variable[] | undefined {
  const { prefix, delimiter, module } = place;
  if (delimiter === undefined || depth > 4 || !/^[A-Za-z_][\w.]*$/.test(field.annotation ?? '')) return undefined;
  const [meaning] = meanings(modules, field.annotation ?? '', { module });
  if (meaning?.kind !== 'own' || meaning.binding.value.kind !== 'class') return undefined;
  const { class: inner } = meaning.binding.value;
  if (inner.bases.some((base) => base.endsWith('Enum')) || inner.fields.length === 0) return undefined;
  const inside = { prefix: `${prefix}${field.name}${delimiter}`.toUpperCase(), delimiter, module: meaning.module };
  const variables = inner.fields.flatMap(
    (one) =>
      nestedIn(modules, one, inside, depth + 1) ??
      variableOf(one, { prefix: inside.prefix, path: meaning.module.path, text: meaning.module.text }),
  );
  return isRequired(field.value) ? variables : variables.map((one) => ({ ...one, required: false }));
}

interface Relative {
  readonly of: PythonClass;
  readonly module: PythonModule;
}

/** A class and those of the project that it derives from, if it derives from `BaseSettings`. */
function familyOf(modules: Modules, one: PythonClass, where: Where, depth = 0): Relative[] | undefined {
  if (depth > 8) return undefined;
  let isSettings = false;
  const family: Relative[] = [{ of: one, module: where.module }];
  for (const base of one.bases) {
    for (const found of meanings(modules, base, where)) {
      if (found.kind === 'foreign') isSettings ||= /(^|\.)BaseSettings$/.test(found.name);
      else if (found.binding.value.kind === 'class' && found.binding.value.class !== one) {
        const above = familyOf(modules, found.binding.value.class, { module: found.module }, depth + 1);
        isSettings ||= above !== undefined;
        family.push(...(above ?? []));
      }
    }
  }
  return isSettings ? family : undefined;
}

/** A text of `model_config`, or of the class `Config` that it was before. */
function configOf({ fields, classes }: PythonClass, word: string): string | undefined {
  const config = fields.find(({ name }) => name === 'model_config')?.value;
  if (config?.kind === 'call') return literal(argument(config, word));
  return literal(classes.find(({ name }) => name === 'Config')?.fields.find(({ name }) => name === word)?.value);
}

interface FieldPlace {
  readonly prefix: string;
  readonly path: string;
  readonly text: string;
}

function variableOf(field: Field, { prefix, path }: FieldPlace): Variable[] {
  const { name, annotation, value, line } = field;
  if (annotation === undefined || name === 'model_config' || name.startsWith('_') || /\bClassVar\b/.test(annotation))
    return [];
  const spelled = aliasOf(value) ?? aliasIn(annotation) ?? `${prefix}${name}`.toUpperCase();
  if (!/^[A-Za-z_]\w*$/.test(spelled)) return [];
  const standard = literal(value) ?? (value?.kind === 'call' ? literal(argument(value, 'default', 0)) : undefined);
  return [
    {
      name: spelled,
      required: isRequired(value),
      secret: isSecret(spelled, annotation),
      type: annotation,
      standard,
      from: `${path}:${line}`,
    },
  ];
}

/** `Field(...)`, or nothing at all. */
function isRequired(value: Expression | undefined): boolean {
  if (value === undefined) return true;
  if (value.kind === 'other') return value.source === '...';
  if (value.kind !== 'call' || !/(^|\.)Field$/.test(value.callee)) return false;
  const given = argument(value, 'default', 0) ?? argument(value, 'default_factory');
  return given === undefined || (given.kind === 'other' && given.source === '...');
}

/** The name that takes the place of the field's own; of several any will do. */
function aliasOf(value: Expression | undefined): string | undefined {
  if (value?.kind !== 'call') return undefined;
  const alias = argument(value, 'validation_alias') ?? argument(value, 'alias') ?? argument(value, 'env');
  return alias?.kind === 'call' ? literal(argument(alias, undefined, 0)) : literal(alias);
}

function aliasIn(annotation: string): string | undefined {
  return /\b(?:validation_)?alias\s*=\s*(?:AliasChoices\(\s*)?["'](\w+)["']/.exec(annotation)?.[1];
}

function isSecret(name: string, type: string): boolean {
  return /\bSecret(Str|Bytes)\b/.test(type) || namesSecret(name) || /(^|_)(KEY|DSN|SECRET\w*|SALT|PASS)$/i.test(name);
}

const READ = /\b(?:os\.)?environ\[\s*["']([A-Za-z_]\w*)["']\s*\](?!\s*=[^=])/g;
const MAYBE_READ = /\b(?:os\.getenv|(?:os\.)?environ\.get)\(\s*["']([A-Za-z_]\w*)["']/g;

function ofEnvironment({ path, text }: PythonModule): Variable[] {
  const of = (pattern: RegExp, required: boolean) =>
    [...text.matchAll(pattern)].map(([, name = ''], index, all) => ({
      name,
      required,
      secret: isSecret(name, ''),
      type: '',
      standard: undefined,
      from: `${path}:${text.slice(0, all[index]?.index).split('\n').length}`,
    }));
  return [...of(READ, true), ...of(MAYBE_READ, false)];
}
