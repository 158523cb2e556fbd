export { App, type AppOptions } from './app.ts';
export type { AppCall, AppCallState, AppCallView } from './app-call.ts';
export { AppControl } from './control-client.ts';
