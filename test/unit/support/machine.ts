import type { Answer, Machine } from '../../../src/deployment/doctor/machine.js';

/** What a command prints; undefined where there is no such program. */
export type Said = (line: string) => string | Partial<Answer> | undefined;

/** What a healthy engine says. */
export const INFO = {
  ServerVersion: '28.5.1',
  Name: 'laptop',
  SystemTime: '',
  NCPU: 8,
  MemTotal: 16 * 2 ** 30,
  DockerRootDir: '/var/lib/docker',
  OperatingSystem: 'Debian GNU/Linux 13 (trixie)',
  Swarm: { LocalNodeState: 'active', ControlAvailable: true, NodeID: 'n1' },
};

const CONFIG = {
  'current-context': 'production',
  clusters: [{ cluster: { server: 'https://10.0.0.1:6443' } }],
};

const VERSIONS = {
  clientVersion: { minor: '34', gitVersion: 'v1.34.2' },
  serverVersion: { minor: '34', gitVersion: 'v1.34.2' },
};

/** What the commands of a machine print on which nothing is wrong, by their first words. */
const WELL: Readonly<Record<string, string>> = {
  'docker info': JSON.stringify(INFO),
  'docker context inspect': 'default unix:///var/run/docker.sock\n',
  'docker compose version': '2.40.3\n',
  'docker buildx version': 'github.com/docker/buildx v0.29.1 a1b2c3\n',
  'docker node ls': 'Ready Active Leader\nReady Active \n',
  'docker system df': 'Images\t5.2GB\t1.1GB (21%)\nContainers\t1MB\t0B (0%)\nBuild Cache\t800MB\t800MB\n',
  'docker ps': '',
  'docker service ls': '',
  'kubectl version': JSON.stringify(VERSIONS),
  'kubectl config view': JSON.stringify(CONFIG),
  'kubectl get namespace': 'namespace/shop\n',
  'kubectl auth can-i': 'yes\n',
};

export interface FakeMachine extends Machine {
  readonly ran: string[];
}

/** A machine in memory. @param said what is other than on a healthy one; undefined means that nothing is */
export function fakeMachine(said: Said = () => undefined, other: Partial<Machine> = {}): FakeMachine {
  const ran: string[] = [];
  return {
    node: '22.21.1',
    dockerHost: undefined,
    dockerSettings: () => ({ file: '/home/ada/.docker/config.json', text: undefined }),
    variable: () => false,
    file: () => false,
    dotEnv: () => new Set(),
    port: () => Promise.resolve('free'),
    space: () => Promise.resolve({ free: 40 * 2 ** 30, size: 100 * 2 ** 30 }),
    ...other,
    ran,
    run: (command, args) => {
      ran.push([command, ...args].join(' '));
      // Where it goes, and how long it may take, is not what it asks for.
      const line = ran.at(-1)!.replace(/ (--context|--request-timeout) \S+/g, '');
      const answer = said(line) ?? Object.entries(WELL).find(([words]) => line.startsWith(words))?.[1];
      if (answer === undefined) return Promise.resolve({ end: 'missing', exitCode: 1, stdout: '', stderr: '' });
      const text = typeof answer === 'string' ? { stdout: answer } : answer;
      return Promise.resolve({ end: 'done', exitCode: 0, stdout: '', stderr: '', ...text });
    },
  };
}
