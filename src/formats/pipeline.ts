import { yamlDocument } from './yaml.js';

/** A text as one value in the YAML of a pipeline: quoted, on one line. */
export function pipelineText(text: string): string {
  return yamlDocument(text).trimEnd();
}

/**
 * A text in which GitHub Actions finds no expression: `${{` opens one anywhere in a workflow, in comments of a script as well
 * (docs.github.com, "Evaluate expressions in workflows and actions").
 */
export function withoutExpressions(text: string): string {
  return text.replaceAll('${{', "${{ '${{' }}");
}

/** A text as one value of a GitHub workflow. */
export function workflowText(text: string): string {
  return pipelineText(withoutExpressions(text));
}

/** Lines of a script as a block of YAML, moved in by some spaces. No line may be empty. */
export function scriptBlock(lines: readonly string[], indent: number): string {
  return `|\n${lines.map((line) => `${' '.repeat(indent)}${line}`).join('\n')}`;
}
