import { interfaceProps, KINDS } from './props.js';

/** What the fourth target of the page says of a prop; of every other one that it is a problem. */
const SAID: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Stack: {
    directory: 'SYNTHESIS',
    defaults: 'SYNTHESIS',
    registry: 'SYNTHESIS',
    images: 'SYNTHESIS',
    accept: 'SYNTHESIS',
    ingress: "elsewhere('speaks of Kubernetes')",
    gateway: "elsewhere('speaks of Kubernetes')",
    namespace: "elsewhere('speaks of Kubernetes')",
    imagePullSecrets: "elsewhere('speaks of Kubernetes')",
  },
  AsgiApp: {
    source: "native('the folder that the command runs in')",
    module: "native('argument of Uvicorn')",
    factory: "native('option of Uvicorn')",
    processes: "emulated('a line for each')",
    port: "emulated('the first of its ports')",
    command: "native('the line')",
    requestTimeout: "native('graceful timeout of Uvicorn')",
  },
};

/** The file that says how the target honours every prop there is, made from the props themselves. */
export function procfileSupport(): string {
  const tables = Object.entries(KINDS).map(([kind, props]) => {
    const said = SAID[kind] ?? {};
    const names = interfaceProps(props).map(({ name }) => name);
    const strange = Object.keys(said).filter((name) => !names.includes(name));
    if (strange.length > 0) throw new Error(`${kind} has no ${strange.join(', ')}`);
    return `  ${kind}: {\n${names.map((name) => `    ${name}: ${said[name] ?? "'problem'"},`).join('\n')}\n  },`;
  });
  return [
    '`src/targets/procfile/support.ts`:',
    '',
    '```ts',
    "import { elsewhere, emulated, native, SYNTHESIS, type SupportTable } from '../support.js';",
    '',
    '/** How a Procfile honours each prop. */',
    'export const procfileSupport: SupportTable = {',
    ...tables,
    '};',
    '```',
  ].join('\n');
}
