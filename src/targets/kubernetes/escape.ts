export class Kubernetes {}
