import type { Deployed } from '../deployment/deploy.js';
import type { Plan } from '../deployment/plan.js';
import type { DeployWords } from './deployment-result.js';

type Failed = Extract<Deployed, { ok: false }>;

/** What to do about a deployment that failed, one line. */
export function afterFailure(failed: Failed, plan: Plan, { again, repeat }: DeployWords): string {
  const what = failed.app ?? plan.name;
  switch (failed.cause) {
    case 'interrupted':
      return repeat;
    case 'image-not-pulled':
      return `npx synth build ${again}${plan.target === 'bare-metal' ? '' : ' --push'} if the image is one of this stack, then ${repeat}`;
    case 'port-in-use':
      return `stop what has the port, which npx synth doctor ${again} names, or give the stack another httpPort or httpsPort, then ${repeat}`;
    case 'out-of-memory':
      return `give ${what} more memory, then ${repeat}`;
    case 'not-schedulable':
      return `make room for ${what} as the line above says, then ${repeat}`;
    case 'timeout':
      return `see what took so long, or give it more time with --timeout SECONDS: ${repeat}`;
    case 'engine-failed':
      return `npx synth doctor ${again} says what the engine lacks, then ${repeat}`;
    case 'unhealthy':
      return `${answering(failed, plan) ?? mending(failed, what)}, then ${repeat}`;
    case 'crashed-at-start':
    case 'migration-failed':
      return `${mending(failed, what)}, then ${repeat}`;
  }
}

/** What an app must answer to be let in. */
function answering({ app }: Failed, { apps }: Plan): string | undefined {
  const found = apps.find(({ id }) => id === app);
  if (!found) return undefined;
  const right = found.hasReadiness ? '200 to 399, or name another path in health.readiness' : 'a status below 500';
  return `see that ${found.id} answers ${found.path} at port ${found.port} with ${right}`;
}

function mending({ logs }: Failed, what: string): string {
  return logs.length > 0 ? `mend what the lines above say of ${what}` : `mend what the line above says of ${what}`;
}
