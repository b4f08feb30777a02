/** Whether what is printed there may have colours: on a terminal, unless the reader wants none. */
export function mayColour(stream: { readonly isTTY?: boolean }, env: NodeJS.ProcessEnv = process.env): boolean {
  return stream.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
}

const CODES = { red: 31, green: 32, yellow: 33, bold: 1 } as const;

export type Paint = (colour: keyof typeof CODES, text: string) => string;

/** Puts text into a colour, or leaves it as it is. */
export function paint(coloured: boolean): Paint {
  return (colour, text) => (coloured && text !== '' ? `\u001b[${CODES[colour]}m${text}\u001b[0m` : text);
}
