import { linesOf, withComments, type Place } from './place.js';

/** The places of a `gunicorn.conf.py` as we write it: settings, and functions and classes with what is in them. */
export function pythonPlaces(text: string): Place[] {
  const lines = linesOf(text);
  const places = new Map<number, Place>();
  const around: { readonly indent: number; readonly name: string }[] = [];
  lines.forEach((raw, index) => {
    const own = raw.trim();
    if (own === '' || own.startsWith('#')) return;
    const indent = raw.length - raw.trimStart().length;
    const closes = /^[}\])]/.test(own);
    while (around.length > 0 && (closes ? around.at(-1)!.indent > indent : around.at(-1)!.indent >= indent))
      around.pop();
    const outer = around.map(({ name }) => name);
    const opened = /^(?:async )?(?:def|class) (\w+)/.exec(own)?.[1];
    const set = /^"?([A-Za-z_]\w*)"?(?: = |: )(.*?),?$/.exec(own);
    const inFunction = around.some(({ name }) => name.endsWith('()'));
    const name = opened === undefined ? (inFunction ? undefined : set?.[1]) : opened + (/def /.test(own) ? '()' : '');
    const imports = /^(import|from) /.test(own) ? ['import'] : [];
    const path = name === undefined ? [...outer, ...imports] : [...outer, name];
    places.set(index + 1, {
      line: index + 1,
      path,
      ...(opened === undefined && set && !inFunction && set[2] !== '{' ? { value: set[2]! } : {}),
    });
    if (name !== undefined && (opened !== undefined || set?.[2] === '{')) around.push({ indent, name });
  });
  return withComments(lines, places);
}
