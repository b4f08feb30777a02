import { changes } from '../changes/changes.js';
import { swarmGround } from '../faults/grounds/swarm.js';

changes('swarm', swarmGround);
