import fc from 'fast-check';

/** What some reader of some output takes for more than text. */
// prettier-ignore
const PIECES: readonly string[] = [
  '$', '$$', '${X}', '${X:-y}', '$X', '$(X)', '$$(X)', '$(id)', '`id`', '%', '%%', '%s',
  '{{', '}}', '{{ .Node.Hostname }}', '{{{', '{{"{{"}}', '{%', '{#', '{', '}', '[', ']', '${{ github.token }}',
  '"', "'", '\\', '\\n', '\\u0041', '"""', '\\"', '`', '```', '|', '>', '<!--', '-->', '<script>', '](x)', '# x', ' #', '//',
  ': ', ':', '- ', '---\n', '...\n', '? ', '! ', '!!python/object:os.system', '&a', '*a', '<<', '<<: *a', '@', ',', ';', '=', '~', '%YAML 1.1',
  '\n', '\r', '\r\n', '\t', ' ', '\n\n', '\n  - x: y', '\u0085', '\u2028', '\u2029', '\u00a0', '\ufeff', '\ufffe', '\uffff', '\u200b', '\u202e',
  '\0', '\u0007', '\u001b[31m', '\u007f', '\u009b31m', '\ud800', '\udfff', '\udc00\ud800', '😀', 'é', 'e\u0301', 'İı', '\u{10ffff}',
  '__proto__', 'constructor', 'toString', '../', '/', '~/', 'C:\\', '-', '--', '--flag', '\n}\nserver {', '\nRUN id', '\n# x',
];

/** Texts that YAML 1.1 or 1.2 reads as something else when they are not quoted. */
// prettier-ignore
const WORDS: readonly string[] = [
  'yes', 'no', 'on', 'off', 'y', 'n', 'Yes', 'NO', 'true', 'false', 'null', 'Null', '~', '', ' ', 'nan', '.nan', '.inf', '-.INF', '=', '<<', 'E0',
  '0', '-0', '0755', '0o17', '0x1F', '0b1', '1e3', '1.', '.5', '1_000', '12:34:56', '1:30', '+1', '2001-01-01', '2001-01-01T00:00:00Z', '1e400',
];

const word = fc.constantFrom(...PIECES, ...WORDS);

/** Any text at all, with a taste for those that hurt. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.array(fc.oneof(word, fc.string({ maxLength: 5 })), { maxLength: 6 }).map((parts) => parts.join('')),
  },
  { weight: 2, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }) },
  { weight: 2, arbitrary: fc.string({ unit: 'grapheme', maxLength: 20 }) },
  { weight: 2, arbitrary: fc.constantFrom(...WORDS) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(word, fc.constantFrom(63, 64, 253, 255, 256, 1000, 4096, 30_000, 65_536))
      .map(([piece, length]) => piece.repeat(Math.ceil(length / (piece.length || 1))).slice(0, length)),
  },
);

/** Texts that can be written to a file and come back: no half of a surrogate pair. */
export const hostileUnicode: fc.Arbitrary<string> = hostileText.filter((text) => !/\p{Cs}/u.test(text));

/** Values of variables that every target takes. */
export const hostileVariable: fc.Arbitrary<string> = hostileUnicode.filter(
  (text) => text.length <= 30_000 && !text.includes('\0') && !/[\u007f-\u009f\u2028\u2029\ufffe\uffff]/.test(text),
);

/** Anything that could stand in the place of a prop. */
export const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 3, arbitrary: hostileText },
  {
    weight: 1,
    arbitrary: fc.anything({
      maxDepth: 2,
      withBigInt: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withNullPrototype: true,
      withSparseArray: true,
    }),
  },
  { weight: 1, arbitrary: fc.array(hostileText, { maxLength: 3 }) },
  { weight: 1, arbitrary: fc.dictionary(hostileText, hostileText, { maxKeys: 3 }) },
);

/** The seed of a run is in the report of a failure; `ASGI_SYNTH_SEED` repeats it, `ASGI_SYNTH_RUNS` goes deeper. */
export function runs(numRuns: number): fc.Parameters<unknown> {
  const seed = Number(process.env['ASGI_SYNTH_SEED'] ?? Date.now() % 2 ** 31);
  return {
    numRuns: Number(process.env['ASGI_SYNTH_RUNS'] ?? numRuns),
    seed,
    reporter: (details) => report(details, seed),
  };
}

function report(details: fc.RunDetails<unknown>, seed: number): void {
  if (details.failed)
    throw new Error(`${fc.defaultReportMessage(details)}\n(repeat with ASGI_SYNTH_SEED=${seed})`, {
      cause: details.errorInstance,
    });
}
