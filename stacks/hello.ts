import { AsgiApp, Stack } from 'asgi-synth';

const stack = new Stack('hello');

new AsgiApp(stack, 'api', {
  source: './images/fastapi', // the folder with your code and its lock file
  module: 'main:app', // what you would give to uvicorn
});

export default stack;
