import { INSTANCE, MANAGED_BY } from '../../targets/kubernetes/workload.js';

/** Labels of what a deployment makes beside the objects of the output. None of them is selected by. */
export function ownLabels(name: string, component: 'secret' | 'release' | 'lock' | 'run'): Record<string, string> {
  return {
    'app.kubernetes.io/component': component,
    [MANAGED_BY]: 'asgi-synth',
    [INSTANCE]: name,
  };
}

/** Selects everything of a deployed name that carries our mark. */
export function ownSelector(name: string, component?: string): string {
  return [
    `${INSTANCE}=${name}`,
    `${MANAGED_BY}=asgi-synth`,
    ...(component === undefined ? [] : [`app.kubernetes.io/component=${component}`]),
  ].join(',');
}
