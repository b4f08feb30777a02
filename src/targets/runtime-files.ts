import { HEALTH_SCRIPT, SCHEDULE_SCRIPT, START_SCRIPT } from '../formats/python.js';
import type { Stack } from '../model/stack.js';
import { schedulesOf } from '../model/tree.js';
import type { OutputFile } from './target.js';

/** The scripts that containers run, alike in every stack. */
export function runtimeFiles(stack: Stack): OutputFile[] {
  return [
    { path: 'runtime/start.py', content: START_SCRIPT },
    { path: 'runtime/health.py', content: HEALTH_SCRIPT },
    ...(schedulesOf(stack).length === 0 ? [] : [{ path: 'runtime/schedule.py', content: SCHEDULE_SCRIPT }]),
  ];
}
