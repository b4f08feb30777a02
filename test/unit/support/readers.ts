/** What Docker Compose makes of a text: `$$` is a dollar, anything else behind a dollar is replaced. */
export function composeText(text: string): string {
  if (/(?<!\$)(\$\$)*\$(?!\$)/.test(text)) throw new Error(`a dollar would be replaced: ${JSON.stringify(text)}`);
  return text.replaceAll('$$', '$');
}

/** What Swarm makes of the value of a variable: a Go template, of which the only action may be a literal text. */
export function swarmVariable(text: string): string {
  return text.replace(/\{\{([\s\S]*?)\}\}/g, (_, action: string) => {
    const literal = /^("(?:[^"\\]|\\.)*")$/.exec(action)?.[1];
    if (literal === undefined) throw new Error(`a template would be run: ${JSON.stringify(action)}`);
    return JSON.parse(literal) as string;
  });
}

/** What a kubelet makes of the value of a variable: `$$` is a dollar, `$(NAME)` is replaced. */
export function kubernetesVariable(text: string): string {
  if (/(?<!\$)(\$\$)*\$(?!\$)/.test(text))
    throw new Error(`a dollar would be read by the kubelet: ${JSON.stringify(text)}`);
  return text.replaceAll('$$', '$');
}
