import type { Stack } from '../../model/stack.js';
import { dockerProblems } from '../docker-problems.js';
import type { Problem } from '../target.js';

/** What one host with Compose cannot honour in a stack. */
export function bareMetalProblems(stack: Stack): Problem[] {
  return dockerProblems(stack, 'a host with Docker Compose');
}
