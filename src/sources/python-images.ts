/**
 * Official Python image by minor version, as Docker Hub tags the newest patch release of November 2026. 3.10 is the oldest that Uvicorn
 * 0.51 runs on.
 */
export const PYTHON_IMAGES: Readonly<Record<string, string>> = {
  '3.10': 'python:3.10.21-slim-trixie',
  '3.11': 'python:3.11.16-slim-trixie',
  '3.12': 'python:3.12.15-slim-trixie',
  '3.13': 'python:3.13.16-slim-trixie',
  '3.14': 'python:3.14.8-slim-trixie',
};

/** Minor versions of Python that have an image, oldest first. */
export const PYTHON_MINORS: readonly string[] = Object.keys(PYTHON_IMAGES);
