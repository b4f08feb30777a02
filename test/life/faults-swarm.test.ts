import { faults } from '../faults/faults.js';
import { swarmGround } from '../faults/grounds/swarm.js';

faults('swarm', swarmGround);
