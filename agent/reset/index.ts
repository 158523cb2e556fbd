export { finishReset, type ResetOrder, resetFolder } from './reset-folder.ts';
export { type ResetTools, type ResetView, resetTools } from './reset-tools.ts';
