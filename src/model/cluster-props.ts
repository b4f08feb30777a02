/** Kubernetes namespace of the stack. */
export interface NamespaceProps {
  /**
   * Name of the namespace.
   * @default - the deployed name
   */
  readonly name?: string;
  /**
   * Whether the output makes the namespace.
   * @default true
   */
  readonly create?: boolean;
}

/** A peer of the stack on the network: pods of a namespace, or an address range. */
export interface NetworkPeer {
  /** Namespace whose pods are meant. */
  readonly namespace?: string;
  /** Labels of the pods; without `namespace`, pods of the stack's own namespace. */
  readonly pods?: Readonly<Record<string, string>>;
  /** Address range, such as `10.1.0.0/16`. */
  readonly cidr?: string;
  /**
   * TCP ports that may be reached.
   * @default - every port
   */
  readonly ports?: readonly number[];
}
