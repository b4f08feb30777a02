import type { Construct } from 'constructs';
import * as v from 'valibot';
import { addMistake } from './mistakes.js';
import type { NetworkPeer } from './stack-props.js';
import { cidr, dnsLabel, labels, wholeNumber } from './values.js';

export const peers = v.array(
  v.strictObject({
    namespace: v.optional(dnsLabel),
    pods: v.optional(labels),
    cidr: v.optional(cidr),
    ports: v.optional(v.array(wholeNumber(1, 65535))),
  }),
);

/** Each peer is either an address range, or pods. */
export function checkPeers(construct: Construct, prop: string, list: readonly NetworkPeer[] | undefined): void {
  list?.forEach((peer, index) => {
    const named = [peer.cidr, peer.namespace ?? peer.pods].filter((part) => part !== undefined).length;
    if (named !== 1) addMistake(construct, `${prop}[${index}] must name either a cidr, or a namespace and pods`);
  });
}
