export { AsgiApp, type Health } from './model/app.js';
export type {
  AppBuild,
  AppHealth,
  AppRoute,
  AsgiAppProps,
  BuildSecret,
  ProcessRange,
  RateLimit,
} from './model/app-props.js';
export { ConfigFile, type ConfigFileProps } from './model/config-file.js';
export type { Defaults, DefaultsByDate, DefaultsDate } from './model/defaults.js';
export { ConnectionUrl, DataStore, type Connection, type UrlParts } from './model/data-store.js';
export type { DatabaseProps } from './model/database.js';
export type { AppNginx, StackNginx, StaticFiles } from './model/edge-props.js';
export { ExternalDatabase, type ExternalDatabaseProps } from './model/external-database.js';
export { Job, type JobProps } from './model/job.js';
export type { Mistake } from './model/mistakes.js';
export type { NginxSnippet } from './model/nginx-snippets.js';
export type { PatchOperation } from './model/patches.js';
export { Policies, type Policy } from './model/policies.js';
export type { AppLogs, AppMetrics, AppOtel, AppSentry, LogLevel } from './model/observability.js';
export {
  Postgres,
  type PostgresDriver,
  type PostgresProps,
  type PostgresVersion,
  type UrlOptions,
} from './model/postgres.js';
export type { IdentityProps, PlacementProps, ServiceAccountProps } from './model/placement.js';
export { Redis, type RedisProps, type RedisVersion } from './model/redis.js';
export type { Scaling } from './model/scaling.js';
export { Schedule, type Overlap, type ScheduleProps } from './model/schedule.js';
export { Secret, type SecretProps } from './model/secret.js';
export type { StaticFolder } from './model/static-files.js';
export { Stack, type HttpPort } from './model/stack.js';
export type {
  AcmeCertificate,
  AcmeProps,
  ExistingEdge,
  GatewayProps,
  IngressProps,
  NamespaceProps,
  IssuedCertificate,
  NetworkPeer,
  OwnCertificate,
  SecretSource,
  StackProps,
  StoredCertificate,
  TlsOptions,
  TlsProps,
} from './model/stack-props.js';
export { withStages, type StackArguments, type Staged, type StageValues } from './model/stages.js';
export { deployedName } from './model/tree.js';
export { Task, type TaskProps } from './model/task.js';
export type { CertificateSource, Tls } from './model/tls.js';
export { Volume, type VolumeProps } from './model/volume.js';
export { Worker, type WorkerHealth, type WorkerProps } from './model/worker.js';
export { UserError, type Complaint, type Position } from './errors.js';
export { explainConstruct, type ExplainedFile } from './explanation/construct.js';
export { explainLines, type Explained, type ExplainedLine } from './explanation/lines.js';
export type { Origin, PlaceOf } from './explanation/origin.js';
export { overviewOf, type AppTimes, type Overview, type RunningPart, type ToldFile } from './explanation/overview.js';
export { graphOf, type Graph, type GraphEdge, type GraphNode, type NodeKind } from './graph/graph.js';
export { htmlOf } from './graph/html.js';
export { mermaidOf } from './graph/mermaid.js';
export { svgOf } from './graph/svg.js';
export { writeOutputs, type WrittenOutput } from './output.js';
export type { OutputOwner, PlannedOutput } from './output-owner.js';
export { reportOn, type StackReport, type TargetFootprint } from './report.js';
export { synthesizeDevelopment } from './development.js';
export type { DevelopmentOptions } from './targets/bare-metal/development/context.js';
export { synthesize } from './synthesize.js';
export type { RunningStack, RunningStackOptions } from './run-temporarily.js';
export { withRunningStack } from './running-stack.js';
export { Match, Template, type Matcher } from './template.js';
export type { Source } from './sources/source.js';
export type { Answer, AskRequest } from './deployment/probe.js';
export type { AppStatus, ContainerStatus, DeploymentStatus } from './deployment/deployer.js';
export { Compose } from './targets/bare-metal/escape.js';
export { Kubernetes } from './targets/kubernetes/escape.js';
export { Swarm } from './targets/swarm/escape.js';
export { targets, type TargetName } from './targets/index.js';
export type { Footprint, Total } from './targets/footprint.js';
export type { PropReport, ToldProblem, Unsupported } from './targets/portability.js';
export type { ProblemId } from './targets/problems.js';
export type { PropSupport, Support, SupportTable } from './targets/support.js';
export type { OutputFile, Problem, SynthesizeOptions, Target } from './targets/target.js';
