import { changes } from '../changes/changes.js';
import { kubernetesGround } from '../faults/grounds/kubernetes.js';

changes('kubernetes', kubernetesGround);
