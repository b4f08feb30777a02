import { deploymentTo } from '../../../src/deployment/index.js';
import type { Plan } from '../../../src/deployment/plan.js';

// Takes the lock of a plan (JSON in the first argument), says so, and keeps it until it is killed.
const plan = JSON.parse(process.argv[2] ?? '') as Plan;
const deployer = await deploymentTo(plan.target).connect({});
await deployer.lock(plan, 'killed@elsewhere');
process.stdout.write('held\n');
