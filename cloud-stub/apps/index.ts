export { App } from './app.ts';
export type { AppCallView } from './app-call.ts';
export { AppControl } from './control-client.ts';
