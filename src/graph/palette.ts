import type { NodeKind } from './graph.js';

/** Colours of one scheme. Everything that is written has a contrast of 4.5 or more to what it is written on (WCAG 2.2, 1.4.3). */
export interface Palette {
  readonly page: string;
  readonly text: string;
  /** Labels of ways, and what is said beside. */
  readonly quiet: string;
  /** Ways and frames. */
  readonly line: string;
  /** Grounds of nodes, on which `text` is written. */
  readonly kinds: Readonly<Record<NodeKind, string>>;
}

export const LIGHT: Palette = {
  page: '#ffffff',
  text: '#1b1f24',
  quiet: '#57606a',
  line: '#6e7781',
  kinds: {
    client: '#eaeef2',
    edge: '#d8f0dd',
    app: '#d6e8ff',
    task: '#e9defc',
    database: '#ffe5c7',
    secret: '#ffdfe3',
    volume: '#fdf0b8',
    file: '#e6ecef',
  },
};

export const DARK: Palette = {
  page: '#0d1117',
  text: '#f0f3f6',
  quiet: '#a9b4c0',
  line: '#8b949e',
  kinds: {
    client: '#2a313a',
    edge: '#16402a',
    app: '#143a66',
    task: '#3b2a63',
    database: '#5a3611',
    secret: '#5c1f2b',
    volume: '#4a3d05',
    file: '#30363d',
  },
};

/** Style rules for both schemes; the reader's own choice decides. */
export function schemeStyle(): string {
  return `:root{color-scheme:light dark;${variables(LIGHT)}}
@media (prefers-color-scheme:dark){:root{${variables(DARK)}}}
.graph{font:13px ui-sans-serif,system-ui,sans-serif}
.graph text{fill:var(--text)}
.graph .quiet{fill:var(--quiet);font-size:11px;paint-order:stroke;stroke:var(--page);stroke-width:4px}
.graph .label{font-weight:600}
.graph .way{fill:none;stroke:var(--line);stroke-width:1.5}
.graph .head{fill:var(--line)}
.graph .network{fill:none;stroke:var(--line);stroke-dasharray:6 4}
.graph .node rect{stroke:var(--line)}
.graph .node:focus{outline:none}
.graph .node:focus-visible rect{stroke:var(--text);stroke-width:3}
${Object.keys(LIGHT.kinds)
  .map((kind) => `.graph .${kind} rect{fill:var(--${kind})}`)
  .join('\n')}
`;
}

function variables({ kinds, ...plain }: Palette): string {
  return Object.entries({ ...plain, ...kinds })
    .map(([name, colour]) => `--${name}:${colour};`)
    .join('');
}
