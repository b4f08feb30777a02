import { markup } from '../formats/markup.js';
import type { Graph } from './graph.js';
import { schemeStyle } from './palette.js';
import { svgElement } from './svg.js';

/** Pictures side by side on one page that asks nobody for anything: no script, no font, no request. */
export function htmlOf(title: string, graphs: readonly Graph[]): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${markup(title)}</title>
<style>
${schemeStyle()}${PAGE_STYLE}</style>
</head>
<body>
<main>
<h1>${markup(title)}</h1>
<div class="side-by-side">
${graphs.map(section).join('\n')}
</div>
</main>
</body>
</html>
`;
}

/** A picture, and the same in words. */
function section(graph: Graph, index: number): string {
  const id = `graph-${index + 1}`;
  return `<section aria-labelledby="${id}-heading">
<h2 id="${id}-heading">${markup(graph.title)}</h2>
<p>${markup(graph.description)}</p>
<div class="scroll" tabindex="0" role="region" aria-label="${markup(`Picture of ${graph.title}`)}">
${svgElement(graph, { id })}
</div>
<details><summary>The same as a table</summary>
<table><thead><tr><th scope="col">what</th><th scope="col">is</th><th scope="col">leads to</th></tr></thead><tbody>
${rows(graph)}
</tbody></table></details>
</section>`;
}

function rows({ nodes, edges }: Graph): string {
  const labels = new Map(nodes.map(({ id, label }) => [id, label]));
  return nodes
    .map(({ id, kind, label, lines }) => {
      const to = edges
        .filter(({ from }) => from === id)
        .map((edge) => `${labels.get(edge.to) ?? ''}${edge.label === undefined ? '' : ` (${edge.label})`}`);
      return `<tr><th scope="row">${markup(label)}</th><td>${markup([kind, ...lines].join(', '))}</td><td>${markup(to.join(', '))}</td></tr>`;
    })
    .join('\n');
}

const PAGE_STYLE = `body{margin:0;background:var(--page);color:var(--text);font:16px/1.5 ui-sans-serif,system-ui,sans-serif}
main{padding:1.5rem}
h1,h2{line-height:1.2}
p{color:var(--quiet);max-width:70ch}
.side-by-side{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,30rem),1fr));gap:2rem}
section{min-width:0}
.scroll{overflow:auto;border:1px solid var(--line);border-radius:8px}
.scroll:focus-visible,summary:focus-visible{outline:3px solid var(--text);outline-offset:2px}
.scroll svg{display:block;margin:auto;max-width:100%;height:auto;min-width:30rem}
table{border-collapse:collapse;margin-top:.5rem}
th,td{border:1px solid var(--line);padding:.25rem .5rem;text-align:left;vertical-align:top}
`;
