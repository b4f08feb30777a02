import { wrongEngine } from '../swarm/check.js';
import { WITHOUT_ENGINE, type Engine } from './engine.js';
import { failed, ok, warning, type Finding } from './finding.js';
import { lastWords } from './machine.js';

/** Managers of which one may be lost, as Raft counts. */
const SAFE_MANAGERS = 3;

/** Whether the engine is a manager of a Swarm, and how its nodes are. */
export async function checkSwarm({ trouble, info, run }: Engine): Promise<Finding> {
  const { ServerVersion = '', Name = 'this machine', Swarm } = info;
  if (trouble || !Swarm) return failed('swarm', ...WITHOUT_ENGINE);
  const [wrong] = wrongEngine({ ServerVersion, Name, Swarm });
  if (wrong) {
    const [seen = '', ...fix] = wrong.message.split('; ');
    return failed('swarm', seen, fix.join('; '));
  }
  const nodes = await run(['node', 'ls', '--format', '{{.Status}} {{.Availability}} {{.ManagerStatus}}']);
  if (nodes.exitCode !== 0)
    return failed('swarm', `${Name} is a manager, but the Swarm does not answer: ${lastWords(nodes)}`, NO_QUORUM);
  return ofNodes(nodes.stdout.split('\n').filter(Boolean));
}

const NO_QUORUM = 'start the other managers: more than half of them must be up; docker node ls';

function ofNodes(nodes: readonly string[]): Finding {
  const managers = nodes.filter((line) => /(Leader|Reachable|Unreachable)$/.test(line)).length;
  const away = nodes.filter((line) => !line.startsWith('Ready Active') || line.endsWith('Unreachable')).length;
  const seen = `${count(nodes.length, 'node')}, ${count(managers, 'manager')}`;
  if (away > 0) return warning('swarm', `${seen}; ${away} not ready and active`, 'docker node ls shows which');
  if (nodes.length >= SAFE_MANAGERS && managers < SAFE_MANAGERS)
    return warning('swarm', `${seen}; without a manager nothing is updated`, 'docker node promote NODE, up to three');
  return ok('swarm', seen);
}

function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? '' : 's'}`;
}
