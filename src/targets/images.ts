/** Third-party images by the name under which a stack can replace them: full versions, never a floating tag. */
export const THIRD_PARTY_IMAGES = {
  nginx: 'nginx:1.30.4',
} as const;

/** Newest patch release of each Python minor version, as Docker Hub's official image tags it. */
const PYTHON_IMAGES: Readonly<Record<string, string>> = {
  '3.14': 'python:3.14.6-slim-trixie',
};

/** The official Python image for a minor version. */
export function pythonImage(minor: string): string {
  return PYTHON_IMAGES[minor] ?? `python:${minor}-slim-trixie`;
}
