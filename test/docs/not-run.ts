/**
 * What the pages show and no test of the pages runs, by the words that it begins with, each with the reason. Commands of `synth` among
 * them are parsed by the command line itself, so that an option or a command that is not there fails.
 */
export const NOT_RUN: Readonly<Record<string, string>> = {
  'synth doctor': 'looks at this machine and its engines; test/unit/cli has made-up ones',
  'synth watch': 'needs a Docker engine and runs until Ctrl-C; with --write-only it is run',
  'synth build': 'builds images on a Docker engine; test/life runs it',
  'synth lock': 'asks registries; test/life runs it',
  'synth diff': 'asks the engine of the target; test/life runs it',
  'synth deploy': 'needs the engine of the target; test/life runs it',
  'synth status': 'needs a deployment; test/life runs it',
  'synth logs': 'needs a deployment; test/life runs it',
  'synth run': 'needs a deployment; test/life runs it',
  'synth rollback': 'needs a deployment; test/life runs it',
  'synth verify': 'needs a deployment; test/life runs it',
  'synth destroy': 'needs a deployment; test/life runs it',
  docker: 'needs a Docker engine; test/integration runs what the outputs say',
  kubectl: 'needs a cluster; test/integration runs what the outputs say',
  curl: 'asks an app that runs',
  'npm ci': 'asks the registry of npm; whoever runs the tests has done so',
  'npm i': 'asks the registry of npm; test/judges/package.test.ts installs the package',
  'npm test': 'is what runs all tests',
  'npm run': 'runs tests; the script must be there',
  'npx jiti': 'measures, which takes minutes; the file must be there',
};
