import { changes } from '../changes/changes.js';
import { bareMetalGround } from '../faults/grounds/bare-metal.js';

changes('bare-metal', bareMetalGround);
