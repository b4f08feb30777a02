/** A file in a tar archive. */
export interface TarFile {
  /** Relative path; a folder's ends with a slash. At most 100 bytes. */
  readonly path: string;
  readonly content: Uint8Array;
  /** @default 0o644, of a folder 0o755 */
  readonly mode?: number;
  /** Seconds since 1970. @default 0 */
  readonly changed?: number;
}

const BLOCK = 512;

/** A tar archive in the format that every engine reads. */
export function packTar(files: readonly TarFile[]): Buffer {
  return Buffer.concat([
    ...files.flatMap(({ content, ...file }) => [header(file, content.length), padded(content)]),
    Buffer.alloc(2 * BLOCK),
  ]);
}

function header({ path, mode, changed = 0 }: Omit<TarFile, 'content'>, size: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  const isFolder = path.endsWith('/');
  if (Buffer.byteLength(path) > 100) throw new Error(`too long for a tar archive: ${path}`);
  const octal = (value: number, at: number, length: number) =>
    block.write(
      `${Math.floor(value)
        .toString(8)
        .padStart(length - 1, '0')}\0`,
      at,
      'ascii',
    );
  block.write(path, 0, 'utf8');
  octal(mode ?? (isFolder ? 0o755 : 0o644), 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size, 124, 12);
  octal(changed, 136, 12);
  block.write('        ', 148, 'ascii');
  block.write(isFolder ? '5' : '0', 156, 'ascii');
  block.write('ustar\0' + '00', 257, 'ascii');
  block.write(
    `${block
      .reduce((sum, byte) => sum + byte, 0)
      .toString(8)
      .padStart(6, '0')}\0 `,
    148,
    'ascii',
  );
  return block;
}

function padded(content: Uint8Array): Buffer {
  return Buffer.concat([content, Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK)]);
}

/** The files of an archive. What is cut off at its end is left out; folders and links are skipped. */
export function unpackTar(archive: Uint8Array): Required<TarFile>[] {
  const data = Buffer.from(archive.buffer, archive.byteOffset, archive.byteLength);
  const files: Required<TarFile>[] = [];
  for (let at = 0; at + BLOCK <= data.length && data[at] !== 0;) {
    const block = data.subarray(at, at + BLOCK);
    const size = octalAt(block, 124, 12);
    const content = data.subarray(at + BLOCK, at + BLOCK + size);
    if (content.length < size) break;
    if (['0', '\0'].includes(String.fromCharCode(block[156] ?? 0)))
      files.push({
        path: textAt(block, 0, 100),
        content,
        mode: octalAt(block, 100, 8),
        changed: octalAt(block, 136, 12),
      });
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  return files;
}

function textAt(block: Buffer, at: number, length: number): string {
  return block.toString('utf8', at, at + length).replace(/\0.*$/s, '');
}

function octalAt(block: Buffer, at: number, length: number): number {
  return Number.parseInt(textAt(block, at, length).trim() || '0', 8);
}
