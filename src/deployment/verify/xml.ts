/**
 * Text as it may stand in XML, in an element or between double quotes. What XML 1.0 has no spelling for, control characters and
 * halves of characters, becomes a question mark.
 */
export function escapeXml(text: string): string {
  return text
    .replace(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '?')
    .replace(/[&<>"'\t\n\r]/g, (character) => ENTITIES[character] ?? character);
}

const ENTITIES: Readonly<Record<string, string>> = {
  ...{ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' },
  // As they are, they would be spaces in an attribute.
  ...{ '\t': '&#9;', '\n': '&#10;', '\r': '&#13;' },
};
