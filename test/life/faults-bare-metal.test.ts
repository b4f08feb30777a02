import { faults } from '../faults/faults.js';
import { bareMetalGround } from '../faults/grounds/bare-metal.js';

faults('bare-metal', bareMetalGround);
