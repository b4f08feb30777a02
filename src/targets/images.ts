import { PYTHON_IMAGES } from '../sources/python-images.js';

/** Third-party images by the name under which a stack can replace them: full versions, never a floating tag. */
export const THIRD_PARTY_IMAGES = {
  nginx: 'nginx:1.30.4',
} as const;

/** Every name under which a third-party image can be replaced. */
export const THIRD_PARTY_NAMES: readonly string[] = [...Object.keys(THIRD_PARTY_IMAGES), 'python'];

/** The official Python image for a minor version that a source folder asks for. */
export function pythonImage(minor: string): string {
  const image = PYTHON_IMAGES[minor];
  if (image === undefined) throw new Error(`no image for Python ${minor}`);
  return image;
}
