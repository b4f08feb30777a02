import { faults } from '../faults/faults.js';
import { kubernetesGround } from '../faults/grounds/kubernetes.js';

faults('kubernetes', kubernetesGround);
